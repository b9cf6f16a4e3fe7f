/** The demo hospital stands in Guangzhou; China has kept UTC+8 without summer time since 1992. */
const zone = '+08:00'
const hours = 3_600_000

/** The hospital's calendar day, so many days before `now`. */
export const dayBefore = (now: Date, days: number): string =>
  new Date(now.getTime() + 8 * hours - days * 24 * hours).toISOString().slice(0, 10)

export const instant = (day: string, clock: string): string => `${day}T${clock}:00${zone}`

export function later(at: string, minutes: number): string {
  const local = new Date(Date.parse(at) + minutes * 60_000 + 8 * hours).toISOString()
  return `${local.slice(0, 19)}${zone}`
}
