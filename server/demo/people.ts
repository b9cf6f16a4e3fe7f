import roster from './people.json' with { type: 'json' }
import { idOf } from './random.ts'
import { dayBefore } from './time.ts'

export interface DemoPerson {
  id: string
  name: string
  phone: string
  identityNumber: string
  birthDate: string
  password: string | null
  registered: boolean
  /** `patient`, or one role of the staff. */
  roles: string[]
  guardianOf: string[]
  /** Whose chart this person has, without the records that are given only in person. */
  twinOf: string | null
  patientRef: string | null
  /** Needs a code from the desk to register: the number is shared, or the person is a minor. */
  deskCode: boolean
}

interface Entry {
  id: string
  name: string
  sex: 'male' | 'female'
  age: number
  sequence: string
  phone: string
  password?: string
  registered?: boolean
  roles?: string[]
  guardianOf?: string[]
  twinOf?: string
  chart?: string
  deskCode?: boolean
}

export const entries = roster as Entry[]

/** ISO 7064 MOD 11-2, as in GB 11643. */
export function withCheckDigit(first17: string): string {
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
  const sum = weights.reduce((total, weight, index) => total + weight * Number(first17[index]), 0)
  return first17 + '10X98765432'[sum % 11]
}

/** So many birthdays behind `now`, the last one about four months ago, so that no age changes while a demo store lives. */
function birthDateOf(age: number, now: Date): string {
  const day = dayBefore(now, 120)
  const year = Number(day.slice(0, 4)) - age
  return `${year}${day.slice(4) === '-02-29' ? '-02-28' : day.slice(4)}`
}

/**
 * Numbers that no one has: area 440106 (Tianhe, Guangzhou) with a sequence of 996 to 999, which is kept for people past a
 * hundred, and telephone numbers of the segment 164, which is not given to subscribers.
 */
export function personOf(entry: Entry, now: Date): DemoPerson {
  const birthDate = birthDateOf(entry.age, now)
  return {
    id: entry.id,
    name: entry.name,
    phone: entry.phone,
    identityNumber: withCheckDigit(`440106${birthDate.replaceAll('-', '')}${entry.sequence}`),
    birthDate,
    password: entry.password ?? null,
    registered: entry.registered ?? false,
    roles: entry.roles ?? ['patient'],
    guardianOf: entry.guardianOf ?? [],
    twinOf: entry.twinOf ?? null,
    patientRef: entry.chart === undefined ? null : `Patient/${idOf(`${entry.id}/patient`)}`,
    deskCode: entry.deskCode ?? false,
  }
}
