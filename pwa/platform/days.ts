const formats = new Map<string, Intl.DateTimeFormat>()

/** Making a format takes a slow phone milliseconds, and a list needs dozens: each is made once. */
export function formatOf(locale: string, form: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const name = locale + JSON.stringify(form)
  let format = formats.get(name)
  if (!format) {
    format = new Intl.DateTimeFormat(locale, form)
    formats.set(name, format)
  }
  return format
}

/** All days are days of the hospital's zone, never of the phone's. */
export const dayOf = (instant: string | number, zone: string): string =>
  formatOf('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(new Date(instant))

export interface DayGroup<Item> {
  day: string
  items: Item[]
}

/** Keeps the order given (newest first) and starts a new group at each change of day. */
export function groupByDay<Item>(items: Item[], day: (item: Item) => string): DayGroup<Item>[] {
  const groups: DayGroup<Item>[] = []
  for (const item of items) {
    const of = day(item)
    const last = groups.at(-1)
    if (last?.day === of) last.items.push(item)
    else groups.push({ day: of, items: [item] })
  }
  return groups
}

export const dayBefore = (day: string): string => new Date(Date.parse(`${day}T12:00:00Z`) - 86_400_000).toISOString().slice(0, 10)

/**
 * About where the window begins: as many calendar months back, clamped to the month's end. Good for an axis; what is
 * shown is the gateway's decision (VW-1).
 */
export function monthsBefore(now: number, months: number): number {
  const date = new Date(now)
  const target = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - months, 1))
  const lastDay = new Date(Date.UTC(target.getUTCFullYear(), target.getUTCMonth() + 1, 0)).getUTCDate()
  return target.setUTCDate(Math.min(date.getUTCDate(), lastDay))
}
