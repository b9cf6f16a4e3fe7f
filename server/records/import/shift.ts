import type { FhirResource } from '../../../shared/contract/fhir.ts'
import { readDate } from './dates.ts'

/**
 * Every element that R4 types as date, dateTime or instant, but `value` (ValueSet parameters; elsewhere a string or number).
 * `start`, `end`, `event` and `when` are other things in places; there they are no strings in a date's form.
 */
const dateElements = new Set(
  `abatementDateTime answerDate answerDateTime approvalDate authored authoredOn birthDate bornDate collectedDateTime created
  createdDateTime creation date dateAsserted dateDateTime dateOfFirstAuthorization dateTime dateWritten deceasedDate
  deceasedDateTime defaultValueDate defaultValueDateTime defaultValueInstant detected dueDate effectiveDate effectiveDateTime
  effectiveInstant effectiveTime end enteredDate event expirationDate expiry fixedDate fixedDateTime fixedInstant
  identifiedDateTime internationalBirthDate issued lastModified lastOccurrence lastPerformed lastReviewDate lastUpdated
  lockedDate manufactureDate maxValueDate maxValueDateTime maxValueInstant minValueDate minValueDateTime minValueInstant
  nextScheduled occurredDateTime occurrenceDateTime onset onsetDateTime participantEffectiveDateTime patternDate
  patternDateTime patternInstant paymentDate performedDateTime presentationDate publicationDate received receivedTime
  recorded recordedDate recordedOn releaseDate restoreDate sent servicedDate start startDate started statusDate
  studyEffectiveDateTime time timeDateTime timestamp timingDate timingDateTime validTo validationDate valueDate
  valueDateTime valueInstant verificationDate when whenHandedOver whenPrepared`.split(/\s+/),
)

/** What happened to a patient, in the order in which a type's own time is most telling. */
const clinical = [
  'effectiveDateTime',
  'effectiveInstant',
  'effectivePeriod',
  'issued',
  'authoredOn',
  'authored',
  'performedDateTime',
  'performedPeriod',
  'occurrenceDateTime',
  'occurrencePeriod',
  'onsetDateTime',
  'onsetPeriod',
  'abatementDateTime',
  'recordedDate',
  'started',
  'date',
  'dateTime',
  'dateAsserted',
  'dateWritten',
  'whenPrepared',
  'whenHandedOver',
  'sent',
  'received',
  'created',
  'createdDateTime',
  'createdPeriod',
  'receivedTime',
  'lastOccurrence',
  'period',
  'billablePeriod',
]

/** Plans and contracts: their dates lie ahead, and say nothing of when something was found. */
const ahead = new Set([
  'Patient',
  'RelatedPerson',
  'Coverage',
  'Account',
  'Consent',
  'Appointment',
  'ImmunizationRecommendation',
  'Goal',
])

const dayLength = 86_400_000

/** A copy with every date moved by whole days: clock, zone and precision stay as they were written. */
export function shiftDates(resource: FhirResource, days: number): FhirResource {
  return moved(resource, days, '') as FhirResource
}

function moved(value: unknown, days: number, name: string): unknown {
  if (typeof value === 'string') return dateElements.has(name) ? movedDate(value, days) : value
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => moved(item, days, name))
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, moved(inner, days, key)]))
}

function movedDate(text: string, days: number): string {
  const parts = readDate(text)
  if (parts === null) return text
  // A month or a year moves by its middle, so that on the whole it lands where its days would.
  const month = (parts.month ?? 7) - 1
  const day = parts.day ?? (parts.month === null ? 1 : 15)
  const from = new Date(0).setUTCFullYear(parts.year, month, day)
  const iso = new Date(from + days * dayLength).toISOString()
  if (!/^\d{4}-/.test(iso)) return text
  return iso.slice(0, parts.month === null ? 4 : parts.day === null ? 7 : 10) + (parts.time ?? '')
}

/** The day, as written, of the newest date on which something was done or found; null where the record has none. */
export function newestClinicalDate(resource: FhirResource): string | null {
  if (ahead.has(resource.resourceType)) return null
  const days = clinical.flatMap((element) => dayOf(resource[element], resource.resourceType))
  return days.sort().at(-1) ?? null
}

function dayOf(value: unknown, type: string): string[] {
  if (typeof value === 'string') {
    const parts = readDate(value)
    if (parts === null) return []
    return [
      [parts.year, parts.month ?? 1, parts.day ?? 1]
        .map((part, index) => String(part).padStart(index === 0 ? 4 : 2, '0'))
        .join('-'),
    ]
  }
  if (typeof value !== 'object' || value === null) return []
  const { start, end } = value as { start?: unknown; end?: unknown }
  // A care plan's end is a hope; a stay's or a test's end is when it was over.
  return [
    ...dayOf(start, type),
    ...(type === 'CarePlan' || type === 'CareTeam' || type === 'EpisodeOfCare' ? [] : dayOf(end, type)),
  ]
}
