import { existsSync } from 'node:fs'
import staticFiles from '@fastify/static'
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import { refuse } from '../shared/contract/errors.ts'
import { demoRoutes } from './demo/routes.ts'
import { AuditGroups } from './evidence/audit.ts'
import { sendCode } from './identity/codes.ts'
import { hasSession, patientGate } from './identity/gate.ts'
import { matchRegistration } from './identity/registration.ts'
import { identityRoutes } from './identity/routes.ts'
import { callerAt, deviceName, readCookie, sessionCookie } from './identity/sessions.ts'
import type { Deps } from './platform/deps.ts'
import { sendProblem } from './platform/http.ts'
import { Jobs } from './platform/jobs.ts'
import { Recent, Throttle } from './platform/limits.ts'
import { openApi } from './platform/openapi.ts'
import { problemOf, refusalOf } from './platform/problem.ts'
import { openIdentity } from './records/identity-card.ts'
import { type IngestClient, ingestRoutes } from './records/ingest-routes.ts'
import { recordsRoutes } from './records/routes.ts'

export interface AppOptions {
  /** The origin that browsers see. */
  origin: string
  proxies: string[]
  /** Folder of the built PWA; null = API only. */
  clientDirectory: string | null
  ingestClients: IngestClient[]
  /** Faults, without any content of requests or records (AU-6). */
  report(line: string): void
}

const securityHeaders: Record<string, string> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
}

/**
 * Opening the app asks for about forty files at once, and a waiting room shares one address: the app's own files, which say
 * nothing of anybody, are counted by the page.
 */
const filesPerPage = 40
const isFile = ({ method, url }: FastifyRequest): boolean => method === 'GET' && /^\/(assets\/)?[\w.-]+\.\w+$/.test(url)

/** Every option, hook and route of the gateway; tests use this very function. */
export async function buildApp(
  deps: Deps,
  options: AppOptions,
): Promise<{ app: FastifyInstance; jobs: Jobs; audit: AuditGroups }> {
  const audit = new AuditGroups(deps, deps.store.patient)
  const jobs = new Jobs(deps, { 'send-code': sendCode(deps), 'match-registration': matchRegistration(deps) }, (kind, error) =>
    options.report(`job ${kind} failed: ${faultName(error)}`),
  )
  const app = Fastify({
    logger: false,
    bodyLimit: 256 * 1024,
    routerOptions: { maxParamLength: 128 },
    exposeHeadRoutes: false,
    trustProxy: options.proxies.length > 0 ? options.proxies : false,
    requestTimeout: 30_000,
    connectionTimeout: 60_000,
    return503OnClosing: true,
    frameworkErrors: (_error, request, reply) => void sendProblem(request as FastifyRequest, reply, refuse('malformed')),
    clientErrorHandler(_error, socket) {
      if (!socket.writable) return
      const body = JSON.stringify(problemOf(refuse('malformed'), 'en'))
      socket.end(
        `HTTP/1.1 400 Bad Request\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
      )
    },
  })
  app.removeContentTypeParser('text/plain')
  const isOfOther = routesByPath(app)

  const https = options.origin.startsWith('https:')
  const throttle = new Throttle(deps.profile.limits.requestsPerSecond)
  const fileThrottle = new Throttle(deps.profile.limits.requestsPerSecond * filesPerPage)
  const sessionsSeen = new Recent(20_000)
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(securityHeaders)
    if (https) reply.header('strict-transport-security', 'max-age=63072000; includeSubDomains')
    const secret = readCookie(request, sessionCookie)
    // A cookie that no session was found by counts for its address: whoever makes one up per request gains nothing.
    const caller = secret !== null && sessionsSeen.has(secret) ? secret : callerAt(request.ip)
    const seen = (isFile(request) ? fileThrottle : throttle).see(caller, performance.now())
    if (seen === 'pass') return
    if (seen === 'cut') {
      await audit.write({
        operation: 'cut-off',
        outcome: 'refused',
        subject: null,
        actor: null,
        purpose: 'own-use',
        address: request.ip,
        device: deviceName(request.headers['user-agent']),
        session: null,
      })
    }
    return sendProblem(request, reply, refuse('too-many', { retryAfter: 10 }))
  })
  // Registrations and codes are worked on once the answer has left (ID-1).
  app.addHook('onResponse', async (request) => {
    const secret = hasSession(request) ? readCookie(request, sessionCookie) : null
    if (secret !== null) sessionsSeen.add(secret)
    if (request.method === 'POST') jobs.poke()
  })
  app.setErrorHandler((error, request, reply) => {
    const refusal = refusalOf(error)
    if (refusal.refused === 'internal' || refusal.refused === 'unavailable') {
      options.report(`${request.method} ${request.routeOptions.url ?? 'unknown route'}: ${faultName(error)}`)
    }
    // What a cookie named was rolled back with the rest.
    reply.removeHeader('set-cookie')
    return sendProblem(request, reply, refusal)
  })

  app.get('/healthz', async () => ({ alive: true }))
  app.get('/readyz', async () => {
    await deps.store.patient.selectFrom('meta').select('name').limit(1).execute()
    return { ready: true }
  })
  app.get('/openapi.json', async () => openApi)
  const gate = patientGate(deps, options.origin, audit)
  identityRoutes(app, gate, deps, (patientId) => openIdentity(deps.store.patient, deps, patientId))
  recordsRoutes(app, gate, deps, audit)
  ingestRoutes(app, deps, audit, options)
  if (deps.demo) demoRoutes(app, deps, jobs)
  await serveClient(app, options.clientDirectory, isOfOther)
  app.addHook('onClose', async () => {
    await jobs.stop()
    await audit.settled()
  })
  return { app, jobs, audit }
}

/** What kind of fault it was and where in our code: never its message, which may quote data. */
export function faultName(error: unknown): string {
  const { name, code, stack } = error as { name?: string; code?: string; stack?: string }
  const at = /\/((?:server|shared)\/[\w./-]+:\d+)/.exec(stack ?? '')?.[1]
  return [name ?? 'fault', code, at && `at ${at}`].filter((part) => part !== undefined).join(' ')
}

/** Answers whether a path would be served by another method: by the registered routes, never by patterns out of the path. */
function routesByPath(app: FastifyInstance): (method: string, path: string) => boolean {
  const routes: { method: string; pattern: RegExp }[] = []
  app.addHook('onRoute', ({ method, url }) => {
    const pattern = new RegExp(`^${url.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:\w+/g, '[^/]+')}$`)
    for (const one of [method].flat()) routes.push({ method: one, pattern })
  })
  return (method, path) => routes.some((route) => route.method !== method && route.pattern.test(path))
}

async function serveClient(
  app: FastifyInstance,
  directory: string | null,
  isOfOther: ReturnType<typeof routesByPath>,
): Promise<void> {
  const built = directory !== null && existsSync(directory) ? directory : null
  if (built !== null) {
    await app.register(staticFiles, {
      root: built,
      preCompressed: true,
      wildcard: false,
      index: false,
      cacheControl: false,
      setHeaders(response, path) {
        const lasting = /\/assets\//.test(path)
        response.header('cache-control', lasting ? 'public, max-age=31536000, immutable' : 'no-cache')
      },
    })
  }
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0] ?? ''
    if (isOfOther(request.method, path)) return sendProblem(request, reply, refuse('method-not-allowed'))
    const page = request.method === 'GET' && !/^\/(api|demo|ingest|fhir)(\/|$)/.test(path) && !/\.\w+$/.test(path)
    if (built !== null && page) return reply.header('cache-control', 'no-cache').sendFile('index.html')
    return sendProblem(request, reply, refuse('not-found'))
  })
}
