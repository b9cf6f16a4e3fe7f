import * as v from 'valibot'
import { Instant, PublicId, typed } from './primitives.ts'
import { route } from './route.ts'

/** Phone numbers travel as typed; the gateway normalises them to E.164 by the profile. */
const Phone = v.pipe(v.string(), v.trim(), v.minLength(5), v.maxLength(24))
const Code = v.pipe(v.string(), v.trim(), v.regex(/^\d{6}$/))
const Password = v.pipe(v.string(), v.minLength(1), v.maxLength(256))

export const Language = v.picklist(['zh-Hans', 'zh-Hant', 'en'])
export type LanguageCode = v.InferOutput<typeof Language>

/** Hospital's own words per language, e.g. its name or where its records office is. */
const Words = v.object({ 'zh-Hans': v.string(), 'zh-Hant': v.string(), en: v.string() })
export type Words = v.InferOutput<typeof Words>

export const SessionReply = v.object({
  now: Instant,
  demo: v.boolean(),
  profile: v.string(),
  zone: v.string(),
  /** Country code the phone field starts with, e.g. "+86". */
  phonePrefix: v.string(),
  hospital: v.object({ name: Words, inPersonPlace: Words, inPersonPhone: v.string() }),
  /** Minutes without input after which the session ends. */
  idleMinutes: v.number(),
  windowMonths: v.number(),
  person: v.nullable(
    v.object({
      id: PublicId,
      /** Masked, e.g. 林*慧. */
      name: v.string(),
      age: v.nullable(v.number()),
      relation: v.picklist(['self']),
      /** True when the password is older than the profile's reminder (ID-2); a reminder, never a forced change. */
      passwordReminder: v.boolean(),
    }),
  ),
})
export type SessionReply = v.InferOutput<typeof SessionReply>

export const Accepted = v.object({ accepted: v.literal(true) })

/** 202 with the same body whatever the gateway knows of the number. */
export const requestRegistrationCode = route({
  method: 'POST',
  path: '/api/registration/code',
  access: 'open',
  audit: 'code-asked',
  body: v.object({ phone: Phone, language: v.optional(Language) }),
  reply: Accepted,
  status: 202,
})

/**
 * The code is judged before the answer, the person only after it: the answer is the same for a match, a mismatch
 * and an unknown person, and the outcome follows by SMS.
 */
export const register = route({
  method: 'POST',
  path: '/api/registration',
  access: 'open',
  audit: 'registration-asked',
  body: v.object({
    phone: Phone,
    code: Code,
    name: typed(64),
    identityNumber: v.pipe(v.string(), v.trim(), v.minLength(4), v.maxLength(32)),
    password: Password,
    /** Handed over at the hospital's desk, where the number alone proves nothing. */
    deskCode: v.optional(v.pipe(v.string(), v.trim(), v.maxLength(32))),
  }),
  reply: Accepted,
  status: 202,
})

export const signInPassword = route({
  method: 'POST',
  path: '/api/sign-in/password',
  access: 'open',
  audit: 'sign-in-asked',
  body: v.object({ phone: Phone, password: Password }),
  reply: Accepted,
  status: 202,
})

export const signInCode = route({
  method: 'POST',
  path: '/api/sign-in/code',
  access: 'open',
  audit: 'sign-in',
  body: v.object({ code: Code }),
  reply: SessionReply,
})

export const signOut = route({
  method: 'POST',
  path: '/api/sign-out',
  access: 'signed-in',
  audit: 'sign-out',
  reply: Accepted,
})

export const getSession = route({
  method: 'GET',
  path: '/api/session',
  access: 'open',
  audit: { none: 'says only whose session this is, masked' },
  reply: SessionReply,
})
