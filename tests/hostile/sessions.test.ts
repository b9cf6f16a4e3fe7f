import { expect, test } from 'vitest'
import { contractRoutes } from '../../server/platform/openapi.ts'
import { Browser, codeFor, type Gateway, origin, signIn, testPassword } from '../support/gateway.ts'
import { eventsOf } from './events.ts'
import { nextSecond, onBothStores } from './on-both-stores.ts'
import { admit, newPerson } from './people.ts'

const cookieName = '__Host-zhiqing'
const reports = '/api/people/self/reports'

const enter = async (gateway: Gateway): Promise<{ phone: string; browser: Browser }> => {
  const phone = await admit(gateway, newPerson())
  await nextSecond(gateway)
  return { phone, browser: await signIn(gateway, phone) }
}

const holding = (gateway: Gateway, secret: string | undefined): Browser => {
  const browser = new Browser(gateway.app)
  if (secret !== undefined) browser.cookies.set(cookieName, secret)
  return browser
}

onBothStores('sessions', {}, (place) => {
  test('[ID-3] the cookie is bound to the host, secure, out of reach of scripts, same-site, and ends with the browser', async () => {
    const { gateway } = place
    const phone = await admit(gateway, newPerson())
    const answer = await new Browser(gateway.app).post('/api/sign-in/password', { phone, password: testPassword })
    const cookies = [answer.headers['set-cookie']].flat() as string[]
    expect(cookies).toHaveLength(2)
    for (const cookie of cookies)
      expect(cookie).toMatch(/^__Host-[\w-]+=[A-Za-z0-9_-]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict/)
    expect(cookies.find((cookie) => cookie.startsWith(`${cookieName}=`))).not.toMatch(/Max-Age|Expires|Domain/i)
  })

  test('[ID-3] sign-in and sign-out change the secret; the one before is dead, and a planted one never comes alive', async () => {
    const { gateway } = place
    const phone = await admit(gateway, newPerson())
    const attacker = new Browser(gateway.app)
    await attacker.post('/api/sign-in/password', { phone: '16499900555', password: 'Guess.Whale.1' })
    const planted = attacker.cookies.get(cookieName) as string
    const victim = holding(gateway, planted)
    await nextSecond(gateway)
    await victim.post('/api/sign-in/password', { phone, password: testPassword })
    const waiting = victim.cookies.get(cookieName)
    expect(waiting).not.toBe(planted)
    await victim.post('/api/sign-in/code', { code: await codeFor(gateway, phone) })
    const signedIn = victim.cookies.get(cookieName)
    expect(signedIn).not.toBe(waiting)
    expect((await victim.get(reports)).status).toBe(200)
    for (const secret of [planted, waiting, 'A'.repeat(43), `${signedIn?.slice(0, -1)}${signedIn?.endsWith('A') ? 'B' : 'A'}`]) {
      expect((await holding(gateway, secret).get(reports)).status, secret).toBe(401)
    }
    expect((await attacker.get(reports)).status).toBe(401)
    const out = await victim.post('/api/sign-out')
    expect(out.headers['clear-site-data']).toBe('"cache"')
    expect(String(out.headers['set-cookie'])).toMatch(/^__Host-zhiqing=; .*Max-Age=0/)
    expect((await holding(gateway, signedIn).get(reports)).json.code).toBe('session-ended')
  })

  test('[ID-3] a session that waits for a code reads nothing', async () => {
    const { gateway } = place
    const phone = await admit(gateway, newPerson())
    const browser = new Browser(gateway.app)
    await browser.post('/api/sign-in/password', { phone, password: testPassword })
    expect((await browser.get(reports)).json.code).toBe('not-signed-in')
    expect((await browser.get('/api/session')).json.person).toBeNull()
  })

  test('[ID-3] [ID-6] ten idle minutes by the server end a session, and twelve hours however busy', async () => {
    const { gateway } = place
    const { browser: idle } = await enter(gateway)
    gateway.clock.advance(10 * 60_000 - 1)
    expect((await idle.get(reports)).status).toBe(200)
    gateway.clock.advance(10 * 60_000)
    expect((await idle.get(reports)).json.code).toBe('session-ended')
    const { browser: busy } = await enter(gateway)
    for (let minutes = 0; minutes < 12 * 60 - 9; minutes += 9) {
      expect((await busy.get('/api/people/self/identity')).status, `${minutes} minutes`).toBe(200)
      gateway.clock.advance(9 * 60_000)
    }
    gateway.clock.advance(9 * 60_000)
    expect((await busy.get(reports)).json.code).toBe('session-ended')
  })

  test('[SE-5] [AU-1] a state-changing call from another site, or from nowhere, is refused and on record', async () => {
    const { gateway } = place
    const { browser } = await enter(gateway)
    const cookie = `${cookieName}=${browser.cookies.get(cookieName)}`
    const posts = contractRoutes.filter(({ method }) => method === 'POST')
    expect(posts.length).toBeGreaterThan(5)
    const cases: Record<string, string>[] = [
      {},
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: `${origin}.evil.example` },
      { origin: 'http://localhost:8081' },
      { origin: 'http://127.0.0.1:8080' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' },
    ]
    for (const { path } of posts) {
      const url = path.replace(':person', 'self').replace(':id', 'A'.repeat(22))
      for (const headers of cases) {
        const events = await eventsOf(gateway.deps, async () => {
          const answer = await gateway.app.inject({ method: 'POST', url, headers: { cookie, ...headers }, payload: {} })
          expect(answer.json().code, `${url} ${JSON.stringify(headers)}`).toBe('cross-site')
          expect(answer.headers['set-cookie']).toBeUndefined()
        })
        expect(events).toMatchObject([{ operation: 'refused', outcome: 'refused', actor: null }])
        expect(events[0]?.detail).toMatch(/ cross-site$/)
      }
    }
    expect((await browser.get(reports)).status).toBe(200)
    const fetched = await gateway.app.inject({
      method: 'POST',
      url: '/api/sign-out',
      headers: { cookie, 'sec-fetch-site': 'same-origin' },
    })
    expect(fetched.statusCode).toBe(200)
  })

  test('[SE-5] what a form of another page can send is not taken', async () => {
    const { gateway } = place
    for (const type of [
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'text/plain',
      'text/plain;json',
      '',
    ]) {
      const answer = await gateway.app.inject({
        method: 'POST',
        url: '/api/sign-in/password',
        headers: { origin, 'content-type': type },
        payload: JSON.stringify({ phone: '16499900555', password: 'x' }),
      })
      expect(answer.statusCode, type).toBe(415)
      expect(answer.json().code).toBe('unsupported-media')
    }
  })

  test('[SE-5] no GET changes anything but what is put on record', async () => {
    const { gateway } = place
    const { browser } = await enter(gateway)
    const tables = [
      'account',
      'session',
      'one_time_code',
      'desk_code',
      'job',
      'outbox',
      'question',
      'reading',
      'record',
      'patient',
    ]
    const state = async () => {
      const counts: string[] = []
      for (const table of tables) {
        const rows = await gateway.deps.store.owner
          .selectFrom(table as 'account')
          .selectAll()
          .execute()
        counts.push(`${table} ${JSON.stringify(rows)}`)
      }
      return counts
    }
    const before = await state()
    for (const { method, path } of contractRoutes) {
      if (method !== 'GET') continue
      await browser.get(path.replace(':person', 'self').replace(':id', 'A'.repeat(22)))
    }
    expect(await state()).toEqual(before)
  })
})
