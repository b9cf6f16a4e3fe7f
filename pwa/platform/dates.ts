import type { SessionReply } from '../../shared/contract/session.ts'
import { dayBefore, dayOf, formatOf } from './days.ts'
import { locale, t } from './language.ts'
import { hospitalNow } from './session.ts'

type Form = Intl.DateTimeFormatOptions

const write = (instant: string | number, zone: string, form: Form): string =>
  formatOf(locale(), { timeZone: zone, ...form }).format(new Date(instant))

/** "18 November", with the year where it is not this one. */
export function writeDay(instant: string | number, { zone, ...session }: SessionReply, weekday = false): string {
  const thisYear = dayOf(hospitalNow({ zone, ...session }), zone).slice(0, 4)
  const form: Form = { month: 'long', day: 'numeric' }
  if (weekday) form.weekday = 'long'
  if (dayOf(instant, zone).slice(0, 4) !== thisYear) form.year = 'numeric'
  return write(instant, zone, form)
}

export const writeTime = (instant: string | number, { zone }: SessionReply): string =>
  write(instant, zone, { hour: '2-digit', minute: '2-digit', hour12: false })

/** Day, and the time where the hospital gave one. */
export const writeMoment = (instant: string, timeKnown: boolean, session: SessionReply): string =>
  timeKnown ? `${writeDay(instant, session)} ${writeTime(instant, session)}` : writeDay(instant, session)

/** Heading of a group of one calendar day of the hospital's zone. */
export function writeDayHeading(day: string, session: SessionReply): string {
  const today = dayOf(hospitalNow(session), session.zone)
  const written = writeDay(`${day}T12:00:00Z`, { ...session, zone: 'UTC' }, true)
  if (day === today) return `${t('common.today')} · ${written}`
  return day === dayBefore(today) ? `${t('common.yesterday')} · ${written}` : written
}
