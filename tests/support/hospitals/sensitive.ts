import { whole } from '../../../server/demo/random.ts'
import type { FhirResource } from '../../../shared/contract/fhir.ts'
import type { SensitiveClass } from '../../../shared/policy/profile.ts'
import {
  atc,
  base64,
  coded,
  type Drawn,
  icd10,
  instantOf,
  local,
  loinc,
  make,
  narrative,
  type Row,
  refTo,
  rxnorm,
  said,
  section,
  snomed,
  whenOf,
} from './draft.ts'
import { observation, panel } from './laboratory.ts'
import { visit } from './ordinary.ts'
import { choose, classes, type Draft, diagnosis, plainRow, positive, report, result, taken, treatment } from './pieces.ts'
import terms from './terms.json' with { type: 'json' }

/** What a case adds, and how it changes an ordinary record: `touch` is what a hospital without the case never wrote. */
export interface Case {
  disguise: string
  about: SensitiveClass | 'unknown'
  resources: FhirResource[]
  touch?: { type: string; change: (ordinary: FhirResource) => FhirResource }
}

type Disguise = (draft: Draft) => Omit<Case, 'disguise' | 'about'> & { about?: Case['about'] }

const word = (draft: Draft) => choose(draft, 'word', [...draft.words.zh, ...draft.words.en, ...draft.words.hant])
const ordinaryTitle = (draft: Draft) => choose(draft, 'title', ['检验报告', '门诊病历', '随访记录'])

/** Ways in which a record tells something sensitive; each is one that real systems write. */
const disguises: Record<string, Disguise> = {
  'LOINC alone': (draft) => ({ resources: [result(draft, coded(loinc, choose(draft, 'code', draft.words.loinc)))] }),
  'ICD-10 alone': (draft) => ({ resources: [diagnosis(draft, coded(icd10, choose(draft, 'code', draft.words.icd)))] }),
  'SNOMED CT alone': (draft) => ({ resources: [diagnosis(draft, coded(snomed, choose(draft, 'code', draft.words.snomed)))] }),
  'Chinese text': (draft) => ({ resources: [result(draft, said(choose(draft, 'word', draft.words.zh)))] }),
  'English text': (draft) => ({ resources: [result(draft, said(choose(draft, 'word', draft.words.en)))] }),
  'traditional text': (draft) => ({ resources: [result(draft, said(choose(draft, 'word', draft.words.hant)))] }),
  'display of a local code': (draft) => ({ resources: [result(draft, coded(`${local}/item`, 'A0417', word(draft)))] }),
  narrative: (draft) => ({
    resources: [
      report(draft, ordinaryTitle(draft), { text: narrative(choose(draft, 'note', draft.words.notes)) }),
      result(draft, said('白蛋白'), {
        valueQuantity: { value: 44, unit: 'g/L' },
        text: narrative(choose(draft, 'note 2', draft.words.notes)),
      }),
    ],
  }),
  attachment: (draft) => ({
    resources: [
      taken(draft, 'DocumentReference', 'document', {
        status: 'current',
        type: said(ordinaryTitle(draft)),
        date: instantOf(draft.drawn, draft.purpose),
        content: [{ attachment: { contentType: 'text/plain', data: base64(choose(draft, 'note', draft.words.notes)) } }],
      }),
      report(draft, '胸部CT平扫', {
        category: section('RAD'),
        presentedForm: [{ contentType: 'text/plain; charset=utf-8', data: base64(choose(draft, 'note 2', draft.words.notes)) }],
      }),
    ],
  }),
  'attachment in HTML': (draft) => ({
    resources: [
      report(draft, ordinaryTitle(draft), {
        presentedForm: [
          {
            contentType: 'text/html',
            data: base64(`<html><body><p>${choose(draft, 'word', draft.words.hant)}：陽性</p></body></html>`),
          },
        ],
      }),
    ],
  }),
  'attachment in PDF': (draft) => ({
    resources: [
      report(draft, ordinaryTitle(draft), {
        presentedForm: [
          { contentType: 'application/pdf', data: base64(pdf(`${choose(draft, 'word', draft.words.en)}: positive`)) },
        ],
      }),
    ],
  }),
  conclusion: (draft) => ({
    resources: [report(draft, ordinaryTitle(draft), { conclusion: choose(draft, 'note', draft.words.notes) })],
  }),
  'note of an ordinary test': (draft) => ({
    resources: [
      observation(draft.drawn, draft.purpose, plainRow, { note: [{ text: choose(draft, 'note', draft.words.notes) }] }),
    ],
  }),
  'security label': (draft) => {
    const { security } = draft.words
    const system = `http://terminology.hl7.org/CodeSystem/v3-${security === 'R' ? 'Confidentiality' : 'ActCode'}`
    const meta = { security: [{ system, code: security }] }
    return { resources: [observation(draft.drawn, draft.purpose, plainRow, { meta })] }
  },
  'kind of panel': (draft) => {
    const { drawn, purpose } = draft
    const members = [
      result(draft, said('定性结果'), positive, '/1'),
      observation(drawn, `${purpose}/2`, plainRow),
      result(draft, said(word(draft)), positive, '/3'),
    ]
    return { resources: [report(draft, choose(draft, 'panel', draft.words.panels), { result: members.map(refTo) }), ...members] }
  },
  'kind of panel without a report': (draft) => {
    const members = [result(draft, said('定性结果'), positive, '/1'), observation(draft.drawn, `${draft.purpose}/2`, plainRow)]
    const head = result(draft, said(choose(draft, 'panel', draft.words.panels)), { hasMember: members.map(refTo) }, '/head')
    return { resources: [...members, head] }
  },
  component: (draft) => ({
    resources: [
      result(draft, said('综合检测'), {
        component: [
          { code: said('样本量'), valueString: '2 mL' },
          { code: said(word(draft)), ...positive },
        ],
      }),
    ],
  }),
  'department of a visit': (draft) => {
    const { drawn, purpose } = draft
    const encounter = visit(drawn, purpose, { serviceType: said(choose(draft, 'department', draft.words.departments)) })
    return { resources: [encounter, ...panel(drawn, `${purpose}/panel`, { encounter: refTo(encounter) })] }
  },
  'reason of a visit': (draft) => {
    const { drawn, purpose } = draft
    const reason = choose(draft, 'reason', [coded(icd10, choose(draft, 'code', draft.words.icd)), said(word(draft))])
    const encounter = visit(drawn, purpose, { reasonCode: [reason] })
    const vital = observation(drawn, `${purpose}/vital`, terms.ordinary.vitals[0] as unknown as Row, {
      encounter: refTo(encounter),
    })
    return { resources: [encounter, vital] }
  },
  order: (draft) => {
    const order = taken(draft, 'ServiceRequest', 'order', {
      intent: 'order',
      code: said(word(draft)),
      authoredOn: whenOf(draft.drawn, draft.purpose),
    })
    const basedOn = { basedOn: [refTo(order)] }
    return {
      resources: [
        report(draft, ordinaryTitle(draft), basedOn),
        result(draft, said('定性结果'), { ...positive, ...basedOn }, '/1'),
        order,
      ],
    }
  },
  'drug by ATC alone': (draft) => ({
    resources: treatment(draft, coded(atc, choose(draft, 'drug', draft.words.drugs)[0] ?? '')),
  }),
  'drug in Chinese': (draft) => ({ resources: treatment(draft, said(choose(draft, 'drug', draft.words.drugs)[1] ?? '')) }),
  'drug in English': (draft) => ({ resources: treatment(draft, said(choose(draft, 'drug', draft.words.drugs)[2] ?? ''), true) }),
  'drug by RxNorm alone': (draft) => ({ resources: treatment(draft, coded(rxnorm, choose(draft, 'rx', draft.words.rxnorm))) }),
  proxy: (draft) => {
    const [code = '', name = '', about = ''] = choose(draft, 'proxy', terms.proxies)
    const concept = code === '' ? said(name) : choose(draft, 'form', [coded(loinc, code), { ...coded(loinc, code), text: name }])
    return {
      about: about as SensitiveClass,
      resources: [result(draft, concept, { valueQuantity: { value: 0.62, unit: 'mmol/L' } })],
    }
  },
  'unknown local code': (draft) => {
    const [code = '', name = ''] = choose(draft, 'unknown', terms.unknown)
    return { about: 'unknown', resources: [result(draft, { ...coded(`${local}/private`, code), text: name })] }
  },
  procedure: (draft) => ({
    resources: [
      taken(draft, 'Procedure', 'procedure', { code: said(word(draft)), performedDateTime: whenOf(draft.drawn, draft.purpose) }),
    ],
  }),
  claim: (draft) => ({
    resources: [
      make(draft.drawn, draft.purpose, 'Claim', {
        status: 'active',
        type: coded('http://terminology.hl7.org/CodeSystem/claim-type', 'professional'),
        use: 'claim',
        patient: draft.drawn.patient,
        created: whenOf(draft.drawn, draft.purpose),
        provider: { display: '广州市某医院' },
        priority: coded('http://terminology.hl7.org/CodeSystem/processpriority', 'normal'),
        insurance: [{ sequence: 1, focal: true, coverage: { display: '职工医保' } }],
        diagnosis: [{ sequence: 1, diagnosisCodeableConcept: coded(icd10, choose(draft, 'code', draft.words.icd)) }],
        item: [
          {
            sequence: 1,
            productOrService: said(word(draft)),
            net: { value: whole(`${draft.drawn.key}/${draft.purpose}/net`, 20, 900), currency: 'CNY' },
          },
        ],
      }),
    ],
  }),
  'member of an ordinary panel': (draft) => {
    const member = result(draft, said(word(draft)))
    return { resources: [member], touch: { type: 'DiagnosticReport', change: (one) => listed(one, 'result', member, draft) } }
  },
  'diagnosis of an ordinary visit': (draft) => {
    const condition = diagnosis(draft, said(word(draft)))
    const diagnosed = { condition: refTo(condition) }
    return { resources: [condition], touch: { type: 'Encounter', change: (one) => ({ ...one, diagnosis: [diagnosed] }) } }
  },
  'reason of an ordinary drug': (draft) => {
    const condition = diagnosis(draft, coded(snomed, choose(draft, 'code', draft.words.snomed)))
    return {
      resources: [condition],
      touch: { type: 'MedicationRequest', change: (one) => listed(one, 'reasonReference', condition, draft) },
    }
  },
}

/** A page with one line of Latin text, written as plainly as PDF allows. */
function pdf(line: string): string {
  const stream = `BT /F1 12 Tf 72 720 Td (${line.replaceAll(/[()\\]/gu, '\\$&')}) Tj ET`
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ]
  let file = '%PDF-1.4\n'
  const starts = objects.map((object, index) => {
    const start = file.length
    file += `${index + 1} 0 obj\n${object}\nendobj\n`
    return `${String(start).padStart(10, '0')} 00000 n \n`
  })
  return `${file}xref\n0 6\n0000000000 65535 f \n${starts.join('')}trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n${file.length}\n%%EOF\n`
}

/** With a reference more, at a drawn place of the list. */
function listed(ordinary: FhirResource, element: string, hidden: FhirResource, { drawn, purpose }: Draft): FhirResource {
  const before = Array.isArray(ordinary[element]) ? (ordinary[element] as unknown[]) : []
  const place = whole(`${drawn.key}/${purpose}/place`, 0, before.length)
  return { ...ordinary, [element]: [...before.slice(0, place), refTo(hidden), ...before.slice(place)] }
}

export const disguiseNames = Object.keys(disguises)

/** Not every class has a code of every kind: penicillin by its ATC code is an ordinary drug. */
function fits(name: string, about: SensitiveClass): boolean {
  if (name === 'drug by RxNorm alone') return classes[about].rxnorm.length > 0
  if (name === 'drug by ATC alone') return about !== 'STD' && about !== 'GENETIC'
  return true
}

export function caseOf(drawn: Drawn, index: number, about: SensitiveClass, disguise: string): Case {
  const names = fits(disguise, about) ? disguise : 'drug in Chinese'
  const made = disguises[names]
  if (made === undefined) throw new Error(`no disguise ${names}`)
  return { disguise: names, about, ...made({ drawn, purpose: `sensitive ${index}`, words: classes[about], about }) }
}
