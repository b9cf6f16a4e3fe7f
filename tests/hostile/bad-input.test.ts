import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { contractRoutes } from '../../server/platform/openapi.ts'
import type { Route } from '../../shared/contract/route.ts'
import { type Answer, Browser, type Gateway, origin, signIn } from '../support/gateway.ts'
import { expectProblem } from './expect-problem.ts'
import { onBothStores } from './on-both-stores.ts'
import { admit, newPerson, reportOf } from './people.ts'

const at = '2026-11-18T01:00:00Z'

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
  beforeAll(async () => {
    gateway = place.gateway
    const mine = newPerson()
    browser = await signIn(gateway, await admit(gateway, mine, ...reportOf(mine, 'bad-input-mine', at)))
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
})
