import { expect, test } from 'vitest'
import { readOutbox } from '../../server/platform/messages.ts'
import { type Answer, Browser, codeFor, type Gateway, startGateway, testPassword } from '../support/gateway.ts'
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
