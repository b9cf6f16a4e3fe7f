import { Buffer } from 'node:buffer'
import type { FhirResource } from '../../shared/contract/fhir.ts'
import type { Act } from './chart.ts'
import drugData from './drugs.json' with { type: 'json' }
import info from './hospital.json' with { type: 'json' }
import { localCodes, type Setting, type Subject } from './laboratory.ts'
import { idOf } from './random.ts'
import textData from './texts.json' with { type: 'json' }
import { later } from './time.ts'

interface Written {
  kind: string
  title: string
  loinc?: string
  code: string
  place: string
  findings: string
  conclusion?: string
}

interface Drug {
  name: string
  atc: string
  dose: string
  quantity: number
  unit: string
  days: number
}

const { headings } = info
const texts = textData as Record<string, Written>
const drugs = drugData as Record<string, Drug>

const codeOf = (written: Written) => ({
  coding: [
    ...(written.loinc === undefined ? [] : [{ system: 'http://loinc.org', code: written.loinc }]),
    { system: `${localCodes}/report`, code: written.code, display: written.title },
  ],
  text: written.title,
})

const attachment = (text: string, title: string) => ({
  contentType: 'text/plain; charset=utf-8',
  language: 'zh-CN',
  data: Buffer.from(text, 'utf8').toString('base64'),
  title,
})

/** An imaging or pathology report, or a document of the chart. */
export function writtenOf(subject: Subject, setting: Setting, act: Act, at: string): FhirResource {
  const written = texts[act.text ?? '']
  if (written === undefined) throw new Error(`no text ${act.text}`)
  const id = idOf(`${subject.seed}/${setting.visit}/${act.text}`)
  if (written.kind === 'document')
    return {
      resourceType: 'DocumentReference',
      id,
      status: 'current',
      docStatus: 'final',
      type: codeOf(written),
      subject: { reference: subject.reference },
      date: at,
      author: [{ display: written.place }],
      content: [{ attachment: attachment(written.findings, written.title) }],
      context: { encounter: [{ reference: setting.encounter }] },
    }
  return {
    resourceType: 'DiagnosticReport',
    id,
    status: 'final',
    category: [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0074', code: written.kind === 'imaging' ? 'RAD' : 'PAT' }] },
    ],
    code: codeOf(written),
    subject: { reference: subject.reference },
    encounter: { reference: setting.encounter },
    effectiveDateTime: at,
    issued: later(at, 70),
    performer: [{ display: written.place }],
    ...(setting.basedOn !== undefined && { basedOn: [{ reference: setting.basedOn }] }),
    conclusion: written.conclusion,
    presentedForm: [
      attachment(`${headings.findings}${written.findings}\n${headings.conclusion}${written.conclusion}`, written.title),
    ],
  }
}

/** What was ordered, in the words of its report. */
export function orderOf(subject: Subject, setting: Setting, act: Act, at: string): FhirResource {
  const written = texts[act.text ?? '']
  if (written === undefined) throw new Error(`no text ${act.text}`)
  return {
    resourceType: 'ServiceRequest',
    id: idOf(`${subject.seed}/${setting.visit}/${act.text}/order`),
    status: 'completed',
    intent: 'order',
    code: codeOf(written),
    subject: { reference: subject.reference },
    encounter: { reference: setting.encounter },
    authoredOn: at,
  }
}

/** A prescription and, where it was filled, its dispensing ten minutes later. */
export function drugsOf(subject: Subject, setting: Setting, act: Act, at: string): FhirResource[] {
  const drug = drugs[act.drug ?? '']
  if (drug === undefined) throw new Error(`no drug ${act.drug}`)
  const place = `${subject.seed}/${setting.visit}/${act.drug}`
  const shared = {
    medicationCodeableConcept: { coding: [{ system: 'http://www.whocc.no/atc', code: drug.atc }], text: drug.name },
    subject: { reference: subject.reference },
  }
  const amount = { value: drug.quantity, unit: drug.unit }
  const days = { value: drug.days, unit: 'd', system: 'http://unitsofmeasure.org', code: 'd' }
  const request: FhirResource = {
    resourceType: 'MedicationRequest',
    id: idOf(place),
    status: 'completed',
    intent: 'order',
    ...shared,
    encounter: { reference: setting.encounter },
    authoredOn: at,
    dosageInstruction: [{ text: drug.dose }],
    dispenseRequest: { quantity: amount, expectedSupplyDuration: days },
  }
  if (!act.dispensed) return [request]
  const dispense: FhirResource = {
    resourceType: 'MedicationDispense',
    id: idOf(`${place}/dispense`),
    status: 'completed',
    ...shared,
    authorizingPrescription: [{ reference: `urn:uuid:${request.id}` }],
    quantity: amount,
    whenHandedOver: later(at, 10),
    dosageInstruction: [{ text: drug.dose }],
  }
  return [request, dispense]
}
