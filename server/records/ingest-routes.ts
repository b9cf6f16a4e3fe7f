import { readFileSync } from 'node:fs'
import type { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify, SignJWT } from 'jose'
import * as v from 'valibot'
import { refuse } from '../../shared/contract/errors.ts'
import type { AuditGroups } from '../evidence/audit.ts'
import { deviceName } from '../identity/sessions.ts'
import type { Deps } from '../platform/deps.ts'
import { sendProblem } from '../platform/http.ts'
import type { ImportError } from './import/entry.ts'
import { isBase } from './import/references.ts'
import { importStream } from './import/run.ts'

/** A hospital's integration engine: the keys it signs with, and the source its ids belong to. */
export interface IngestClient {
  id: string
  source: string
  /** The address of its FHIR server, where its references are absolute. */
  base?: string
  jwks: JSONWebKeySet
}

const ClientsFile = v.object({
  clients: v.array(
    v.object({
      id: v.pipe(v.string(), v.regex(/^[\w.-]{1,64}$/)),
      source: v.pipe(v.string(), v.regex(/^[\w.-]{1,64}$/)),
      base: v.optional(v.pipe(v.string(), v.check(isBase, 'base takes an address such as https://host/fhir'))),
      jwks: v.looseObject({ keys: v.pipe(v.array(v.looseObject({ kty: v.picklist(['EC', 'RSA', 'OKP']) })), v.minLength(1)) }),
    }),
  ),
})

/** Reads ZHIQING_INGEST_CLIENTS_FILE; throws with what is wrong in it. */
export function readIngestClients(path: string): IngestClient[] {
  return v.parse(ClientsFile, JSON.parse(readFileSync(path, 'utf8'))).clients as unknown as IngestClient[]
}

const algorithms = ['ES256', 'ES384', 'RS384', 'PS384', 'EdDSA']
const tokenMinutes = 5
const mostErrorsTold = 1000

/**
 * Delivery of FHIR records by SMART Backend Services: a client signs an assertion (private_key_jwt), gets a token of five
 * minutes, and posts FHIR JSON or NDJSON. The same code as `zhiqing import` takes it in.
 */
export function ingestRoutes(
  app: FastifyInstance,
  deps: Deps,
  audit: AuditGroups,
  options: { origin: string; ingestClients: IngestClient[] },
): void {
  const tokenUrl = `${options.origin}/ingest/token`
  const clients = new Map(options.ingestClients.map((client) => [client.id, { ...client, keys: createLocalJWKSet(client.jwks) }]))
  const tokenKey = deps.keys.lookup('ingest-token')
  const seconds = () => Math.floor(deps.now().getTime() / 1000)
  const unauthorised = async (request: FastifyRequest, reply: FastifyReply) => {
    await audit.write({
      operation: 'refused',
      outcome: 'refused',
      subject: null,
      actor: null,
      purpose: 'administration',
      address: request.ip,
      device: deviceName(request.headers['user-agent']),
      session: null,
      detail: 'ingest ingest-unauthorised',
    })
    return sendProblem(request, reply.header('www-authenticate', 'Bearer'), refuse('ingest-unauthorised'))
  }

  app.register(async (scope) => {
    scope.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: 16_384 },
      (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(body as string))),
    )
    scope.post('/ingest/token', async (request, reply) => {
      const form = (request.body ?? {}) as Record<string, string>
      const clientId = await checkAssertion(form)
      if (clientId === null) return unauthorised(request, reply)
      const token = await new SignJWT({ scope: 'system/*.c' })
        .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' })
        .setSubject(clientId)
        .setAudience(options.origin)
        .setIssuedAt(seconds())
        .setExpirationTime(seconds() + tokenMinutes * 60)
        .sign(tokenKey)
      reply.header('cache-control', 'no-store')
      return { access_token: token, token_type: 'bearer', expires_in: tokenMinutes * 60, scope: 'system/*.c' }
    })
  })

  async function checkAssertion(form: Record<string, string>): Promise<string | null> {
    if (form.grant_type !== 'client_credentials') return null
    if (form.client_assertion_type !== 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer') return null
    const assertion = form.client_assertion ?? ''
    const client = clients.get(unverifiedIssuer(assertion))
    if (!client) return null
    const verified = await jwtVerify(assertion, client.keys, {
      issuer: client.id,
      subject: client.id,
      audience: tokenUrl,
      algorithms,
      maxTokenAge: `${tokenMinutes}m`,
      requiredClaims: ['exp', 'iat', 'jti'],
      currentDate: deps.now(),
      clockTolerance: 30,
    }).catch(() => null)
    const jti = verified?.payload.jti
    if (typeof jti !== 'string') return null
    // Each assertion is good once, on any node; its age ends it before its mark goes, whatever `exp` it claims.
    const forgetAt = new Date(deps.now().getTime() + 2 * tokenMinutes * 60_000)
    const fresh = await deps.store.owner
      .insertInto('ingest_token_seen')
      .values({ hash: deps.keys.lookup('ingest-jti', client.id, jti), expires_at: forgetAt })
      .onConflict((conflict) => conflict.column('hash').doNothing())
      .returning('hash')
      .executeTakeFirst()
    return fresh ? client.id : null
  }

  async function clientOf(request: FastifyRequest): Promise<IngestClient | null> {
    const token = /^Bearer ([\w.-]+)$/i.exec(request.headers.authorization ?? '')?.[1]
    if (token === undefined) return null
    const accepted = { audience: options.origin, algorithms: ['HS256'], currentDate: deps.now() }
    const verified = await jwtVerify(token, tokenKey, accepted).catch(() => null)
    return clients.get(verified?.payload.sub ?? '') ?? null
  }

  app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    // Only a caller that may deliver is read from, and its body is a stream: any size, bounded memory.
    scope.addContentTypeParser(
      ['application/fhir+json', 'application/json', 'application/fhir+ndjson', 'application/x-ndjson'],
      (_request, payload, done) => done(null, payload),
    )
    scope.post('/ingest/fhir', async (request, reply) => {
      const client = await clientOf(request)
      if (!client) return unauthorised(request, reply)
      if (!request.body) return sendProblem(request, reply, refuse('malformed'))
      const lines = /ndjson/.test(request.headers['content-type'] ?? '')
      const errors: ImportError[] = []
      const counts = await importStream(
        deps,
        { source: client.source, actor: `ingest:${client.id}`, operation: 'ingested' },
        request.body as Readable,
        { name: lines ? 'body.ndjson' : 'body.json', shiftDays: 0, bases: client.base === undefined ? [] : [client.base] },
        (error) => errors.length < mostErrorsTold && errors.push(error),
      )
      reply.header('cache-control', 'no-store').code(counts.rejected > 0 ? 422 : 200)
      return { ...counts, errors }
    })
  })
}

function unverifiedIssuer(token: string): string {
  try {
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as { iss?: unknown }
    return typeof claims.iss === 'string' ? claims.iss : ''
  } catch {
    return ''
  }
}
