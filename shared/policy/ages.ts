import { dayIn } from './clocks.ts'

/**
 * Whole years on the day of `now` in `zone`. Born on 29 February: a year older on 1 March of common years
 * (Civil Code 200 ff. counts full years; the day after the last day of the year lived).
 */
export function ageOn(birthDate: string, zone: string, now: Date): number | null {
  const born = /^(\d{4})-(\d{2})-(\d{2})$/.exec(birthDate)
  if (!born) return null
  const today = dayIn(zone, now)
  const years = Number(today.slice(0, 4)) - Number(born[1])
  const age = today.slice(5) >= birthDate.slice(5) ? years : years - 1
  return age < 0 ? null : age
}
