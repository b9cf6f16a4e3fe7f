import { fraction, pick, whole } from '../../../server/demo/random.ts'
import type { FhirResource } from '../../../shared/contract/fhir.ts'
import {
  atc,
  base64,
  chance,
  coded,
  type Drawn,
  effective,
  icd10,
  instantOf,
  laboratory,
  loinc,
  make,
  narrative,
  type Row,
  refTo,
  said,
  section,
  status,
  vitalSigns,
  whenOf,
} from './draft.ts'
import { type Encounter, observation, panel, rows, someTests } from './laboratory.ts'
import terms from './terms.json' with { type: 'json' }

const words = terms.ordinary

type Kind = (drawn: Drawn, purpose: string, encounter: Encounter) => FhirResource[]

function written(drawn: Drawn, purpose: string, encounter: Encounter, kind: 'RAD' | 'PAT'): FhirResource {
  const [title = '', findings = '', conclusion = ''] = pick(
    `${drawn.key}/${purpose}/text`,
    kind === 'RAD' ? words.imaging : words.pathology,
  )
  return make(drawn, purpose, 'DiagnosticReport', {
    status: status(drawn, purpose),
    category: section(kind),
    code: said(title),
    subject: drawn.patient,
    ...encounter,
    ...effective(drawn, purpose),
    ...(chance(`${drawn.key}/${purpose}/conclusion`, 0.8) && { conclusion }),
    ...(chance(`${drawn.key}/${purpose}/form`, 0.6) && {
      presentedForm: [{ contentType: 'text/plain; charset=utf-8', data: base64(`${findings}\n${conclusion}`), title }],
    }),
    ...(chance(`${drawn.key}/${purpose}/narrative`, 0.3) && { text: narrative(findings) }),
  })
}

/** The medicine in the request, contained in it, or a resource of its own; with dispensing and administration. */
function prescription(drawn: Drawn, purpose: string, encounter: Encounter): FhirResource[] {
  const at = `${drawn.key}/${purpose}`
  const [code = '', name = '', english = ''] = pick(`${at}/drug`, words.drugs)
  const concept = { ...coded(atc, code), text: chance(`${at}/english`, 0.25) ? english : name }
  const form = fraction(`${at}/form`)
  const medication = make(drawn, `${purpose}/medication`, 'Medication', { code: concept })
  const apart = form >= 0.6
  const which =
    form < 0.4
      ? { medicationCodeableConcept: concept }
      : { medicationReference: apart ? refTo(medication) : { reference: '#med' } }
  const when = whenOf(drawn, purpose)
  const request = make(drawn, purpose, 'MedicationRequest', {
    ...(form >= 0.4 && !apart && { contained: [{ resourceType: 'Medication', id: 'med', code: concept }] }),
    status: pick(`${at}/status`, ['active', 'completed', 'completed', 'stopped']),
    intent: 'order',
    ...which,
    subject: drawn.patient,
    ...encounter,
    authoredOn: when,
    dosageInstruction: [{ text: '每次1片，每日1次，口服' }],
  })
  const same = apart ? { medicationReference: refTo(medication) } : { medicationCodeableConcept: concept }
  const dispense = make(drawn, `${purpose}/dispense`, 'MedicationDispense', {
    status: 'completed',
    ...same,
    subject: drawn.patient,
    authorizingPrescription: [refTo(request)],
    quantity: { value: 28, unit: '片' },
    whenHandedOver: when,
  })
  const administration = make(drawn, `${purpose}/administration`, 'MedicationAdministration', {
    status: 'completed',
    ...same,
    subject: drawn.patient,
    request: refTo(request),
    effectiveDateTime: when,
  })
  return [
    ...(apart ? [medication] : []),
    request,
    ...(chance(`${at}/dispensed`, 0.6) ? [dispense] : []),
    ...(chance(`${at}/administered`, 0.3) ? [administration] : []),
  ]
}

const kinds: Record<string, Kind> = {
  panel,
  'second panel': panel,
  observation: (drawn, purpose, encounter) => [
    observation(drawn, purpose, pick(`${drawn.key}/${purpose}/test`, rows), encounter),
  ],
  vital: (drawn, purpose, encounter) => [
    observation(drawn, purpose, pick(`${drawn.key}/${purpose}/vital`, words.vitals as unknown as Row[]), {
      ...encounter,
      category: vitalSigns,
    }),
  ],
  'blood pressure': (drawn, purpose, encounter) => [
    make(drawn, purpose, 'Observation', {
      status: 'final',
      category: vitalSigns,
      code: { ...coded(loinc, '85354-9'), text: '血压' },
      subject: drawn.patient,
      ...encounter,
      ...effective(drawn, purpose),
      component: [
        {
          code: coded(loinc, '8480-6', '收缩压'),
          valueQuantity: { value: whole(`${drawn.key}/${purpose}/s`, 95, 160), unit: 'mmHg' },
        },
        {
          code: coded(loinc, '8462-4', '舒张压'),
          valueQuantity: { value: whole(`${drawn.key}/${purpose}/d`, 55, 98), unit: 'mmHg' },
        },
      ],
    }),
  ],
  'panel without a report': (drawn, purpose, encounter) => {
    const members = someTests(drawn, purpose, 3).map((row, index) => observation(drawn, `${purpose}/${index}`, row, encounter))
    const head = make(drawn, purpose, 'Observation', {
      status: 'final',
      category: laboratory,
      code: said(pick(`${drawn.key}/${purpose}/title`, words.panels)),
      subject: drawn.patient,
      ...encounter,
      ...effective(drawn, purpose),
      hasMember: members.map(refTo),
    })
    return [...members, head]
  },
  imaging: (drawn, purpose, encounter) => [written(drawn, purpose, encounter, 'RAD')],
  pathology: (drawn, purpose, encounter) => [written(drawn, purpose, encounter, 'PAT')],
  document: (drawn, purpose, encounter) => {
    const note = pick(`${drawn.key}/${purpose}/note`, words.notes)
    return [
      make(drawn, purpose, 'DocumentReference', {
        status: 'current',
        type: { ...coded(loinc, '34108-1'), text: '门诊病历' },
        subject: drawn.patient,
        date: instantOf(drawn, purpose),
        ...(chance(`${drawn.key}/${purpose}/narrative`, 0.4) && { text: narrative(note) }),
        content: [{ attachment: { contentType: 'text/plain', data: base64(note) } }],
        ...(encounter.encounter && { context: { encounter: [encounter.encounter] } }),
      }),
    ]
  },
  prescription,
  'second prescription': prescription,
  condition: (drawn, purpose, encounter) => {
    const [code = '', name = ''] = pick(`${drawn.key}/${purpose}/condition`, words.conditions)
    return [
      make(drawn, purpose, 'Condition', {
        code: { ...coded(icd10, code), text: name },
        subject: drawn.patient,
        ...encounter,
        recordedDate: whenOf(drawn, purpose),
      }),
    ]
  },
  order: (drawn, purpose, encounter) => {
    const report = written(drawn, purpose, encounter, 'RAD')
    const order = make(drawn, `${purpose}/order`, 'ServiceRequest', {
      status: 'completed',
      intent: 'order',
      code: report.code,
      subject: drawn.patient,
      ...encounter,
      authoredOn: whenOf(drawn, purpose),
    })
    return [{ ...report, basedOn: [refTo(order)] }, order]
  },
  claim: (drawn, purpose) => [
    make(drawn, purpose, 'Claim', {
      status: 'active',
      type: coded('http://terminology.hl7.org/CodeSystem/claim-type', 'professional'),
      use: 'claim',
      patient: drawn.patient,
      created: whenOf(drawn, purpose),
      provider: { display: '广州市某医院' },
      priority: coded('http://terminology.hl7.org/CodeSystem/processpriority', 'normal'),
      insurance: [{ sequence: 1, focal: true, coverage: { display: '职工医保' } }],
      item: [1, 2].map((sequence) => ({
        sequence,
        productOrService: said(pick(`${drawn.key}/${purpose}/fee/${sequence}`, words.fees)),
        net: { value: whole(`${drawn.key}/${purpose}/net/${sequence}`, 5, 400), currency: 'CNY' },
      })),
    }),
  ],
  procedure: (drawn, purpose, encounter) => [
    make(drawn, purpose, 'Procedure', {
      status: 'completed',
      code: said(pick(`${drawn.key}/${purpose}/procedure`, words.procedures)),
      subject: drawn.patient,
      ...encounter,
      performedDateTime: whenOf(drawn, purpose),
    }),
  ],
}

export function visit(drawn: Drawn, purpose: string, more: Record<string, unknown> = {}): FhirResource {
  const start = whenOf(drawn, purpose)
  return make(drawn, purpose, 'Encounter', {
    status: 'finished',
    class: {
      system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
      code: pick(`${drawn.key}/${purpose}/class`, ['AMB', 'AMB', 'IMP', 'EMER']),
    },
    serviceType: said(pick(`${drawn.key}/${purpose}/department`, words.departments)),
    subject: drawn.patient,
    period: { start },
    ...more,
  })
}

/** Ordinary records: every kind at least once, some twice. No draw depends on another record. */
export function ordinaryRecords(drawn: Drawn): FhirResource[] {
  const visits = [0, 1, 2].map((index) => visit(drawn, `visit ${index}`))
  const names = Object.keys(kinds)
  const again = [0, 1, 2, 3].map((index) => pick(`${drawn.key}/again/${index}`, names))
  const records = [...names, ...again].flatMap((name, index) => {
    const purpose = `ordinary ${index} ${name}`
    const at = whole(`${drawn.key}/${purpose}/visit`, 0, 5)
    const encounter = visits[at]
    return kinds[name]?.(drawn, purpose, encounter === undefined ? {} : { encounter: refTo(encounter) }) ?? []
  })
  return [...visits, ...records]
}
