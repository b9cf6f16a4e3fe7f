import type { FhirCodeableConcept } from '../../shared/contract/fhir.ts'
import type { ReportKindCode } from '../../shared/contract/reports.ts'
import type { Container, Observation, Reference } from './compose-fhir.ts'
import { codingsOf, oneLine } from './compose-words.ts'

const kindCodes: [ReportKindCode, string][] = [
  [
    'vitals',
    'vital-signs 85353-1 85354-9 55284-4 8716-3 8480-6 8462-4 8867-4 9279-1 8310-5 29463-7 8302-2 39156-5 2708-6 59408-5',
  ],
  // v2-0074, LOINC's parts for categories, and LOINC's codes of whole documents.
  ['pathology', 'PAT SP CP LP7839-6 11526-1 60567-5 11529-5 22637-3 33717-0 47528-5'],
  ['imaging', 'RAD RUS RX CT NMR NMS XRC VUS OUS CUS IMG imaging LP29684-5 18748-4 18726-0 24606-6 30746-2 42148-7'],
  ['laboratory', 'LAB laboratory HM CH CG MB BLB IMM ICU MYC PAR SR TX VR URN LP29693-6 11502-2 18725-2 26436-6'],
]
const kindOfCode = new Map(kindCodes.flatMap(([kind, codes]) => codes.split(' ').map((code) => [code, kind] as const)))

const kindWords: [ReportKindCode, RegExp][] = [
  ['pathology', /病理|活检|活檢|细胞学|細胞學|组织学|組織學|patholog|biops|cytolog|histolog/i],
  [
    'imaging',
    /影像|放射|超声|超聲|彩超|B超|磁共振|核磁|(?<![a-z])(CT|MRI?)(?![a-z])|X[线線光]|胸片|造影|内镜|內鏡|胃镜|胃鏡|肠镜|腸鏡|radiolog|imaging|ultraso|x-?ray|radiograph|tomograph|mammogra|endoscop|colonoscop/i,
  ],
  ['vitals', /生命体征|生命體徵|体征|vital[- ]?signs?/i],
  [
    'laboratory',
    /检验|檢驗|化验|化驗|生化|血常规|血常規|尿常规|尿常規|便常规|肝功|肾功|免疫|微生物|laborator|hematolog|chemistry|microbiolog|panel|hemogram/i,
  ],
]

/** By category, then by code, then by words; a report that says none of it takes the kind of its lines. */
export function kindOf(container: Container, members: Observation[]): ReportKindCode {
  if (container.resourceType === 'ImagingStudy') return 'imaging'
  const categories = container.category ?? []
  const named = [container.code, container.type].filter((concept) => concept !== undefined)
  const said = byCode(categories) ?? byCode(named) ?? byWords(categories)
  if (said !== null) return said
  // Surveys and histories are words of their own kind, whatever they are named.
  const other = codingsOf(categories[0]).some(({ code }) =>
    ['survey', 'social-history', 'exam', 'procedure', 'therapy', 'activity'].includes(code ?? ''),
  )
  if (other) return 'document'
  return byWords(named) ?? kindOfLines(container, members)
}

function kindOfLines(container: Container, members: Observation[]): ReportKindCode {
  if (container.resourceType === 'DocumentReference') return 'document'
  const own = members.map((member) => byCode(member.category ?? []) ?? byCode([member.code])).find((kind) => kind !== null)
  if (own !== undefined && own !== null) return own
  const measured = [container, ...members].some(
    (one) => one.valueQuantity !== undefined || one.referenceRange !== undefined || one.interpretation !== undefined,
  )
  return measured ? 'laboratory' : 'document'
}

function byCode(concepts: FhirCodeableConcept[]): ReportKindCode | null {
  for (const coding of concepts.flatMap(codingsOf)) {
    const kind = kindOfCode.get(coding.code ?? '')
    if (kind !== undefined) return kind
  }
  return null
}

function byWords(concepts: FhirCodeableConcept[]): ReportKindCode | null {
  const said = concepts.flatMap((concept) => [concept.text, ...codingsOf(concept).map(({ display }) => display)]).join('\n')
  return kindWords.find(([, form]) => form.test(said))?.[0] ?? null
}

const department =
  /[科室部院站]$|中心|诊所|診所|\blab(s|orator)?|\bdep(artmen)?t|clinic|hospital|cent(er|re)|radiology|pathology|inc\b|ltd/i

/** The department or laboratory among those who made a report: never the name of a person. */
export function placeOf(references: (Reference | undefined)[]): string | null {
  const isPlace = ({ reference, type, display }: Reference) => {
    const kind = type ?? /(?:^|\/)([A-Z][A-Za-z]+)\//.exec(reference ?? '')?.[1]
    return kind === undefined
      ? department.test(display ?? '')
      : ['Organization', 'HealthcareService', 'Location', 'CareTeam'].includes(kind)
  }
  const place = references.find((reference) => reference?.display !== undefined && isPlace(reference))
  return oneLine(place?.display) || null
}
