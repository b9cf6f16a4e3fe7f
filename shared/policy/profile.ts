import cn from './profiles/CN.json' with { type: 'json' }
import hk from './profiles/HK.json' with { type: 'json' }
import mo from './profiles/MO.json' with { type: 'json' }
import my from './profiles/MY.json' with { type: 'json' }
import sg from './profiles/SG.json' with { type: 'json' }
import th from './profiles/TH.json' with { type: 'json' }

/** The eight classes of special disease a profile can hide (VW-2). */
export const sensitiveClasses = ['HIV', 'HEPATITIS', 'STD', 'GENETIC', 'TUMOUR', 'MENTAL', 'REPRODUCTIVE', 'SUBSTANCE'] as const
export type SensitiveClass = (typeof sensitiveClasses)[number]

/**
 * A jurisdiction as data (J-1). Every number of the requirements marked CN is a field here, never a literal in code.
 * A null means that no source for the figure is known yet: the gateway refuses to serve such a profile and lists them.
 */
export interface Profile {
  id: string
  /** IANA zone of the hospital: days, windows and birthdays count in it. */
  zone: string
  languages: ('zh-Hans' | 'zh-Hant' | 'en')[]
  phone: { countryCode: string; nationalPattern: string }
  /** FHIR identifier systems and v2-0203 types that hold the identity number, and how its check digit works. */
  identity: { systems: string[]; types: string[]; form: 'CN-resident' | 'any' }
  /** The medical record number's v2-0203 types. */
  medicalRecord: { types: string[] }
  ages: { consent: number | null; majority: number | null }
  viewing: { windowMonths: number | null; hiddenClasses: SensitiveClass[] }
  password: { minimumLength: number | null; reminderDays: number | null }
  codes: { minutes: number | null; tries: number | null; deskDays: number | null }
  session: { idleMinutes: number | null; hours: number | null }
  audit: { keepMonths: number | null }
  /** Most SMS codes asked and sign-ins tried: per number, device, network and in all, each within `minutes`. */
  limits: {
    perNumber: { most: number; minutes: number }
    perDevice: { most: number; minutes: number }
    perNetwork: { most: number; minutes: number }
    overall: { most: number; minutes: number }
    requestsPerSecond: number
  }
  /** Where the figures come from, in the words of their source. */
  sources: Record<string, string>
  regulator: string | null
}

const profiles: Record<string, Profile> = Object.fromEntries(
  ([cn, hk, mo, my, sg, th] as unknown as Profile[]).map((profile) => [profile.id, profile]),
)

export const profileIds = Object.keys(profiles)

/** Paths of the fields that have no source yet. */
export function missingFields(value: unknown, path = ''): string[] {
  if (value === null) return [path]
  if (typeof value !== 'object') return []
  return Object.entries(value as object).flatMap(([key, inner]) => missingFields(inner, path === '' ? key : `${path}.${key}`))
}

export function findProfile(id: string): Profile | undefined {
  return Object.hasOwn(profiles, id) ? profiles[id] : undefined
}
