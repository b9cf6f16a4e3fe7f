import { connect } from 'node:net'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { contractRoutes } from '../../server/platform/openapi.ts'
import { errorStatus } from '../../shared/contract/errors.ts'
import type { Route } from '../../shared/contract/route.ts'
import { type Answer, Browser, type Gateway, origin, signIn } from '../support/gateway.ts'
import { nextSecond, onBothStores } from './on-both-stores.ts'
import { admit, newPerson, publicIdOf, reportId, reportOf } from './people.ts'

const at = '2026-11-18T01:00:00Z'

/** Every refusal of bad input: a problem document in the asked language that says what to do, and nothing else. */
function expectProblem(answer: Answer, about: string, language: 'en' | 'zh' = 'en'): void {
  const said = `${about}: ${answer.status} ${answer.body.slice(0, 300)}`
  expect(answer.status, said).toBeGreaterThanOrEqual(400)
  expect(answer.status, said).toBeLessThan(500)
  expect(answer.headers['content-type'], said).toMatch(/^application\/problem\+json/)
  const { code, status, title, detail, type } = answer.json ?? {}
  expect(Object.keys(errorStatus), said).toContain(code)
  expect(status, said).toBe(answer.status)
  expect(type, said).toBe(`urn:zhiqing:problem:${code}`)
  for (const sentence of [title, detail]) {
    expect(sentence, said).toMatch(language === 'zh' ? /[\u4e00-\u9fff]/ : /^[\x20-\x7e]+$/)
  }
  expect(answer.body, said).not.toMatch(/ at |node_modules|select |insert |stack|Error:|血/)
}

/** A body that the contract takes, per route; each field of it is spoilt in turn. */
const good: Record<string, Record<string, unknown>> = {
  'POST /api/registration/code': { phone: '16455500001', language: 'en' },
  'POST /api/registration': {
    phone: '16455500001',
    code: '123456',
    name: '某人',
    identityNumber: '440106198501010018',
    password: 'Banyan/Tide.5170',
    deskCode: 'AAAAA-AAAAA',
  },
  'POST /api/sign-in/password': { phone: '16455500001', password: 'x' },
  'POST /api/sign-in/code': { code: '123456' },
  'POST /api/people/:person/access-log/:id/question': { text: '不是我' },
  'POST /api/people/:person/identity/reveal': { field: 'name' },
}

const nobody = 'A'.repeat(22)
const urlOf = ({ path }: Route) => path.replace(':person', 'self').replace(':id', nobody)

const oddTexts = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\ud800',
  'a\udc00b',
  '\u202eabc',
  '\u200b',
  '\ufeff',
  '\u2066x\u2069',
  '\r\n',
  "' or 1=1 --",
  '../../../etc/passwd',
  '%00',
  '{{hospital}}',
  '<script>alert(1)</script>',
  'a\u0301'.repeat(64),
  '名'.repeat(100_000),
  '\u{1f469}\u200d\u{1f469}\u200d\u{1f467}',
]

/** Words that need a value of its own kind; anything else is of the wrong type. */
const wrongTypes = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.double(),
  fc.bigInt().map(String).map(Number),
  fc.array(fc.string(), { maxLength: 3 }),
  fc.dictionary(fc.constantFrom('a', 'phone', 'value', '0'), fc.constantFrom(1, 'x', null, true)),
  fc.constant({ toString: 'x', length: 6 }),
)

onBothStores('bad input', {}, (place) => {
  let gateway: Gateway
  let browser: Browser
  let foreign: { person: string; report: string; cursor: string }
  beforeAll(async () => {
    gateway = place.gateway
    const [mine, theirs] = [newPerson(), newPerson()]
    const reports = Array.from({ length: 22 }, (_, index) => reportOf(theirs, `foreign-${index}`, at)).flat()
    const phone = await admit(gateway, mine, ...reportOf(mine, 'bad-input-mine', at))
    const theirPhone = await admit(gateway, theirs, ...reports)
    browser = await signIn(gateway, phone)
    await nextSecond(gateway)
    const other = await signIn(gateway, theirPhone)
    const { json } = await other.get('/api/people/self/reports')
    expect(json.next).not.toBeNull()
    foreign = { person: publicIdOf(gateway.deps, theirs), report: reportId(gateway.deps, 'foreign-1'), cursor: json.next }
  })
  /** Nothing of the gateway's own doing may be wrong. */
  const unharmed = async () => {
    expect(gateway.reports).toEqual([])
    expect((await browser.get('/api/people/self/reports')).status).toBe(200)
  }
  /** Bytes as they are, without a session. */
  const raw = async (url: string, payload: string | Buffer, headers: Record<string, string> = {}): Promise<Answer> => {
    const answer = await gateway.app.inject({
      method: 'POST',
      url,
      headers: { origin, 'content-type': 'application/json', ...headers },
      payload,
    })
    let json: unknown = null
    try {
      json = JSON.parse(answer.body)
    } catch {
      // Left null: expectProblem then fails.
    }
    return { status: answer.statusCode, headers: answer.headers, body: answer.body, json }
  }

  test('[SE-5] bodies that are no JSON, or not this JSON', async () => {
    const posts = contractRoutes.filter(({ method, body }) => method === 'POST' && body)
    expect(Object.keys(good).sort()).toEqual(posts.map(({ method, path }) => `${method} ${path}`).sort())
    const bodies: [string, string | Buffer][] = [
      ['cut off', '{"phone":"164'],
      ['empty', ''],
      ['two values', '{}{}'],
      ['a number', '7'],
      ['null', 'null'],
      ['an array', '[]'],
      ['a text', '"x"'],
      ['deep arrays', '['.repeat(100_000)],
      ['deep and closed', `${'['.repeat(60_000)}${']'.repeat(60_000)}`],
      ['deep objects', `${'{"a":'.repeat(40_000)}1${'}'.repeat(40_000)}`],
      ['prototype', '{"__proto__":{"isAdmin":true},"phone":"16455500001"}'],
      ['constructor', '{"constructor":{"prototype":{"isAdmin":true}}}'],
      ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
      ['a byte order mark alone', Buffer.from([0xef, 0xbb, 0xbf])],
      ['NUL', Buffer.alloc(100)],
    ]
    for (const route of posts) {
      if (route.access === 'signed-in') continue
      for (const [name, body] of bodies) {
        expectProblem(await raw(urlOf(route), body), `${route.path} ${name}`)
        expectProblem(await raw(urlOf(route), body, { 'accept-language': 'zh-TW,zh;q=0.9' }), `${route.path} ${name}`, 'zh')
      }
      for (const type of ['text/html', 'application/xml', 'application/json5', 'nonsense', 'application/fhir+json']) {
        const answer = await raw(urlOf(route), '{}', { 'content-type': type })
        expectProblem(answer, `${route.path} ${type}`)
        expect(answer.json.code).toBe('unsupported-media')
      }
    }
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined()
    await unharmed()
  })

  test('[SE-5] each field of each route: wrong types, odd text, and left out', async () => {
    for (const [name, body] of Object.entries(good)) {
      const route = contractRoutes.find(({ method, path }) => `${method} ${path}` === name) as Route
      const caller = route.access === 'signed-in' ? browser : new Browser(gateway.app)
      const optional = name.endsWith('/question') ? ['text'] : ['language', 'deskCode']
      for (const field of Object.keys(body)) {
        const { [field]: _, ...without } = body
        if (!optional.includes(field)) expectProblem(await caller.post(urlOf(route), without), `${name} without ${field}`)
        await fc.assert(
          fc.asyncProperty(wrongTypes, async (value) => {
            const answer = await caller.post(urlOf(route), { ...body, [field]: value })
            expectProblem(answer, `${name} ${field} = ${JSON.stringify(value)}`)
            expect(answer.json.fields ?? [], `${name} ${field}`).toContain(field)
          }),
          { numRuns: 12 },
        )
        for (const text of oddTexts) {
          const answer = await caller.post(urlOf(route), { ...body, [field]: text })
          if (answer.status < 300) continue
          expectProblem(answer, `${name} ${field} = ${JSON.stringify(text).slice(0, 60)}`)
        }
      }
    }
    await unharmed()
  })

  test('[SE-5] names and texts that are odd but true are taken; hidden and half characters are not', async () => {
    const { json } = await browser.get('/api/people/self/access-log')
    const ask = (index: number, text: unknown) =>
      browser.post(`/api/people/self/access-log/${json.items[index].id}/question`, { text })
    for (const text of ['\u0000', '\ud800', '\u202e', '\u200b', '\u0085', 'x'.repeat(501)]) {
      expectProblem(await ask(0, `不是我${text}`), JSON.stringify(text).slice(0, 20))
    }
    for (const text of ['第一行\n第二行\t完', '𠮷野家', 'é'.repeat(250), '名'.repeat(500)])
      expect((await ask(0, text)).status).toBe(200)
    await unharmed()
  })

  test('[SE-5] addresses: unknown, other methods, broken encodings, ways out of the folder', async () => {
    const paths = [
      '/api',
      '/api/',
      '/api/nothing',
      '/api/people/self',
      '/api/people//reports',
      '/api/people/self/reports/',
      '/api/people/%zz/reports',
      '/api/people/%/reports',
      '/api/people/%00/reports',
      '/api/people/%ff%fe/reports',
      '/api/people/self/reports/%2e%2e%2f%2e%2e%2fetc%2fpasswd',
      '/api/people/../../etc/passwd',
      `/api/people/${'a'.repeat(129)}/reports`,
      `/api/people/${'%F0%9F%98%80'.repeat(20)}/reports`,
      '/api/:x(',
      '/api/:x(.*)',
      '/api/a*b',
      '/api/*',
      '/:a(%5Cd+',
      '/api/people/:person/reports',
      '/api/people/__proto__/reports',
      '/api/people/constructor/reports/toString',
      '/ingest/nothing',
      '/demo/people',
      '/demo/outbox',
      '/fhir/Patient',
      '/metrics',
      '/package.json',
      '/.env',
      '/../server/main.ts',
      '/%2e%2e/server/main.ts',
      '//evil.example/%2e%2e',
      '/server/main.ts%00.js',
    ]
    for (const path of paths) {
      const answer = await browser.send('GET', path)
      expectProblem(answer, path)
    }
    for (const { method, path } of contractRoutes) {
      const url = path.replace(':person', 'self').replace(':id', nobody)
      for (const other of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE'] as const) {
        if (other === method || contractRoutes.some((route) => route.path === path && route.method === other)) continue
        const answer = await gateway.app.inject({ method: other as 'GET', url, headers: { origin } })
        expect(answer.statusCode, `${other} ${url}`).toBe(405)
        if (other !== 'HEAD') expect(answer.json().code).toBe('method-not-allowed')
      }
    }
    await unharmed()
  })

  test('[SE-5] [VW-3] foreign persons, records and cursors are answered as if there were none', async () => {
    const same = async (one: string, other: string, code: string) => {
      const [a, b] = [await browser.get(one), await browser.get(other)]
      expectProblem(a, one)
      expect(a.json.code).toBe(code)
      expect(a.body).toBe(b.body)
      expect({ ...a.headers, date: null }).toEqual({ ...b.headers, date: null })
    }
    await same(`/api/people/${foreign.person}/reports`, `/api/people/${nobody}/reports`, 'not-found')
    await same(`/api/people/self/reports/${foreign.report}`, `/api/people/self/reports/${nobody}`, 'not-found')
    await same(`/api/people/${foreign.person}/reports/${foreign.report}`, `/api/people/self/reports/${nobody}`, 'not-found')
    await same(`/api/people/${foreign.person}/identity`, `/api/people/${nobody}/identity`, 'not-found')
    await same(`/api/people/self/reports/${nobody}`, '/api/people/self/reports/not-an-id', 'not-found')
    await same(
      `/api/people/self/reports?cursor=${foreign.cursor}`,
      `/api/people/self/reports?cursor=${'B'.repeat(60)}`,
      'cursor-invalid',
    )
    await unharmed()
  })

  test('[SE-5] cursors: of another list, mangled, doubled, too long', async () => {
    const own = place.gateway.deps.keys.sealCursor('1795140000000 x', `reports|${foreign.person}`)
    const lists = ['reports', 'medications', 'access-log'].map((list) => `/api/people/self/${list}`)
    const flipped = [...foreign.cursor].map((character, index) => (index === 20 ? (character === 'A' ? 'B' : 'A') : character))
    for (const list of lists) {
      for (const query of [
        `cursor=${own}`,
        `cursor=${foreign.cursor}`,
        `cursor=${flipped.join('')}`,
        `cursor=${foreign.cursor.slice(0, -4)}`,
        `cursor=${'A'.repeat(257)}`,
        'cursor=',
        'cursor=%00',
        `cursor=${foreign.cursor}&cursor=${foreign.cursor}`,
        `cursor[a]=${foreign.cursor}`.replace('cursor[a]', 'cursor=x&cursor%5Ba%5D'),
      ]) {
        const answer = await browser.get(`${list}?${query}`)
        expectProblem(answer, `${list}?${query}`)
        expect(answer.json.code).toBe('cursor-invalid')
      }
      expect((await browser.get(`${list}?__proto__=1&constructor=2&unknown=3`)).status).toBe(200)
    }
    await unharmed()
  })
})

describe('over a real connection', () => {
  onBothStores('wire', {}, (place) => {
    const talk = (text: string | Buffer): Promise<string> =>
      new Promise((resolve, reject) => {
        const { port } = place.gateway.app.server.address() as { port: number }
        const socket = connect(port, '127.0.0.1')
        let heard = ''
        socket.on('data', (chunk) => {
          heard += chunk.toString('utf8')
        })
        socket.on('error', (error: NodeJS.ErrnoException) => (heard === '' ? reject(error) : resolve(heard)))
        socket.on('close', () => resolve(heard))
        socket.setTimeout(5000, () => socket.destroy())
        socket.write(text)
      })
    beforeAll(async () => {
      await place.gateway.app.listen({ host: '127.0.0.1', port: 0 })
    })

    test('[SE-5] ten megabytes are refused with 413 and the next request is answered', async () => {
      const body = Buffer.from(JSON.stringify({ phone: '16455500001', password: 'x'.repeat(10 * 1024 * 1024) }))
      const { port } = place.gateway.app.server.address() as { port: number }
      const url = `http://127.0.0.1:${port}/api/sign-in/password`
      const headers = { origin, 'content-type': 'application/json' }
      const answer = await fetch(url, { method: 'POST', headers, body })
      expect(answer.status).toBe(413)
      expect(((await answer.json()) as { code: string }).code).toBe('too-large')
      const chunked = new ReadableStream({
        pull(controller) {
          controller.enqueue(Buffer.alloc(64 * 1024, 0x20))
        },
      })
      const streamed = await fetch(url, { method: 'POST', headers, body: chunked, duplex: 'half' } as RequestInit).catch(
        (error: Error) => error,
      )
      if (streamed instanceof Response) expect(streamed.status).toBe(413)
      expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200)
      expect(place.gateway.reports).toEqual([])
    })

    test('[SE-5] what is no HTTP, giant headers and two lengths get a problem document and the end of the connection', async () => {
      for (const text of [
        'GARBAGE\r\n\r\n',
        'GET / HTTP/1.1\r\nno colon here\r\n\r\n',
        `GET / HTTP/1.1\r\nhost: x\r\nx-big: ${'a'.repeat(70_000)}\r\n\r\n`,
        `GET /${'a'.repeat(70_000)} HTTP/1.1\r\nhost: x\r\n\r\n`,
        'POST /api/sign-out HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
        'POST /api/sign-out HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello',
        'POST /api/sign-out HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n',
      ]) {
        const heard = await talk(text)
        expect(heard.slice(0, 12), text.slice(0, 40)).toMatch(/^HTTP\/1\.1 4\d\d/)
        expect(heard.toLowerCase()).toContain('content-type: application/problem+json')
        expect(heard.toLowerCase()).toContain('connection: close')
        expect(JSON.parse(heard.slice(heard.indexOf('\r\n\r\n') + 4))).toMatchObject({ code: 'malformed' })
      }
      expect(place.gateway.reports).toEqual([])
    })
  })
})
