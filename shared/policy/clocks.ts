/** Wall-clock parts of an instant in an IANA zone. */
interface Parts {
  year: number
  month: number
  day: number
  hour: number
  minute: number
  second: number
}

const formats = new Map<string, Intl.DateTimeFormat>()

function partsIn(zone: string, at: Date): Parts {
  let format = formats.get(zone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
    formats.set(zone, format)
  }
  const found: Record<string, number> = {}
  for (const part of format.formatToParts(at)) if (part.type !== 'literal') found[part.type] = Number(part.value)
  return found as unknown as Parts
}

/** The instant at which a wall clock in `zone` shows midnight of this day; the first one after it where DST skips midnight. */
export function midnightIn(zone: string, year: number, month: number, day: number): Date {
  const wanted = Date.UTC(year, month - 1, day)
  let guess = wanted
  for (let round = 0; round < 3; round += 1) {
    const seen = partsIn(zone, new Date(guess))
    const shown = Date.UTC(seen.year, seen.month - 1, seen.day, seen.hour, seen.minute, seen.second)
    if (shown === wanted) break
    guess += wanted - shown
  }
  const seen = partsIn(zone, new Date(guess))
  return seen.day === new Date(wanted).getUTCDate() ? new Date(guess) : new Date(guess + 3_600_000)
}

/** Calendar day (YYYY-MM-DD) of an instant in `zone`. */
export function dayIn(zone: string, at: Date): string {
  const { year, month, day } = partsIn(zone, at)
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
}

/** VW-1: local midnight `months` calendar months before today, clamped to the month's end (31 May - 3 months = 28 February). */
export function windowStart(zone: string, now: Date, months: number): Date {
  const today = partsIn(zone, now)
  const first = new Date(Date.UTC(today.year, today.month - 1 - months, 1))
  const year = first.getUTCFullYear()
  const month = first.getUTCMonth() + 1
  const lastDay = new Date(Date.UTC(year, month, 0)).getUTCDate()
  return midnightIn(zone, year, month, Math.min(today.day, lastDay))
}
