import type { FhirCodeableConcept, FhirResource } from '../../shared/contract/fhir.ts'

/** The elements composing reads, in the types that checkShape has proved for every stored resource. */
export interface Quantity {
  value?: number
  comparator?: string
  unit?: string
  system?: string
  code?: string
}

export interface Reference {
  reference?: string
  type?: string
  display?: string
}

export interface Period {
  start?: string
  end?: string
}

export interface Range {
  low?: Quantity
  high?: Quantity
}

export interface Ratio {
  numerator?: Quantity
  denominator?: Quantity
}

export interface Values {
  valueQuantity?: Quantity
  valueCodeableConcept?: FhirCodeableConcept
  valueString?: string
  valueBoolean?: boolean
  valueInteger?: number
  valueRange?: Range
  valueRatio?: Ratio
  valueSampledData?: { data?: string }
  valueTime?: string
  valueDateTime?: string
  valuePeriod?: Period
  dataAbsentReason?: FhirCodeableConcept
}

export interface ReferenceRange extends Range {
  type?: FhirCodeableConcept
  appliesTo?: FhirCodeableConcept[]
  age?: Range
  text?: string
}

export interface Measured extends Values {
  code: FhirCodeableConcept
  interpretation?: FhirCodeableConcept[]
  referenceRange?: ReferenceRange[]
}

export interface Timed {
  effectiveDateTime?: string
  effectivePeriod?: Period
  effectiveInstant?: string
  effectiveTiming?: { event?: (string | null)[] }
  issued?: string
}

export interface Annotation {
  text?: string
}

export interface Observation extends Measured, Timed {
  id?: string
  status?: string
  category?: FhirCodeableConcept[]
  performer?: Reference[]
  component?: Measured[]
  hasMember?: Reference[]
  note?: Annotation[]
}

export interface Attachment {
  contentType?: string
  data?: string
  title?: string
}

export interface Container extends Observation {
  resourceType: string
  contained?: FhirResource[]
  text?: { status?: string; div?: string }
  /** DiagnosticReport */
  result?: Reference[]
  conclusion?: string
  conclusionCode?: FhirCodeableConcept[]
  presentedForm?: Attachment[]
  /** DocumentReference */
  docStatus?: string
  type?: FhirCodeableConcept
  date?: string
  description?: string
  custodian?: Reference
  content?: { attachment?: Attachment }[]
  context?: { period?: Period; practiceSetting?: FhirCodeableConcept }
  /** ImagingStudy */
  started?: string
  location?: Reference
  procedureCode?: FhirCodeableConcept[]
  series?: { modality?: { code?: string; display?: string }; bodySite?: { display?: string }; description?: string }[]
}

const ofAll = ['resourceType', 'id', 'status', 'text', 'contained']
const ofResult = [
  'category',
  'code',
  'effectiveDateTime',
  'effectivePeriod',
  'effectiveInstant',
  'effectiveTiming',
  'issued',
  'performer',
]
const valueElements = [
  'valueQuantity',
  'valueCodeableConcept',
  'valueString',
  'valueBoolean',
  'valueInteger',
  'valueRange',
  'valueRatio',
  'valueSampledData',
  'valueTime',
  'valueDateTime',
  'valuePeriod',
]
const elements = new Map<string, string[]>(
  Object.entries({
    DiagnosticReport: [...ofResult, 'result', 'conclusion', 'conclusionCode', 'presentedForm'],
    Observation: [
      ...ofResult,
      ...valueElements,
      'dataAbsentReason',
      'interpretation',
      'referenceRange',
      'component',
      'hasMember',
      'note',
    ],
    DocumentReference: ['category', 'docStatus', 'type', 'date', 'description', 'custodian', 'content', 'context'],
    ImagingStudy: ['started', 'location', 'procedureCode', 'series', 'description', 'note'],
  }),
)

/**
 * The elements that R4 defines for the type at hand: under the names of another type a resource may hold anything. Null for a
 * type that is no report.
 */
export function containerOf(resource: FhirResource): Container | null {
  const own = elements.get(resource.resourceType)
  if (own === undefined) return null
  return Object.fromEntries(
    [...ofAll, ...own].filter((key) => resource[key] !== undefined).map((key) => [key, resource[key]]),
  ) as unknown as Container
}

/** Whose values are judged: age counts on the day of the result. */
export interface Who {
  sex: string | null
  birthDate: string | null
}
