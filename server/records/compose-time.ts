import type { Timed } from './compose-fhir.ts'
import { readDate } from './import/dates.ts'

export interface Moment {
  /** RFC 3339 in UTC. */
  at: string
  timeKnown: boolean
}

const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known !== undefined) return known
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
  formats.set(zone, format)
  return format
}

/** Clock reading of an instant in a zone, as if it were UTC. */
function localTime(instant: number, zone: string): number {
  const parts = Object.fromEntries(
    formatOf(zone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, Number(value)]),
  )
  return Date.UTC(parts.year!, parts.month! - 1, parts.day, parts.hour, parts.minute, parts.second)
}

/** A FHIR date, dateTime or instant; what has no clock counts from midnight of its first day in the hospital's zone. */
export function momentOf(text: string | undefined, zone: string): Moment | null {
  const parts = text === undefined ? null : readDate(text)
  if (parts === null) return null
  if (parts.time !== null) {
    // Dates know no leap second.
    return { at: new Date(text!.replace(/:60(?=[.Z+-])/, ':59')).toISOString(), timeKnown: true }
  }
  const midnight = Date.UTC(parts.year, (parts.month ?? 1) - 1, parts.day ?? 1)
  // Twice, because the offset at the first guess may be that of the other side of a change of clocks.
  let instant = midnight
  for (let turn = 0; turn < 2; turn++) instant += midnight - localTime(instant, zone)
  return { at: new Date(instant).toISOString(), timeKnown: false }
}

/** When a result was true of the patient; when it was issued, if nothing else is said. */
export const effectiveMoment = (timed: Timed, zone: string) => statedMoment(timed, zone) ?? momentOf(timed.issued, zone)

/** When a result was true of the patient. */
export function statedMoment(timed: Timed, zone: string): Moment | null {
  const last = timed.effectiveTiming?.event?.findLast((event) => event !== null)
  const said =
    timed.effectiveDateTime ?? timed.effectiveInstant ?? timed.effectivePeriod?.end ?? timed.effectivePeriod?.start ?? last
  return momentOf(said, zone)
}

/** A moment as text in the hospital's zone, as precise as it was given. */
export function dateText(text: string | undefined, zone: string): string {
  const parts = text === undefined ? null : readDate(text)
  const moment = momentOf(text, zone)
  if (parts === null || moment === null) return ''
  if (!moment.timeKnown) return text!
  return new Date(localTime(Date.parse(moment.at), zone)).toISOString().slice(0, 16).replace('T', ' ')
}

/** Age in years, with fraction, on the day of `at`; null where the birth date is not known. */
export function ageAt(birthDate: string | null, at: string): number | null {
  const born = birthDate === null ? null : readDate(birthDate)
  const then = readDate(at)
  if (born === null || then === null) return null
  // Birthdays count, not days: a year of 365.25 days would be late by one in most years.
  const months = (then.year - born.year) * 12 + (then.month ?? 1) - (born.month ?? 1)
  const age = (months + ((then.day ?? 1) - (born.day ?? 1)) / 31) / 12
  return age < 0 ? null : age
}
