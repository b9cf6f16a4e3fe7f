import type { FastifyRequest } from 'fastify'
import { refuse } from '../../shared/contract/errors.ts'
import type { Deps } from '../platform/deps.ts'
import type { Gate } from '../platform/http.ts'
import { deviceName, findSession, type Session } from './sessions.ts'
import type { Viewer } from './viewer.ts'

const sessions = new WeakMap<FastifyRequest, Session>()

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
 * the JSON content type, which no form can send), a `signed-in` one must carry a live session.
 */
export const patientGate = (deps: Deps, origin: string): Gate => {
  const allowed = new Set([origin, ...(deps.demo ? [origin.replace('//localhost', '//127.0.0.1')] : [])])
  return async (request, _reply, route) => {
    if (route.method !== 'GET') {
      const from = request.headers.origin
      const site = request.headers['sec-fetch-site']
      if (from === undefined ? site !== 'same-origin' : !allowed.has(from)) return refuse('cross-site')
    }
    if (route.access === 'open') return null
    const session = await findSession(deps.store.patient, deps, request)
    if ('refused' in session) return session
    if (session.state !== 'signed-in') return refuse('not-signed-in')
    sessions.set(request, session)
    return null
  }
}
