import { pick } from '../../../server/demo/random.ts'
import type { FhirCodeableConcept, FhirResource } from '../../../shared/contract/fhir.ts'
import type { SensitiveClass } from '../../../shared/policy/profile.ts'
import { type Drawn, effective, laboratory, make, type Row, refTo, said, section, whenOf } from './draft.ts'
import terms from './terms.json' with { type: 'json' }

export interface Words {
  loinc: string[]
  icd: string[]
  snomed: string[]
  drugs: string[][]
  rxnorm: string[]
  zh: string[]
  en: string[]
  hant: string[]
  panels: string[]
  departments: string[]
  security: string
  notes: string[]
}

export const classes = terms.classes as Record<SensitiveClass, Words>
export const plainRow = terms.ordinary.tests[3] as unknown as Row
export const positive = { valueCodeableConcept: said('阳性') }

export interface Draft {
  drawn: Drawn
  purpose: string
  words: Words
  about: SensitiveClass
}

export const choose = <T>({ drawn, purpose }: Draft, what: string, from: readonly T[]): T =>
  pick(`${drawn.key}/${purpose}/${what}`, from)

/** A result of which only the code, or only one text, tells what it is. */
export const result = (
  { drawn, purpose }: Draft,
  code: FhirCodeableConcept,
  more: Record<string, unknown> = positive,
  name = '',
) =>
  make(drawn, `${purpose}${name}`, 'Observation', {
    status: 'final',
    category: laboratory,
    code,
    subject: drawn.patient,
    ...effective(drawn, purpose),
    ...more,
  })

export const diagnosis = ({ drawn, purpose }: Draft, code: FhirCodeableConcept) =>
  make(drawn, `${purpose}/condition`, 'Condition', { code, subject: drawn.patient, recordedDate: whenOf(drawn, purpose) })

export const report = ({ drawn, purpose }: Draft, title: string, more: Record<string, unknown>) =>
  make(drawn, `${purpose}/report`, 'DiagnosticReport', {
    status: 'final',
    category: section('LAB'),
    code: said(title),
    subject: drawn.patient,
    ...effective(drawn, purpose),
    ...more,
  })

export const taken = ({ drawn, purpose }: Draft, type: string, name: string, more: Record<string, unknown>) =>
  make(drawn, `${purpose}/${name}`, type, { status: 'completed', subject: drawn.patient, ...more })

/** A prescription, its dispensing and its administration; the last two name the drug only by reference. */
export function treatment(draft: Draft, code: FhirCodeableConcept, contained = false): FhirResource[] {
  const { drawn, purpose } = draft
  const medication = make(drawn, `${purpose}/medication`, 'Medication', { code })
  const request = taken(draft, 'MedicationRequest', 'request', {
    intent: 'order',
    ...(contained
      ? { contained: [{ resourceType: 'Medication', id: 'm1', code }], medicationReference: { reference: '#m1' } }
      : { medicationReference: refTo(medication) }),
    authoredOn: whenOf(drawn, purpose),
    dosageInstruction: [{ text: '每次1片，每日1次，口服' }],
  })
  const dispense = taken(draft, 'MedicationDispense', 'dispense', {
    medicationReference: refTo(medication),
    authorizingPrescription: [refTo(request)],
    whenHandedOver: whenOf(drawn, purpose),
  })
  const administration = taken(draft, 'MedicationAdministration', 'administration', {
    medicationReference: refTo(medication),
    request: refTo(request),
    effectiveDateTime: whenOf(drawn, purpose),
  })
  return [medication, request, dispense, administration]
}
