import { expect, test } from 'vitest'
import { storeOnPostgres } from '../../server/platform/db.ts'
import { readOutbox } from '../../server/platform/messages.ts'
import { type Answer, Browser, codeFor, type Gateway, profile, startGateway, testPassword } from '../support/gateway.ts'
import { stores } from '../support/stores.ts'
import { readEvents } from './events.ts'
import { nextSecond, onBothStores, roomy, traced, trulyRandom } from './on-both-stores.ts'
import { admit, newPerson } from './people.ts'

/** A browser that has given the right password, and its code. */
async function waitingFor(gateway: Gateway, phone: string): Promise<{ browser: Browser; code: string }> {
  await nextSecond(gateway)
  const browser = new Browser(gateway.app)
  await browser.post('/api/sign-in/password', { phone, password: testPassword })
  return { browser, code: await codeFor(gateway, phone) }
}

const another = (code: string): string => String((Number(code) + 1) % 1_000_000).padStart(6, '0')

const sessionsOf = async ({ deps }: Gateway) =>
  (await deps.store.owner.selectFrom('session').select('state').where('state', '=', 'signed-in').execute()).length

onBothStores('codes', {}, (place) => {
  const give = (browser: Browser, code: string): Promise<Answer> => browser.post('/api/sign-in/code', { code })

  test('[ID-3] [ID-10] a code has six digits and is good once', async () => {
    const { gateway } = place
    const phone = await admit(gateway, newPerson())
    const { browser, code } = await waitingFor(gateway, phone)
    expect(code).toMatch(/^\d{6}$/)
    const before = browser.cookies.get('__Host-zhiqing') as string
    expect((await give(browser, code)).status).toBe(200)
    const again = new Browser(gateway.app)
    again.cookies.set('__Host-zhiqing', before)
    expect((await give(again, code)).json.code).toBe('sign-in-refused')
    expect((await give(browser, code)).json.code).toBe('sign-in-refused')
  })

  test('[ID-3] [ID-10] a code is good for five minutes and five tries', async () => {
    const { gateway } = place
    const phone = await admit(gateway, newPerson())
    const late = await waitingFor(gateway, phone)
    gateway.clock.advance(5 * 60_000)
    expect((await give(late.browser, late.code)).status).toBe(401)
    const inTime = await waitingFor(gateway, phone)
    gateway.clock.advance(5 * 60_000 - 1)
    expect((await give(inTime.browser, inTime.code)).status).toBe(200)
    const patient = await waitingFor(gateway, phone)
    for (let tries = 0; tries < 4; tries += 1) expect((await give(patient.browser, another(patient.code))).status).toBe(401)
    expect((await give(patient.browser, patient.code)).status).toBe(200)
    const guessed = await waitingFor(gateway, phone)
    for (let tries = 0; tries < 5; tries += 1) expect((await give(guessed.browser, another(guessed.code))).status).toBe(401)
    expect((await give(guessed.browser, guessed.code)).status).toBe(401)
  })

  test('[ID-3] [ID-10] a code opens only the session, purpose and number that it was made for', async () => {
    const { gateway } = place
    const [phone, otherPhone] = [await admit(gateway, newPerson()), await admit(gateway, newPerson())]
    const mine = await waitingFor(gateway, phone)
    const theirs = await waitingFor(gateway, otherPhone)
    expect((await give(theirs.browser, mine.code)).status, 'of another session').toBe(401)
    expect((await give(new Browser(gateway.app), mine.code)).status, 'without a session').toBe(401)
    await nextSecond(gateway)
    await mine.browser.post('/api/sign-in/password', { phone, password: testPassword })
    const newer = await codeFor(gateway, phone)
    if (newer !== mine.code) expect((await give(mine.browser, mine.code)).status, 'an old code after a new one').toBe(401)
    expect((await give(mine.browser, newer)).status).toBe(200)

    const registering = new Browser(gateway.app)
    await nextSecond(gateway)
    await registering.post('/api/registration/code', { phone })
    const code = await codeFor(gateway, phone)
    expect((await give(registering, code)).status, 'of registration at sign-in').toBe(401)
    const form = { name: '某人', identityNumber: '440106198501010018', password: 'Banyan/Tide.5170', code }
    const elsewhere = await registering.post('/api/registration', { ...form, phone: '16499900321' })
    expect(elsewhere.json.code, 'of another number').toBe('code-refused')
    const signingIn = await waitingFor(gateway, phone)
    const crossed = await signingIn.browser.post('/api/registration', { ...form, phone, code: signingIn.code })
    expect(crossed.json.code, 'of sign-in at registration').toBe('code-refused')
  })

  test('[ID-3] [ID-10] fifty submissions of the right code at once make exactly one session', async () => {
    const { gateway } = place
    const phone = await admit(gateway, newPerson())
    const { browser, code } = await waitingFor(gateway, phone)
    const before = await sessionsOf(gateway)
    const cookies = new Map(browser.cookies)
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => {
        const one = new Browser(gateway.app)
        for (const [name, value] of cookies) one.cookies.set(name, value)
        return give(one, code)
      }),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(49)
    expect((await sessionsOf(gateway)) - before).toBe(1)
  })

  test('[ID-10] two hundred wrong guesses at once count as five tries and none opens', async () => {
    const { gateway } = place
    const phone = await admit(gateway, newPerson())
    const { browser, code } = await waitingFor(gateway, phone)
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) => {
        const guess = String((Number(code) + 1 + index) % 1_000_000).padStart(6, '0')
        return give(browser, guess)
      }),
    )
    expect(new Set(answers.map(({ status, body }) => `${status} ${body}`)).size).toBe(1)
    const left = await gateway.deps.store.owner
      .selectFrom('one_time_code')
      .select('tries_left')
      .where('phone_hash', '=', gateway.deps.keys.lookup('phone', phone))
      .execute()
    expect(left).toEqual([{ tries_left: 0 }])
    expect((await give(browser, code)).status).toBe(401)
  })

  test('[ID-10] known, unknown and wrong password: one answer, the same statements, no difference to be timed', async () => {
    const statements: string[] = []
    const gateway = await startGateway(place.test.store, {
      now: place.gateway.clock.now(),
      change: (deps) => {
        const store = traced(deps.store, (role, text) => role === 'patient' && statements.push(text))
        return trulyRandom(roomy({ ...deps, store }))
      },
    })
    await gateway.jobs.stop()
    // The first event of a month has a key to be made: that too must look the same.
    const cases = {
      known: { phone: await admit(place.gateway, newPerson()), password: testPassword },
      unknown: { phone: '+8616499911111', password: testPassword },
      mismatched: { phone: await admit(place.gateway, newPerson()), password: 'Wrong.Harbour.4411' },
    }
    const times: Record<string, number[]> = { known: [], unknown: [], mismatched: [] }
    const shapes = new Map<string, string[]>()
    for (let round = 0; round < 30; round += 1) {
      for (const [name, given] of Object.entries(cases)) {
        statements.length = 0
        const browser = new Browser(gateway.app)
        const from = performance.now()
        const { status, headers, body } = await browser.post('/api/sign-in/password', given)
        times[name]?.push(performance.now() - from)
        const { date: _, 'set-cookie': cookies, ...rest } = headers
        const masked = String(cookies).replace(/=[A-Za-z0-9_-]{43}/g, '=…')
        const shape = JSON.stringify([status, rest, masked, body, statements])
        shapes.set(shape, [...(shapes.get(shape) ?? []), name])
      }
    }
    expect([...shapes.values()].map((names) => names.length)).toEqual([90])
    const median = (list: number[] = []) => [...list].sort((a, b) => a - b)[list.length >> 1] ?? 0
    const medians = Object.values(times).map((list) => median(list))
    expect(Math.max(...medians) / Math.min(...medians), JSON.stringify(medians)).toBeLessThan(1.5)
    await gateway.app.close()
  })

  test('[ID-10] [UX-4] only the right password sends a code, and the text names no one', async () => {
    const { gateway } = place
    const person = newPerson()
    const phone = await admit(gateway, person)
    await gateway.jobs.settled()
    await gateway.deps.store.owner.deleteFrom('outbox').execute()
    for (const given of [
      { phone, password: 'Wrong.Harbour.4411' },
      { phone: '+8616499912222', password: testPassword },
    ]) {
      await new Browser(gateway.app).post('/api/sign-in/password', given)
    }
    await gateway.jobs.settled()
    expect(await readOutbox(gateway.deps, 10)).toEqual([])
    await waitingFor(gateway, phone)
    const [message] = await readOutbox(gateway.deps, 10)
    expect(message?.to).toBe(phone)
    expect(message?.text).not.toContain(person.name)
  })
})

const strict = { perNumber: 5, perDevice: 8, perNetwork: 12, overall: 30 }
const limited = (minutes = 60) => ({
  ...profile.limits,
  perNumber: { most: strict.perNumber, minutes },
  perDevice: { most: strict.perDevice, minutes },
  perNetwork: { most: strict.perNetwork, minutes },
  overall: { most: strict.overall, minutes },
  requestsPerSecond: 1_000_000,
})

onBothStores(
  'limits',
  { change: (deps) => trulyRandom({ ...deps, profile: { ...deps.profile, limits: limited() } }) },
  (place) => {
    const ask = (browser: Browser, phone: string, remoteAddress: string) =>
      browser.send('POST', '/api/registration/code', { phone }, { remoteAddress })
    /** Within one hour from the limits of the test before. */
    const anHourLater = () => place.gateway.clock.advance(61 * 60_000)
    let serial = 0
    const next = () => {
      serial += 1
      return serial
    }
    const freshPhone = () => `164555${String(next()).padStart(5, '0')}`
    const freshAddress = () => `10.9.${next() % 250}.1`

    test('[ID-10] per number, from wherever it is asked; the refusal says when to come again', async () => {
      anHourLater()
      const phone = freshPhone()
      const statuses: number[] = []
      for (let n = 0; n < strict.perNumber + 2; n += 1) {
        const answer = await ask(new Browser(place.gateway.app), n % 2 ? phone : `+86 ${phone}`, freshAddress())
        statuses.push(answer.status)
        if (answer.status === 429) {
          expect(answer.headers['retry-after']).toBe('3600')
          expect(answer.json).toMatchObject({ code: 'too-many', retryAfter: 3600 })
        }
      }
      expect(statuses).toEqual([...Array(strict.perNumber).fill(202), 429, 429])
      place.gateway.clock.advance(60 * 60_000 - 1)
      expect((await ask(new Browser(place.gateway.app), phone, freshAddress())).status).toBe(429)
      place.gateway.clock.advance(1)
      expect((await ask(new Browser(place.gateway.app), phone, freshAddress())).status).toBe(202)
    })

    test('[ID-10] per device and per network, over many numbers, IPv6 by its /56', async () => {
      anHourLater()
      const device = new Browser(place.gateway.app)
      const byDevice: number[] = []
      for (let n = 0; n < strict.perDevice + 1; n += 1) byDevice.push((await ask(device, freshPhone(), freshAddress())).status)
      expect(byDevice).toEqual([...Array(strict.perDevice).fill(202), 429])
      for (const address of [(n: number) => `203.0.113.${n + 1}`, (n: number) => `2001:db8:7:12${n % 10}0::${n + 1}`]) {
        anHourLater()
        const byNetwork: number[] = []
        for (let n = 0; n < strict.perNetwork + 1; n += 1) {
          byNetwork.push((await ask(new Browser(place.gateway.app), freshPhone(), address(n))).status)
        }
        expect(byNetwork).toEqual([...Array(strict.perNetwork).fill(202), 429])
      }
    })

    test('[ID-10] in all, and the answer is the same for a known and an unknown number', async () => {
      anHourLater()
      const known = await admit(place.gateway, newPerson())
      const statuses: number[] = []
      for (let n = 0; n < strict.overall + 1; n += 1) {
        statuses.push((await ask(new Browser(place.gateway.app), freshPhone(), freshAddress())).status)
      }
      expect(statuses).toEqual([...Array(strict.overall).fill(202), 429])
      anHourLater()
      const refusals: string[] = []
      for (const phone of [known, '+8616499913333']) {
        const browser = new Browser(place.gateway.app, { 'accept-language': 'zh-Hans' })
        for (let n = 0; n < strict.perNumber; n += 1)
          await browser.post('/api/sign-in/password', { phone, password: testPassword })
        const { status, headers, body } = await browser.post('/api/sign-in/password', { phone, password: testPassword })
        const { date: _, ...rest } = headers
        refusals.push(JSON.stringify([status, rest, body]))
      }
      expect(refusals[0]).toContain('429')
      expect(refusals[1]).toBe(refusals[0])
    })

    test('[ID-10] [AU-1] a refusal for too many tries is on record', async () => {
      anHourLater()
      const phone = freshPhone()
      for (let n = 0; n <= strict.perNumber; n += 1) await ask(new Browser(place.gateway.app), phone, freshAddress())
      const last = (await readEvents(place.gateway.deps)).at(-1)
      expect(last).toMatchObject({ operation: 'refused', outcome: 'refused', detail: 'registration-code too-many' })
    })
  },
)

test('[ID-10] two gateways on one PostgreSQL let exactly as many through as one, under 200 calls at once', async (context) => {
  const maker = stores.find(({ kind }) => kind === 'postgres')
  if (!maker || maker.absent !== null) return context.skip(maker?.absent ?? 'needs PostgreSQL')
  const made = await maker.make()
  const secondPool = storeOnPostgres(made.at)
  const change: NonNullable<Parameters<typeof startGateway>[1]>['change'] = (deps) =>
    trulyRandom({ ...deps, profile: { ...deps.profile, limits: { ...limited(), perNetwork: { most: 20, minutes: 60 } } } })
  const gateways = [await startGateway(made.store, { change }), await startGateway(secondPool, { change })]
  try {
    const [number, ...numbers] = Array.from({ length: 200 }, (_, index) => `164777${String(index).padStart(5, '0')}`)
    const through = async (call: (index: number) => { phone: string; remoteAddress: string }, count: number) => {
      const answers = await Promise.all(
        Array.from({ length: count }, (_, index) => {
          const { phone, remoteAddress } = call(index)
          const gateway = gateways[index % 2] as Gateway
          return new Browser(gateway.app).send('POST', '/api/registration/code', { phone }, { remoteAddress })
        }),
      )
      expect(answers.filter(({ status }) => status !== 202 && status !== 429)).toEqual([])
      return answers.filter(({ status }) => status === 202).length
    }
    const away = (index: number) => `10.${index % 250}.${index >> 3}.1`
    expect(await through((index) => ({ phone: number as string, remoteAddress: away(index) }), 200)).toBe(strict.perNumber)
    const own = (index: number) => numbers[index % numbers.length] as string
    expect(await through((index) => ({ phone: own(index), remoteAddress: '198.51.100.7' }), 60)).toBe(20)
    const soFar = strict.perNumber + 20
    const rest = await through((index) => ({ phone: own(100 + index), remoteAddress: away(index) }), 60)
    expect(rest).toBe(strict.overall - soFar)
  } finally {
    for (const { app } of gateways) await app.close()
    await secondPool.close()
    await made.drop()
  }
})
