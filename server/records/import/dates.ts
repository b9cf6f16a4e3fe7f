/** A FHIR date, dateTime or instant in its parts: `time` holds clock and zone as written, null for a day or less. */
export interface DateParts {
  year: number
  month: number | null
  day: number | null
  time: string | null
}

const form =
  /^(\d{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01])(T(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d{1,9})?(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00)))?)?)?$/

/** Null where the text is no FHIR date or no day of the calendar. */
export function readDate(text: string): DateParts | null {
  const found = form.exec(text)
  if (found === null) return null
  const [, year, month, day, time] = found
  const parts = { year: Number(year), month: month ? Number(month) : null, day: day ? Number(day) : null, time: time ?? null }
  if (parts.month !== null && parts.day !== null && parts.day > daysIn(parts.year, parts.month)) return null
  return parts
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}
