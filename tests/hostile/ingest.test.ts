import { createHmac, type KeyObject, randomUUID } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { beforeAll, expect, test } from 'vitest'
import { type IngestClient, readIngestClients } from '../../server/records/ingest-routes.ts'
import { type Gateway, giveAccount, origin, signIn, startGateway } from '../support/gateway.ts'
import { eventsOf } from './events.ts'
import { onBothStores, roomy, trulyRandom } from './on-both-stores.ts'
import { newPerson, publicIdOf, reportOf } from './people.ts'

const { privateKey, publicKey } = await generateKeyPair('ES384', { extractable: true })
const stranger = await generateKeyPair('ES384', { extractable: true })
const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES384', use: 'sig' }
const engine: IngestClient = { id: 'engine', source: 'hospital', jwks: { keys: [jwk] } }
const other: IngestClient = { id: 'laboratory', source: 'lab', jwks: { keys: [jwk] } }

const tokenUrl = `${origin}/ingest/token`
const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

interface Claims {
  iss?: string
  sub?: string
  aud?: string | string[]
  exp?: unknown
  iat?: unknown
  jti?: unknown
}

onBothStores('ingest', { ingestClients: [engine, other] }, (place) => {
  let gateway: Gateway
  beforeAll(() => {
    gateway = place.gateway
  })
  const seconds = () => Math.floor(gateway.clock.now().getTime() / 1000)
  const claims = (more: Claims = {}): Claims => ({
    iss: 'engine',
    sub: 'engine',
    aud: tokenUrl,
    exp: seconds() + 240,
    iat: seconds(),
    jti: randomUUID(),
    ...more,
  })
  const assertion = (more: Claims = {}, key: KeyObject | typeof privateKey = privateKey, alg = 'ES384') =>
    new SignJWT(claims(more) as Record<string, unknown>).setProtectedHeader({ alg, kid: 'one', typ: 'JWT' }).sign(key)
  const askToken = (client_assertion: string, more: Record<string, string> = {}, to: Gateway = gateway) =>
    to.app.inject({
      method: 'POST',
      url: '/ingest/token',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams({
        grant_type: 'client_credentials',
        scope: 'system/*.c',
        client_assertion_type: assertionType,
        client_assertion,
        ...more,
      }).toString(),
    })
  const token = async () => (await askToken(await assertion())).json().access_token as string
  const deliver = async (payload: unknown, more: Record<string, string> = {}) =>
    gateway.app.inject({
      method: 'POST',
      url: '/ingest/fhir',
      headers: { authorization: `Bearer ${await token()}`, 'content-type': 'application/fhir+json', ...more },
      payload: typeof payload === 'string' || Buffer.isBuffer(payload) ? payload : JSON.stringify(payload),
    })

  test('[ID-10] [SE-2] a signed assertion gives a token of five minutes, once', async () => {
    const signed = await assertion()
    const first = await askToken(signed)
    expect(first.statusCode).toBe(200)
    expect(first.headers['cache-control']).toBe('no-store')
    expect(first.json()).toMatchObject({ token_type: 'bearer', expires_in: 300 })
    expect((await askToken(signed)).statusCode, 'replayed').toBe(401)
    const second = await startGateway(place.test.store, { ingestClients: [engine], change: (deps) => trulyRandom(roomy(deps)) })
    expect((await askToken(signed, {}, second)).statusCode, 'replayed on another gateway').toBe(401)
    await second.app.close()
    const racing = await assertion()
    const answers = await Promise.all(Array.from({ length: 20 }, () => askToken(racing)))
    expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1)
  })

  test('[ID-10] [AU-1] forged, foreign, old, endless and malformed assertions are refused alike and on record', async () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const unsigned = (header: object, key: (input: string) => string) => {
      const input = `${part(header)}.${part(claims())}`
      return `${input}.${key(input)}`
    }
    const publicText = JSON.stringify(jwk)
    const bad: Record<string, string> = {
      'wrong audience': await assertion({ aud: `${origin}/ingest/fhir` }),
      'audience of a list of others': await assertion({ aud: ['https://elsewhere.example'] }),
      expired: await assertion({ exp: seconds() - 31 }),
      'issued long ago': await assertion({ iat: seconds() - 400, exp: seconds() + 3000 }),
      'issued in the future': await assertion({ iat: seconds() + 120, exp: seconds() + 240 }),
      'without an end': await assertion({ exp: undefined }),
      'without a beginning': await assertion({ iat: undefined }),
      'without an id': await assertion({ jti: undefined }),
      'an id that is no text': await assertion({ jti: 7 }),
      'unknown client': await assertion({ iss: 'nobody', sub: 'nobody' }),
      'prototype as client': await assertion({ iss: '__proto__', sub: '__proto__' }),
      'subject of another client': await assertion({ sub: 'laboratory' }),
      'key of a stranger': await assertion({}, stranger.privateKey),
      'alg none': unsigned({ alg: 'none' }, () => ''),
      'alg HS256 with the public key as the secret': unsigned({ alg: 'HS256', kid: 'one' }, (input) =>
        createHmac('sha256', publicText).update(input).digest('base64url'),
      ),
      'another algorithm': unsigned({ alg: 'ES256', kid: 'one' }, () => Buffer.alloc(64).toString('base64url')),
      'signature left out': (await assertion()).replace(/[^.]+$/, ''),
      'no token': 'x.y.z',
      empty: '',
    }
    const bodies = new Set<string>()
    for (const [name, text] of Object.entries(bad)) {
      const events = await eventsOf(gateway.deps, async () => {
        const answer = await askToken(text)
        expect(answer.statusCode, name).toBe(401)
        expect(answer.headers['content-type']).toMatch(/problem\+json/)
        bodies.add(answer.body)
      })
      expect(events, name).toMatchObject([{ operation: 'refused', detail: 'ingest ingest-unauthorised', actor: null }])
    }
    expect(bodies.size).toBe(1)
    expect((await askToken(await assertion(), { grant_type: 'password' })).statusCode).toBe(401)
    expect((await askToken(await assertion(), { client_assertion_type: 'x' })).statusCode).toBe(401)
    for (const payload of ['null', '[]', '7', '{"client_assertion":{"split":1}}', '{"client_assertion":["a"]}']) {
      const headers = { 'content-type': 'application/json' }
      const answer = await gateway.app.inject({ method: 'POST', url: '/ingest/token', headers, payload })
      expect(answer.statusCode, payload).toBe(401)
    }
    expect((await askToken(await assertion({ exp: 1e16 }))).statusCode, 'an end beyond time is its age at most').toBe(200)
    expect(gateway.reports).toEqual([])
  })

  test('[ID-10] records are taken for a live token only', async () => {
    const good = await token()
    const post = (headers: Record<string, string>) =>
      gateway.app.inject({
        method: 'POST',
        url: '/ingest/fhir',
        headers: { 'content-type': 'application/fhir+json', ...headers },
        payload: '{}',
      })
    for (const authorization of [
      '',
      'Bearer',
      'Bearer x',
      `Basic ${good}`,
      `Bearer ${good.slice(0, -3)}abc`,
      `Bearer ${await assertion()}`,
    ]) {
      expect((await post({ authorization })).statusCode, authorization).toBe(401)
    }
    const cookie = `__Host-zhiqing=${'A'.repeat(43)}`
    expect((await post({ cookie })).statusCode).toBe(401)
    expect((await post({ authorization: `Bearer ${good}` })).statusCode).toBe(422)
    gateway.clock.advance(5 * 60_000 + 1000)
    expect((await post({ authorization: `Bearer ${good}` })).statusCode, 'after five minutes').toBe(401)
  })

  test('[VW-2] [AU-1] what is delivered goes the same way as an import: labelled, sealed, read by its patient', async () => {
    const person = newPerson()
    const hidden = {
      resourceType: 'DiagnosticReport',
      id: `ingest-hidden-${place.kind}`,
      status: 'final',
      code: { text: '艾滋病病毒抗体检测' },
      subject: { reference: `Patient/${person.id}` },
      effectiveDateTime: '2026-11-17T01:00:00Z',
      conclusion: '阳性',
    }
    const visible = reportOf(person, `ingest-${place.kind}`, '2026-11-18T01:00:00Z')
    const lines = [person.resource, ...visible, hidden].map((one) => JSON.stringify(one)).join('\n')
    const events = await eventsOf(gateway.deps, async () => {
      const answer = await deliver(lines, { 'content-type': 'application/fhir+ndjson' })
      expect(answer.statusCode, answer.body).toBe(200)
      expect(answer.json()).toMatchObject({ stored: 4, unchanged: 0, rejected: 0, errors: [] })
    })
    expect(events).toMatchObject([{ operation: 'ingested', actor: 'ingest:engine', purpose: 'administration', detail: '4' }])
    expect((await deliver(lines, { 'content-type': 'application/x-ndjson' })).json()).toMatchObject({ stored: 0, unchanged: 4 })
    const phone = `+86${person.phone}`
    await giveAccount(gateway.deps, publicIdOf(gateway.deps, person), phone)
    const browser = await signIn(gateway, phone)
    const { body } = await browser.get('/api/people/self/reports')
    expect(body).toContain('血常规')
    expect(body).not.toContain('艾滋')
    const inPerson = await gateway.deps.store.owner
      .selectFrom('record_in_person')
      .select('id')
      .where('patient_id', '=', publicIdOf(gateway.deps, person))
      .execute()
    expect(inPerson).toHaveLength(1)
  })

  test('[SE-5] bad entries are told by path, the good ones go in, and a bad body is no fault of ours', async () => {
    const person = newPerson()
    const bad = { resourceType: 'Observation', id: 'bad', status: 'final', code: { text: 'x' } }
    const mixed = { resourceType: 'Bundle', type: 'collection', entry: [{ resource: person.resource }, { resource: bad }] }
    const answer = await deliver(mixed)
    expect(answer.statusCode).toBe(422)
    expect(answer.json()).toMatchObject({ stored: 1, rejected: 1 })
    expect(answer.json().errors[0].path).toMatch(/^entry\[1\]/)
    for (const payload of [
      '',
      '{',
      'null',
      '7',
      '[[]]',
      '{"resourceType":"Nonsense"}',
      '['.repeat(50_000),
      Buffer.alloc(64),
      '\u0000',
    ]) {
      const refused = await deliver(payload)
      expect(refused.statusCode, String(payload).slice(0, 20)).toBeGreaterThanOrEqual(200)
      expect(refused.statusCode, String(payload).slice(0, 20)).toBeLessThan(500)
      expect(refused.json().stored, String(payload).slice(0, 20)).toBe(0)
    }
    const nothing = await gateway.app.inject({
      method: 'POST',
      url: '/ingest/fhir',
      headers: { authorization: `Bearer ${await token()}` },
    })
    expect(nothing.statusCode, 'no body at all').toBe(400)
    expect((await deliver('{}', { 'content-type': 'text/plain' })).statusCode).toBe(415)
    const dates = ['0000-00-00', '9999-12-31T23:59:59Z', '0001-01-01', '2026-02-30', '2026-13-01T00:00:00Z', '+012026-01-01', '']
    for (const [index, effectiveDateTime] of dates.entries()) {
      const [observation] = reportOf(person, `date-${place.kind}-${index}`, effectiveDateTime)
      expect((await deliver(observation)).statusCode, effectiveDateTime).toBeLessThan(500)
    }
    expect(gateway.reports).toEqual([])
  })

  test('[ID-10] without a client file nobody is let in', async () => {
    const closed = await startGateway(place.test.store, { change: (deps) => trulyRandom(roomy(deps)) })
    expect((await askToken(await assertion(), {}, closed)).statusCode).toBe(401)
    await closed.app.close()
  })
})

test('[ID-10] a client file is read, and one that is wrong says what is wrong', () => {
  const path = join(tmpdir(), `zhiqing-clients-${process.pid}.json`)
  const read = (content: unknown) => {
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
    return readIngestClients(path)
  }
  expect(read({ clients: [engine] })).toMatchObject([{ id: 'engine', source: 'hospital' }])
  for (const content of [
    '{',
    [],
    { clients: {} },
    { clients: [{ ...engine, id: 'a b' }] },
    { clients: [{ ...engine, jwks: { keys: [] } }] },
    { clients: [{ ...engine, jwks: { keys: [{ kty: 'oct', k: 'AAAA' }] } }] },
    { clients: [{ id: 'engine', jwks: engine.jwks }] },
  ]) {
    expect(() => read(content), JSON.stringify(content)).toThrow()
  }
  rmSync(path)
})
