import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import {
  getSession,
  type LanguageCode,
  register as registerRoute,
  requestRegistrationCode,
  type SessionReply,
  signInCode as signInCodeRoute,
  signInPassword as signInPasswordRoute,
  signOut as signOutRoute,
} from '../../shared/contract/session.ts'
import { ageOn } from '../../shared/policy/ages.ts'
import type { Deps } from '../platform/deps.ts'
import { type Gate, serveRoute } from '../platform/http.ts'
import { pickLanguage } from '../platform/words.ts'
import { sessionOf } from './gate.ts'
import { maskName, type PersonIdentity } from './person.ts'
import { findSession, type Session } from './sessions.ts'
import { askRegistrationCode, type Caller, register, signInCode, signInPassword, signOut } from './sign-in.ts'

export type OpenIdentity = (patientId: string) => Promise<PersonIdentity | null>

export function identityRoutes(app: FastifyInstance, gate: Gate, deps: Deps, openIdentity: OpenIdentity): void {
  const caller = (request: FastifyRequest, reply: FastifyReply, language?: LanguageCode): Caller => ({
    deps,
    request,
    reply,
    language: language ?? pickLanguage(request.headers['accept-language']),
  })

  serveRoute(app, gate, requestRegistrationCode, ({ request, reply, body }) =>
    askRegistrationCode(caller(request, reply, body.language), body),
  )
  serveRoute(app, gate, registerRoute, ({ request, reply, body }) => register(caller(request, reply), body))
  serveRoute(app, gate, signInPasswordRoute, ({ request, reply, body }) => signInPassword(caller(request, reply), body))
  serveRoute(app, gate, signInCodeRoute, async ({ request, reply, body }) => {
    const session = await signInCode(caller(request, reply), body)
    return 'refused' in session ? session : sessionReply(session)
  })
  serveRoute(app, gate, signOutRoute, ({ request, reply }) => signOut(caller(request, reply), sessionOf(request)))
  serveRoute(app, gate, getSession, async ({ request }) => {
    const session = await findSession(deps.store.patient, deps, request)
    return sessionReply('refused' in session ? null : session)
  })

  async function sessionReply(session: Session | null): Promise<SessionReply> {
    const { profile, hospital, demo, now } = deps
    return {
      now: now().toISOString(),
      demo,
      profile: profile.id,
      zone: profile.zone,
      phonePrefix: profile.phone.countryCode,
      hospital,
      idleMinutes: profile.session.idleMinutes as number,
      windowMonths: profile.viewing.windowMonths as number,
      person: session?.state === 'signed-in' ? await personOf(session) : null,
    }
  }

  async function personOf({ accountId, patientId }: Session): Promise<SessionReply['person']> {
    const identity = await openIdentity(patientId as string)
    const account = await deps.store.patient
      .selectFrom('account')
      .select('password_set_at')
      .where('id', '=', accountId)
      .executeTakeFirst()
    if (!identity || !account) return null
    const reminderMs = (deps.profile.password.reminderDays as number) * 24 * 3_600_000
    return {
      id: patientId as string,
      name: maskName(identity.name ?? ''),
      age: identity.birthDate === null ? null : ageOn(identity.birthDate, deps.profile.zone, deps.now()),
      relation: 'self',
      passwordReminder: account.password_set_at.getTime() + reminderMs < deps.now().getTime(),
    }
  }
}
