import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { makeDeskCode } from '../../server/identity/desk.ts'
import { contractRoutes } from '../../server/platform/openapi.ts'
import { relabel } from '../../server/records/relabel.ts'
import { type Answer, Browser, bringIn, codeFor, type Gateway, signIn, testPassword } from '../support/gateway.ts'
import { eventsOf, type Recorded, readEvents } from './events.ts'
import { nextSecond, onBothStores } from './on-both-stores.ts'
import { admit, newPerson, type Person, publicIdOf, reportId, reportOf } from './people.ts'

const at = '2026-11-18T01:00:00Z'

interface Guest {
  person: Person
  phone: string
  publicId: string
  browser: Browser
}

async function welcome(gateway: Gateway, key: string): Promise<Guest> {
  const person = newPerson()
  const phone = await admit(gateway, person, ...reportOf(person, key, at))
  await nextSecond(gateway)
  return { person, phone, publicId: publicIdOf(gateway.deps, person), browser: await signIn(gateway, phone) }
}

/** The operation that each route's act is recorded by, where the contract's word is not the operation itself. */
const recordedAs: Record<string, string> = { 'sign-in': 'signed-in', 'sign-out': 'signed-out' }

type Act = (gateway: Gateway, guest: Guest) => Promise<Answer>

const acts: Record<string, Act> = {
  'POST /api/registration/code': (gateway) => new Browser(gateway.app).post('/api/registration/code', { phone: '16499911001' }),
  'POST /api/registration': async (gateway, { person }) => {
    const browser = new Browser(gateway.app)
    await nextSecond(gateway)
    await browser.post('/api/registration/code', { phone: '16499911002' })
    const code = await codeFor(gateway, '+8616499911002')
    const { name, identityNumber } = person
    return browser.post('/api/registration', { phone: '16499911002', code, name, identityNumber, password: 'Banyan/Tide.5170' })
  },
  'POST /api/sign-in/password': (gateway, { phone }) =>
    new Browser(gateway.app).post('/api/sign-in/password', { phone, password: testPassword }),
  'POST /api/sign-in/code': async (gateway, { phone }) => {
    const browser = new Browser(gateway.app)
    await nextSecond(gateway)
    await browser.post('/api/sign-in/password', { phone, password: testPassword })
    return browser.post('/api/sign-in/code', { code: await codeFor(gateway, phone) })
  },
  'GET /api/people/:person/reports': (_, { browser }) => browser.get('/api/people/self/reports'),
  'GET /api/people/:person/reports/:id': ({ deps }, { browser, person }) =>
    browser.get(`/api/people/self/reports/${reportId(deps, `${person.id}-report`)}`),
  'GET /api/people/:person/medications': (_, { browser }) => browser.get('/api/people/self/medications'),
  'GET /api/people/:person/identity': (_, { browser }) => browser.get('/api/people/self/identity'),
  'POST /api/people/:person/identity/reveal': (_, { browser }) =>
    browser.post('/api/people/self/identity/reveal', { field: 'phone' }),
  'GET /api/people/:person/access-log': (_, { browser }) => browser.get('/api/people/self/access-log'),
  'POST /api/people/:person/access-log/:id/question': async (_, { browser }) => {
    const { json } = await browser.get('/api/people/self/access-log')
    return browser.post(`/api/people/self/access-log/${json.items[0].id}/question`, { text: '这不是我' })
  },
  'POST /api/sign-out': (_, { browser }) => browser.post('/api/sign-out'),
}

onBothStores('events', {}, (place) => {
  const audited = contractRoutes.filter(({ audit }) => typeof audit === 'string')

  test('[AU-1] every act of the contract is one event: time, address, device, operation, actor, subject, purpose, outcome', async () => {
    const { gateway } = place
    const guest = await welcome(gateway, 'unused')
    await bringIn(gateway.deps, reportOf(guest.person, `${guest.person.id}-report`, at))
    const account = await gateway.deps.store.owner
      .selectFrom('account')
      .select('id')
      .where('patient_id', '=', guest.publicId)
      .executeTakeFirstOrThrow()
    expect(Object.keys(acts).sort()).toEqual(audited.map(({ method, path }) => `${method} ${path}`).sort())
    for (const [name, act] of Object.entries(acts)) {
      const route = audited.find(({ method, path }) => `${method} ${path}` === name)
      const operation = recordedAs[route?.audit as string] ?? (route?.audit as string)
      const found: Recorded[] = await eventsOf(gateway.deps, async () => {
        const answer = await act(gateway, guest)
        expect(answer.status, `${name}: ${answer.body}`).toBeLessThan(300)
      })
      const event = found.filter((one) => one.operation === operation)
      expect(event, name).toHaveLength(1)
      expect(event[0], name).toMatchObject({
        outcome: 'done',
        purpose: 'own-use',
        address: '127.0.0.1',
        device: expect.any(String),
      })
      expect(event[0]?.at.getTime()).toBe(gateway.clock.now().getTime())
      if (route?.access === 'signed-in') {
        expect(event[0], name).toMatchObject({ actor: account.id, subject: guest.publicId, session: expect.any(String) })
      }
    }
    const kept = await readEvents(gateway.deps)
    const revealed = kept.find(({ operation }) => operation === 'identifier-revealed')
    expect(revealed?.detail).toBe('phone')
    expect(kept.find(({ operation }) => operation === 'report-read')?.about).toBe(
      reportId(gateway.deps, `${guest.person.id}-report`),
    )
  })

  test('[AU-1] refusals are on record too, before the answer', async () => {
    const { gateway } = place
    const guest = await welcome(gateway, 'refusals')
    const stranger = 'A'.repeat(22)
    const refusals: [string, () => Promise<Answer>][] = [
      ['reports-listed not-found', () => guest.browser.get(`/api/people/${stranger}/reports`)],
      ['report-read not-found', () => guest.browser.get(`/api/people/self/reports/${stranger}`)],
      ['medications-listed not-found', () => guest.browser.get(`/api/people/${stranger}/medications`)],
      ['reports-listed cursor-invalid', () => guest.browser.get(`/api/people/self/reports?cursor=${stranger}`)],
      ['identity-read not-found', () => guest.browser.get(`/api/people/${stranger}/identity`)],
      ['identifier-revealed not-found', () => guest.browser.post(`/api/people/${stranger}/identity/reveal`, { field: 'name' })],
      ['log-read not-found', () => guest.browser.get(`/api/people/${stranger}/access-log`)],
      ['log-read cursor-invalid', () => guest.browser.get(`/api/people/self/access-log?cursor=${stranger}`)],
      ['log-questioned not-found', () => guest.browser.post(`/api/people/self/access-log/${stranger}/question`)],
      ['reports-listed not-signed-in', () => new Browser(gateway.app).get('/api/people/self/reports')],
      ['sign-out not-signed-in', () => new Browser(gateway.app).post('/api/sign-out')],
      [
        'registration code-refused',
        () =>
          new Browser(gateway.app).post('/api/registration', {
            phone: '16499911009',
            code: '123456',
            name: '某人',
            identityNumber: '440106198501010018',
            password: 'Banyan/Tide.5170',
          }),
      ],
    ]
    for (const [detail, act] of refusals) {
      const events = await eventsOf(gateway.deps, async () => {
        expect((await act()).status, detail).toBeGreaterThanOrEqual(400)
      })
      expect(events, detail).toMatchObject([{ operation: 'refused', outcome: 'refused', detail, address: '127.0.0.1' }])
    }
    const wrong = await eventsOf(gateway.deps, () =>
      new Browser(gateway.app).post('/api/sign-in/password', { phone: guest.phone, password: 'Wrong.Harbour.4411' }),
    )
    expect(wrong).toMatchObject([{ operation: 'sign-in-refused', outcome: 'refused', subject: guest.publicId, actor: null }])
    const guessed = await eventsOf(gateway.deps, () => new Browser(gateway.app).post('/api/sign-in/code', { code: '000000' }))
    expect(guessed).toMatchObject([{ operation: 'sign-in-refused', outcome: 'refused' }])
  })

  test('[AU-1] what the gateway does by itself or by staff is on record', async () => {
    const { gateway } = place
    const person = newPerson()
    const { deps } = gateway
    const brought = await eventsOf(deps, () => bringIn(deps, [person.resource]))
    expect(brought).toMatchObject([{ operation: 'imported', actor: 'test', purpose: 'administration', detail: '1' }])
    expect(await eventsOf(deps, () => bringIn(deps, [person.resource])), 'nothing changed').toEqual([])
    const made = await eventsOf(deps, () =>
      deps.store.owner.transaction().execute((tx) => makeDeskCode(tx, deps, publicIdOf(deps, person), 'desk-clerk')),
    )
    expect(made).toMatchObject([{ operation: 'desk-code-made', actor: 'desk-clerk', subject: publicIdOf(deps, person) }])
    const relabelled = await eventsOf(deps, () => relabel(deps, () => {}))
    expect(relabelled.length).toBeGreaterThan(0)
    expect(relabelled.every(({ operation }) => operation === 'relabelled')).toBe(true)
  })

  test('[AU-1] no event, no answer: nothing leaves, nothing is done, and it works again afterwards', async () => {
    const { gateway } = place
    const { store } = place.test
    const guest = await welcome(gateway, 'unused-2')
    await bringIn(gateway.deps, reportOf(guest.person, `${guest.person.id}-report`, at))
    const log = await guest.browser.get('/api/people/self/access-log')
    await nextSecond(gateway)
    const waiting = new Browser(gateway.app)
    await waiting.post('/api/sign-in/password', { phone: guest.phone, password: testPassword })
    const code = await codeFor(gateway, guest.phone)
    const registering = new Browser(gateway.app)
    await registering.post('/api/registration/code', { phone: '16499911077' })
    const registrationCode = await codeFor(gateway, '+8616499911077')
    const state = async () => ({
      sessions: (await store.owner.selectFrom('session').select('state').execute()).length,
      codes: await store.owner.selectFrom('one_time_code').select(['id', 'tries_left', 'used_at']).orderBy('id').execute(),
      jobs: (await store.owner.selectFrom('job').select('id').execute()).length,
      questions: (await store.owner.selectFrom('question').select('event_id').execute()).length,
    })
    const before = await state()
    const form = { phone: '16499911077', code: registrationCode, name: '某人', identityNumber: guest.person.identityNumber }
    const calls: Record<string, () => Promise<Answer>> = {
      'POST /api/registration/code': () => new Browser(gateway.app).post('/api/registration/code', { phone: '16499911078' }),
      'POST /api/registration': () => registering.post('/api/registration', { ...form, password: 'Banyan/Tide.5170' }),
      'POST /api/sign-in/password': () =>
        new Browser(gateway.app).post('/api/sign-in/password', { phone: guest.phone, password: testPassword }),
      'POST /api/sign-in/code': () => waiting.post('/api/sign-in/code', { code }),
      'POST /api/people/:person/access-log/:id/question': () =>
        guest.browser.post(`/api/people/self/access-log/${log.json.items[0].id}/question`),
    }
    await sql`revoke insert on audit_event from zhiqing_patient`.execute(store.owner)
    gateway.reports.length = 0
    try {
      for (const name of Object.keys(acts)) {
        const call = calls[name] ?? (() => (acts[name] as Act)(gateway, guest))
        const answer = await call()
        expect(answer.status, `${name}: ${answer.body}`).toBe(503)
        expect(answer.json.code).toBe('unavailable')
        expect(answer.headers['retry-after']).toBeDefined()
        expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/)
        expect(answer.body).not.toMatch(/血常规|permission|audit|16477700/)
      }
      expect((await guest.browser.get(`/api/people/${'A'.repeat(22)}/reports`)).status, 'a refusal is an answer too').toBe(503)
    } finally {
      await sql`grant insert on audit_event to zhiqing_patient`.execute(store.owner)
    }
    expect(await state()).toEqual(before)
    expect(gateway.reports.join('\n')).toContain('EVENT_NOT_WRITTEN')
    expect(gateway.reports.join('\n')).not.toMatch(/permission|血常规|16477700|440106/)
    expect((await acts['GET /api/people/:person/reports/:id']?.(gateway, guest))?.body).toContain('血常规')
    expect((await waiting.post('/api/sign-in/code', { code })).status).toBe(200)
  })

  test('[AU-1] one person whose log key is gone does not take the answers of others along', async () => {
    const { gateway } = place
    const [gone, other] = [await welcome(gateway, 'gone'), await welcome(gateway, 'other')]
    const { store } = place.test
    gateway.clock.advance(32 * 24 * 3_600_000)
    const month = `audit-${gateway.clock.now().toISOString().slice(0, 7)}`
    await store.owner
      .insertInto('data_key')
      .values({ owner: gone.publicId, class: month, wrapped: null, created_at: new Date(), destroyed_at: new Date() })
      .execute()
    const write = (subject: string) =>
      gateway.audit.write({
        operation: 'log-read',
        outcome: 'done',
        subject,
        actor: null,
        purpose: 'care',
        address: 'local',
        device: 'test',
        session: null,
      })
    const [first, second] = await Promise.allSettled([write(gone.publicId), write(other.publicId)])
    expect(first.status).toBe('rejected')
    expect(second.status).toBe('fulfilled')
  })
})
