import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Refusal, refuse } from '../../shared/contract/errors.ts'
import type { LanguageCode } from '../../shared/contract/session.ts'
import { type AuditEvent, append } from '../evidence/audit.ts'
import type { Deps } from '../platform/deps.ts'
import { enqueue } from '../platform/jobs.ts'
import { hitAll, type Limit } from '../platform/limits.ts'
import { makeCode, useCode } from './codes.ts'
import { hashPassword, judgePassword, verifyPassword } from './password.ts'
import { normaliseIdentityNumber, normalisePhone } from './person.ts'
import type { Registration } from './registration.ts'
import {
  deviceName,
  deviceOf,
  endSession,
  findSession,
  forgetCookie,
  networkOf,
  rotateSession,
  type Session,
} from './sessions.ts'

export interface Caller {
  deps: Deps
  request: FastifyRequest
  reply: FastifyReply
  language: LanguageCode
}

const accepted = { accepted: true as const }

function eventOf({ request }: Caller, operation: AuditEvent['operation'], more: Partial<AuditEvent> = {}): AuditEvent {
  return {
    operation,
    outcome: 'done',
    subject: null,
    actor: null,
    purpose: 'own-use',
    address: request.ip,
    device: deviceName(request.headers['user-agent']),
    session: null,
    ...more,
  }
}

/** A refusal that no transaction carries gets one of its own, before the answer. */
async function onRecord({ deps }: Caller, event: AuditEvent, refusal: Refusal): Promise<Refusal> {
  await deps.store.patient.transaction().execute((tx) => append(tx, deps, event))
  return refusal
}

/** Counts a try per number, device, network and in all (ID-10). The refusal is the same for every number. */
async function countTry(caller: Caller, act: string, phone: string): Promise<Refusal | null> {
  const { deps, request, reply } = caller
  const { limits } = deps.profile
  const of = (name: string, value: string, { most, minutes }: { most: number; minutes: number }): Limit => ({
    of: [act, name, value],
    most,
    minutes,
  })
  const minutes = await deps.store.patient.transaction().execute(async (tx) => {
    const reached = await hitAll(tx, deps.keys, deps.now(), [
      of('number', phone, limits.perNumber),
      of('device', deviceOf(deps, request, reply), limits.perDevice),
      of('network', networkOf(request.ip), limits.perNetwork),
      of('all', '', limits.overall),
    ])
    if (reached !== null) await append(tx, deps, eventOf(caller, 'refused', { outcome: 'refused', detail: `${act} too-many` }))
    return reached
  })
  return minutes === null ? null : refuse('too-many', { retryAfter: minutes * 60 })
}

export async function askRegistrationCode(caller: Caller, given: { phone: string }) {
  const { deps, request, reply, language } = caller
  const phone = normalisePhone(given.phone, deps.profile)
  if (phone === null) return refuse('field-invalid', { fields: ['phone'] })
  const limited = await countTry(caller, 'registration-code', phone)
  if (limited) return limited
  await deps.store.patient.transaction().execute(async (tx) => {
    const session = await rotateSession(tx, deps, request, reply, { state: 'code' })
    await makeCode(tx, deps, session, { purpose: 'registration', phone, language, accountId: null, real: true })
    await append(tx, deps, eventOf(caller, 'code-asked', { session: session.publicId }))
  })
  return accepted
}

/** A session that waits for a code. */
async function codeSession({ deps, request }: Caller): Promise<Session | null> {
  const session = await findSession(deps.store.patient, deps, request)
  return 'refused' in session || session.state !== 'code' ? null : session
}

export async function register(
  caller: Caller,
  given: { phone: string; code: string; name: string; identityNumber: string; password: string; deskCode?: string | undefined },
) {
  const { deps, request, language } = caller
  const phone = normalisePhone(given.phone, deps.profile)
  if (phone === null) return refuse('field-invalid', { fields: ['phone'] })
  const identityNumber = normaliseIdentityNumber(given.identityNumber)
  if (!/^[0-9A-Z()]{4,32}$/.test(identityNumber)) return refuse('field-invalid', { fields: ['identityNumber'] })
  const reasons = judgePassword(given.password, [phone.slice(-8), identityNumber, given.name], deps.profile)
  if (reasons.length > 0) return refuse('password-weak', { fields: ['password'], reasons })
  const session = await codeSession(caller)
  const refused = eventOf(caller, 'refused', { outcome: 'refused', detail: 'registration code-refused' })
  if (!session) return onRecord(caller, refused, refuse('code-refused', { fields: ['code'] }))
  const passwordHash = await hashPassword(given.password)
  const registration: Registration = {
    phone,
    name: given.name,
    identityNumber,
    passwordHash,
    deskCode: given.deskCode || null,
    language,
    address: request.ip,
    device: deviceName(request.headers['user-agent']),
  }
  return deps.store.patient.transaction().execute(async (tx) => {
    const right = await useCode(tx, deps, session, 'registration', { phone, code: given.code })
    const more = { session: session.publicId }
    if (!right) {
      await append(tx, deps, { ...refused, ...more })
      return refuse('code-refused', { fields: ['code'] })
    }
    await enqueue(tx, deps, 'match-registration', registration)
    await append(tx, deps, eventOf(caller, 'registration-asked', more))
    return accepted
  })
}

/** The same answer and the same steps for a known number, an unknown one and a wrong password; only the job knows. */
export async function signInPassword(caller: Caller, given: { phone: string; password: string }) {
  const { deps, request, reply, language } = caller
  const phone = normalisePhone(given.phone, deps.profile)
  if (phone === null) return refuse('field-invalid', { fields: ['phone'] })
  const limited = await countTry(caller, 'sign-in', phone)
  if (limited) return limited
  const account = await deps.store.patient
    .selectFrom('account')
    .select(['id', 'patient_id', 'password_hash'])
    .where('phone_hash', '=', deps.keys.lookup('phone', phone))
    .executeTakeFirst()
  const real = await verifyPassword(given.password, account?.password_hash ?? null)
  await deps.store.patient.transaction().execute(async (tx) => {
    const session = await rotateSession(tx, deps, request, reply, { state: 'code' })
    await makeCode(tx, deps, session, { purpose: 'sign-in', phone, language, accountId: account?.id ?? null, real })
    const outcome = real ? 'done' : 'refused'
    const subject = account?.patient_id ?? null
    await append(
      tx,
      deps,
      eventOf(caller, real ? 'sign-in-asked' : 'sign-in-refused', { outcome, subject, session: session.publicId }),
    )
  })
  return accepted
}

export async function signInCode(caller: Caller, given: { code: string }): Promise<Session | Refusal> {
  const { deps, request, reply } = caller
  const session = await codeSession(caller)
  const refused = eventOf(caller, 'sign-in-refused', { outcome: 'refused' })
  if (!session) return onRecord(caller, refused, refuse('sign-in-refused'))
  return deps.store.patient.transaction().execute(async (tx) => {
    const right = await useCode(tx, deps, session, 'sign-in', { phone: null, code: given.code })
    // A code that an older password asked for opens nothing, however the desk's reset and the asking met.
    const account =
      right?.accountId == null
        ? undefined
        : await tx
            .selectFrom('account')
            .select(['id', 'patient_id'])
            .where('id', '=', right.accountId)
            .where('password_set_at', '<=', right.madeAt)
            .executeTakeFirst()
    if (!account) {
      await append(tx, deps, { ...refused, session: session.publicId })
      return refuse('sign-in-refused')
    }
    const signedIn = { state: 'signed-in', accountId: account.id, patientId: account.patient_id } as const
    const next = await rotateSession(tx, deps, request, reply, signedIn)
    const more = { subject: account.patient_id, actor: account.id, session: next.publicId }
    await append(tx, deps, eventOf(caller, 'signed-in', more))
    return next
  })
}

export async function signOut(caller: Caller, session: Session) {
  const { deps, request, reply } = caller
  await deps.store.patient.transaction().execute(async (tx) => {
    await endSession(tx, deps, request)
    const more = { subject: session.patientId, actor: session.accountId, session: session.publicId }
    await append(tx, deps, eventOf(caller, 'signed-out', more))
  })
  forgetCookie(reply)
  reply.header('clear-site-data', '"cache"')
  return accepted
}
