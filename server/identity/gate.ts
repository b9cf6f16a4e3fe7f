import type { FastifyRequest } from 'fastify'
import { type Refusal, refuse } from '../../shared/contract/errors.ts'
import type { Route } from '../../shared/contract/route.ts'
import type { AuditEvent, AuditGroups } from '../evidence/audit.ts'
import type { Deps } from '../platform/deps.ts'
import type { Gate } from '../platform/http.ts'
import { deviceName, findSession, type Session } from './sessions.ts'
import type { Viewer } from './viewer.ts'

const sessions = new WeakMap<FastifyRequest, Session>()

export const hasSession = (request: FastifyRequest): boolean => sessions.has(request)

/** The live signed-in session of a request that passed the gate. */
export function sessionOf(request: FastifyRequest): Session {
  const session = sessions.get(request)
  if (!session) throw new Error('a route asked for the session without passing the gate')
  return session
}

export function viewerOf(request: FastifyRequest): Viewer {
  const { accountId, patientId, publicId } = sessionOf(request)
  return {
    accountId: accountId as string,
    patientId: patientId as string,
    session: publicId,
    address: request.ip,
    device: deviceName(request.headers['user-agent']),
  }
}

/**
 * Judges every call of our clients' routes: a state-changing one must come from our own origin (beside SameSite=Strict and
 * the JSON content type, which no form can send), a `signed-in` one must carry a live session. Refusals are on record before
 * the answer.
 */
export const patientGate = (deps: Deps, origin: string, audit: AuditGroups): Gate => {
  const allowed = new Set([origin, ...(deps.demo ? [origin.replace('//localhost', '//127.0.0.1')] : [])])
  const isForeign = ({ headers }: FastifyRequest): boolean =>
    headers.origin === undefined ? headers['sec-fetch-site'] !== 'same-origin' : !allowed.has(headers.origin)
  const judge = async (request: FastifyRequest, route: Route): Promise<Refusal | null> => {
    if (route.method !== 'GET' && isForeign(request)) return refuse('cross-site')
    if (route.access === 'open') return null
    const session = await findSession(deps.store.patient, deps, request)
    if ('refused' in session) return session
    if (session.state !== 'signed-in') return refuse('not-signed-in')
    sessions.set(request, session)
    return null
  }
  return { judge, record: (request, route, refusal) => audit.write(refusedAtGate(request, route, refusal)) }
}

function refusedAtGate(request: FastifyRequest, route: Route, { refused }: Refusal): AuditEvent {
  const session = sessions.get(request)
  return {
    operation: 'refused',
    outcome: 'refused',
    subject: session?.patientId ?? null,
    actor: session?.accountId ?? null,
    purpose: 'own-use',
    address: request.ip,
    device: deviceName(request.headers['user-agent']),
    session: session?.publicId ?? null,
    detail: `${typeof route.audit === 'string' ? route.audit : route.path} ${refused}`,
  }
}
