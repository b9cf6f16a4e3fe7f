import type { FhirResource } from '../../shared/contract/fhir.ts'
import type { Profile } from '../../shared/policy/profile.ts'

/** What the hospital's index holds of a person; sealed under their clinical key. */
export interface PersonIdentity {
  name: string | null
  /** E.164, first is the mobile number. */
  phones: string[]
  identityNumber: string | null
  medicalRecordNumber: string | null
  birthDate: string | null
  sex: 'male' | 'female' | null
}

export const identityPlace = (patientId: string): string => `patient|identity|${patientId}`

interface Identifier {
  system?: unknown
  value?: unknown
  use?: unknown
  type?: { coding?: { code?: unknown }[] }
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
const text = (value: unknown): string | null => (typeof value === 'string' && value.trim() !== '' ? value.trim() : null)

/** E.164 of a number as typed or as a hospital writes it; null where it is none of the profile's mobile numbers. */
export function normalisePhone(typed: string, profile: Profile): string | null {
  const compact = typed.normalize('NFKC').replace(/[\s().\-–—]/g, '')
  const { countryCode, nationalPattern } = profile.phone
  const digits = countryCode.slice(1)
  const national = new RegExp(`^(?:\\+${digits}|00${digits})?(${nationalPattern})$`).exec(compact)?.[1]
  if (national !== undefined) return countryCode + national
  // Numbers of other countries that are written in full stay as they are.
  return /^\+[1-9]\d{7,14}$/.test(compact) && !compact.startsWith(countryCode) ? compact : null
}

/** One spelling of an identity number: width, blanks and case do not matter. */
export const normaliseIdentityNumber = (typed: string): string => typed.normalize('NFKC').replace(/[\s-]/g, '').toUpperCase()

/** One spelling of a name: width, blanks, middle dots and case do not matter. */
export const normaliseName = (typed: string): string =>
  typed
    .normalize('NFKC')
    .replace(/[\s·•・‧.]/g, '')
    .toLowerCase()

/** What is marked old, wrong or past its period binds nobody: a number that somebody else has by now must open nothing. */
function isInUse(one: { use?: unknown; period?: { end?: unknown } } | null | undefined, now: Date): boolean {
  const end = one?.period?.end
  return one?.use !== 'old' && !(typeof end === 'string' && end < now.toISOString().slice(0, end.length))
}

/** Reads a FHIR Patient by the profile's identifier systems and phone format. */
export function readIdentity(patient: FhirResource, profile: Profile, now: Date): PersonIdentity {
  const inUse = <T>(value: unknown) => list(value).filter((one) => isInUse(one as object, now)) as T[]
  const identifiers = inUse<Identifier>(patient.identifier)
  const ofType = (types: string[]) =>
    identifiers.find((one) =>
      list(one?.type?.coding).some((coding) => types.includes(String((coding as { code?: unknown })?.code))),
    )
  const identityNumber =
    identifiers.find((one) => typeof one?.system === 'string' && profile.identity.systems.includes(one.system)) ??
    ofType(profile.identity.types)
  const names = inUse<{ use?: unknown; text?: unknown; family?: unknown; given?: unknown }>(patient.name)
  const name = names.find((one) => one?.use === 'official') ?? names[0]
  const phones = inUse<{ system?: unknown; use?: unknown; value?: unknown }>(patient.telecom)
    .filter((one) => one?.system === 'phone' || one?.system === 'sms')
    .sort((a, b) => Number(b.use === 'mobile') - Number(a.use === 'mobile'))
    .map((one) => normalisePhone(String(one.value ?? ''), profile))
    .filter((phone) => phone !== null)
  const birthDate = text(patient.birthDate)
  return {
    name: name ? (text(name.text) ?? joinName(text(name.family), list(name.given).map(text))) : null,
    phones: [...new Set(phones)],
    identityNumber: text(identityNumber?.value) === null ? null : normaliseIdentityNumber(String(identityNumber?.value)),
    medicalRecordNumber: text(ofType(profile.medicalRecord.types)?.value),
    birthDate: birthDate !== null && /^\d{4}-\d\d-\d\d$/.test(birthDate) ? birthDate : null,
    sex: patient.gender === 'male' || patient.gender === 'female' ? patient.gender : null,
  }
}

/** What tells a person apart is not forgotten because an update leaves it out: else a bare update would open the way to another one. */
export const keepKnown = (known: PersonIdentity, now: PersonIdentity): PersonIdentity => ({
  ...now,
  name: now.name ?? known.name,
  identityNumber: now.identityNumber ?? known.identityNumber,
  birthDate: now.birthDate ?? known.birthDate,
})

function joinName(family: string | null, given: (string | null)[]): string | null {
  const parts = given.filter((part) => part !== null)
  const written = [family, ...parts].filter((part) => part !== null)
  if (written.length === 0) return null
  return /\p{Script=Han}/u.test(written.join(''))
    ? written.join('')
    : [...parts, family].filter((part) => part !== null).join(' ')
}

/** Two index entries under one key that cannot be the same person. A name alone may change. */
export function isAnotherPerson(known: PersonIdentity, now: PersonIdentity): boolean {
  if (known.identityNumber !== null && now.identityNumber !== null) return known.identityNumber !== now.identityNumber
  const differs = (a: string | null, b: string | null) => a !== null && b !== null && a !== b
  return differs(known.birthDate, now.birthDate) || differs(nameKey(known), nameKey(now))
}

const nameKey = ({ name }: PersonIdentity): string | null => (name === null ? null : normaliseName(name))

/** Masks (VW-6): first and last character; of two-character names the first alone; of Latin names the initials. */
export function maskName(name: string): string {
  if (!/\p{Script=Han}/u.test(name)) {
    const initials = name
      .split(/\s+/)
      .filter((part) => part !== '')
      .map((part) => `${[...part][0]?.toUpperCase()}.`)
    return initials.join(' ')
  }
  const characters = [...name.replace(/\s/g, '')]
  if (characters.length <= 1) return '*'
  if (characters.length === 2) return `${characters[0]}*`
  return `${characters[0]}${'*'.repeat(characters.length - 2)}${characters.at(-1)}`
}

/** First three and last four characters; short numbers show less, never all. */
export function maskNumber(number: string): string {
  const characters = [...number]
  if (characters.length < 9) return `${'*'.repeat(Math.max(characters.length - 2, 3))}${characters.slice(-2).join('')}`
  return `${characters.slice(0, 3).join('')}${'*'.repeat(characters.length - 7)}${characters.slice(-4).join('')}`
}

/** Phone: the national part, 3 + 4. */
export const maskPhone = (phone: string, profile: Profile): string => {
  const { countryCode } = profile.phone
  return phone.startsWith(countryCode) ? maskNumber(phone.slice(countryCode.length)) : `+${maskNumber(phone.slice(1))}`
}
