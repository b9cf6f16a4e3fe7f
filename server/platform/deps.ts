import type { Profile } from '../../shared/policy/profile.ts'
import type { Store } from './db.ts'
import type { Keys } from './keys.ts'

/** Effects as arguments: everything the features reach the world through. */
export interface Deps {
  store: Store
  keys: Keys
  profile: Profile
  hospital: Hospital
  now(): Date
  /** Random bytes for one purpose. Purposes are separate streams, so that what one draws never moves another. */
  random(purpose: string, bytes: number): Buffer
  demo: boolean
}

/** What a hospital says of itself (ZHIQING_HOSPITAL_FILE). */
export interface Hospital {
  name: Record<'zh-Hans' | 'zh-Hant' | 'en', string>
  inPersonPlace: Record<'zh-Hans' | 'zh-Hant' | 'en', string>
  inPersonPhone: string
}

/** 128 random bits in the form of every id that a person sees. */
export const randomId = (deps: Pick<Deps, 'random'>, purpose: string): string => deps.random(purpose, 16).toString('base64url')
