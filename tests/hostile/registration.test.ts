import { expect, test } from 'vitest'
import { makeDeskCode } from '../../server/identity/desk.ts'
import { readOutbox } from '../../server/platform/messages.ts'
import { type Answer, Browser, bringIn, codeFor, type Gateway, signIn, startGateway, testPassword } from '../support/gateway.ts'
import { nextSecond, onBothStores, roomy, traced, trulyRandom } from './on-both-stores.ts'
import { admit, newPerson, type Person, publicIdOf } from './people.ts'

const newPassword = 'Banyan/Tide.5170'

interface Asked {
  phone: string
  name: string
  identityNumber: string
  deskCode?: string
}

/** Asks for a code and registers; the job has not run when `answer` is there. */
async function register(gateway: Gateway, asked: Asked, browser = new Browser(gateway.app)): Promise<Answer> {
  // The newest message is found by its time.
  await nextSecond(gateway)
  await browser.post('/api/registration/code', { phone: asked.phone })
  const code = await codeFor(gateway, `+86${asked.phone}`)
  return browser.post('/api/registration', { ...asked, code, password: newPassword })
}

const asking = ({ phone, name, identityNumber }: Person): Asked => ({ phone, name, identityNumber })

const outcomeFor = async ({ deps, jobs }: Gateway, phone: string): Promise<string | undefined> => {
  await jobs.settled()
  return (await readOutbox(deps, 200)).find(({ to, purpose }) => to === `+86${phone}` && /opened$/.test(purpose))?.purpose
}

const hasAccount = async ({ deps }: Gateway, person: Person): Promise<boolean> =>
  (await deps.store.owner
    .selectFrom('account')
    .select('id')
    .where('patient_id', '=', publicIdOf(deps, person))
    .executeTakeFirst()) !== undefined

const deskCodeOf = ({ deps }: Gateway, person: Person): Promise<string> =>
  deps.store.owner.transaction().execute((tx) => makeDeskCode(tx, deps, publicIdOf(deps, person), 'desk'))

const opened = 'sms.registration-opened'
const notOpened = 'sms.registration-not-opened'

onBothStores('registration', {}, (place) => {
  test('[ID-1] name, identity number and number together open the account, and the outcome goes to that number alone', async () => {
    const { gateway } = place
    const person = newPerson()
    await bringIn(gateway.deps, [person.resource])
    expect((await register(gateway, asking(person))).status).toBe(202)
    expect(await outcomeFor(gateway, person.phone)).toBe(opened)
    expect(await hasAccount(gateway, person)).toBe(true)
    const browser = new Browser(gateway.app)
    await nextSecond(gateway)
    await browser.post('/api/sign-in/password', { phone: person.phone, password: newPassword })
    const answer = await browser.post('/api/sign-in/code', { code: await codeFor(gateway, `+86${person.phone}`) })
    expect(answer.json.person.id).toBe(publicIdOf(gateway.deps, person))
  })

  test('[ID-1] [ID-10] match, mismatch of each field, unknown, shared, child and adolescent get one answer by the same statements', async () => {
    const statements: string[] = []
    const gateway = await startGateway(place.test.store, {
      seed: 'test',
      now: place.gateway.clock.now(),
      change: (deps) => {
        const store = traced(deps.store, (role, text) => role === 'patient' && statements.push(text))
        return trulyRandom(roomy({ ...deps, store }))
      },
    })
    await gateway.jobs.stop()
    const sending = place.gateway
    const [match, known, other, father, mother, child, girl] = [
      newPerson(),
      newPerson(),
      newPerson(),
      newPerson(),
      newPerson(),
      newPerson({ birthDate: '2020-05-01' }),
      newPerson({ birthDate: '2011-05-01' }),
    ] as const
    mother.resource.telecom = father.resource.telecom
    mother.phone = father.phone
    const people = [match, known, other, father, mother, child, girl]
    await bringIn(
      gateway.deps,
      people.map(({ resource }) => resource),
    )
    const cases: Record<string, Asked> = {
      match: asking(match),
      'another name': { ...asking(known), name: '王另人' },
      'another identity number': { ...asking(known), identityNumber: other.identityNumber },
      'another number': { ...asking(known), phone: other.phone },
      'a number that nobody has': { ...asking(known), phone: '16499900001' },
      'an unknown person': { phone: '16499900002', name: '无此人', identityNumber: '440106198501010018' },
      'a shared number': asking(father),
      'a child of six': asking(child),
      'a girl of fifteen alone': asking(girl),
      'a wrong desk code': { ...asking(known), deskCode: 'AAAAA-AAAAA' },
    }
    const ready: { name: string; asked: Asked; browser: Browser; code: string }[] = []
    for (const [name, asked] of Object.entries(cases)) {
      const browser = new Browser(gateway.app)
      for (const one of [gateway, sending]) await nextSecond(one)
      await browser.post('/api/registration/code', { phone: asked.phone })
      ready.push({ name, asked, browser, code: await codeFor(sending, `+86${asked.phone}`) })
    }
    const seen: { name: string; answer: string; statements: string[] }[] = []
    for (const { name, asked, browser, code } of ready) {
      statements.length = 0
      const { status, headers, body } = await browser.post('/api/registration', { ...asked, code, password: newPassword })
      const { date: _, ...rest } = headers
      seen.push({ name, answer: JSON.stringify([status, rest, body]), statements: [...statements] })
    }
    const [first] = seen
    expect(first?.answer).toContain('202')
    expect(first?.statements.length).toBeGreaterThan(2)
    for (const { name, answer, statements: made } of seen) {
      expect(answer, name).toBe(first?.answer)
      expect(made, name).toEqual(first?.statements)
    }
    // Nothing was matched yet: every answer left before.
    expect(await hasAccount(gateway, match)).toBe(false)
    expect(await outcomeFor(sending, match.phone)).toBe(opened)
    for (const [name, { phone }] of Object.entries(cases).slice(1)) expect(await outcomeFor(sending, phone), name).toBe(notOpened)
    for (const person of [known, other, father, mother, child, girl]) expect(await hasAccount(gateway, person)).toBe(false)
    await gateway.app.close()
  })

  test('[ID-1] [SE-6] a gateway that dies between answer and matching loses nothing: another one opens the account, once', async () => {
    const dying = await startGateway(place.test.store, { change: (deps) => trulyRandom(roomy(deps)) })
    const person = newPerson()
    await bringIn(dying.deps, [person.resource])
    const browser = new Browser(dying.app)
    await browser.post('/api/registration/code', { phone: person.phone })
    const code = await codeFor(dying, `+86${person.phone}`)
    await dying.jobs.stop()
    const answer = await browser.post('/api/registration', { ...asking(person), code, password: newPassword })
    expect(answer.status).toBe(202)
    expect(await hasAccount(dying, person)).toBe(false)
    await dying.app.close()
    const others = await Promise.all(
      [1, 2].map(() => startGateway(place.test.store, { change: (deps) => trulyRandom(roomy(deps)) })),
    )
    await Promise.all(others.map(({ jobs }) => jobs.settled()))
    expect(await hasAccount(place.gateway, person)).toBe(true)
    const told = (await readOutbox(place.gateway.deps, 200)).filter(
      ({ to, purpose }) => to === `+86${person.phone}` && purpose === opened,
    )
    expect(told).toHaveLength(1)
    for (const { app } of others) await app.close()
  })

  test('[ID-1] a desk code opens for a shared number and for a girl of 15, never for a child of 6', async () => {
    const { gateway } = place
    const girl = newPerson({ birthDate: '2011-05-01' })
    const child = newPerson({ birthDate: '2020-05-01' })
    const mother = newPerson({ phone: child.phone })
    await bringIn(
      gateway.deps,
      [girl, child, mother].map(({ resource }) => resource),
    )
    for (const [person, outcome] of [
      [girl, opened],
      [child, notOpened],
      [mother, opened],
    ] as const) {
      const deskCode = await deskCodeOf(gateway, person)
      await gateway.deps.store.owner.deleteFrom('outbox').execute()
      await register(gateway, { ...asking(person), deskCode: ` ${deskCode.toLowerCase()} ` })
      expect(await outcomeFor(gateway, person.phone), person.id).toBe(outcome)
      expect(await hasAccount(gateway, person)).toBe(outcome === opened)
    }
  })

  test('[ID-1] a desk code is good once, for its week, for its patient, until the next one is made', async () => {
    const { gateway } = place
    const [one, other] = [newPerson({ birthDate: '2011-05-01' }), newPerson({ birthDate: '2011-05-01' })] as const
    await bringIn(gateway.deps, [one.resource, other.resource])
    const attempt = async (person: Person, deskCode: string) => {
      await gateway.deps.store.owner.deleteFrom('outbox').execute()
      await register(gateway, { ...asking(person), deskCode })
      return outcomeFor(gateway, person.phone)
    }
    const first = await deskCodeOf(gateway, one)
    expect(await attempt(other, first), 'of another patient').toBe(notOpened)
    const second = await deskCodeOf(gateway, one)
    expect(await attempt(one, first), 'replaced').toBe(notOpened)
    expect(await attempt(one, second.replace(/.$/, second.endsWith('0') ? '1' : '0')), 'wrong').toBe(notOpened)
    expect(await attempt(one, second), 'right').toBe(opened)
    expect(await attempt(one, second), 'used').toBe(notOpened)
    const third = await deskCodeOf(gateway, other)
    gateway.clock.advance(7 * 24 * 3_600_000)
    expect(await attempt(other, third), 'expired').toBe(notOpened)
  })

  test('[ID-1] an account is replaced at the desk alone; then sessions end and codes that were asked before are void', async () => {
    const { gateway } = place
    const person = newPerson()
    const phone = await admit(gateway, person)
    const signedIn = await signIn(gateway, phone)
    await register(gateway, asking(person))
    expect(await outcomeFor(gateway, person.phone)).toBe(notOpened)
    expect((await signedIn.get('/api/people/self/reports')).status).toBe(200)

    const waiting = new Browser(gateway.app)
    await nextSecond(gateway)
    await waiting.post('/api/sign-in/password', { phone, password: testPassword })
    const oldCode = await codeFor(gateway, phone)
    await gateway.deps.store.owner.deleteFrom('outbox').execute()
    const moved = '16499900777'
    const deskCode = await deskCodeOf(gateway, person)
    await register(gateway, { ...asking(person), phone: moved, deskCode })
    expect(await outcomeFor(gateway, moved)).toBe(opened)
    expect((await signedIn.get('/api/people/self/reports')).status).toBe(401)
    expect((await waiting.post('/api/sign-in/code', { code: oldCode })).status, 'the old password asked for it').toBe(401)
    const [byOld, byNew] = [new Browser(gateway.app), new Browser(gateway.app)]
    await byOld.post('/api/sign-in/password', { phone, password: newPassword })
    await gateway.jobs.settled()
    expect((await readOutbox(gateway.deps, 50)).filter(({ to }) => to === phone)).toEqual([])
    await nextSecond(gateway)
    await byNew.post('/api/sign-in/password', { phone: moved, password: newPassword })
    expect((await byNew.post('/api/sign-in/code', { code: await codeFor(gateway, `+86${moved}`) })).status).toBe(200)
  })

  test('[ID-1] the next holder of a recycled number gets neither into the old account nor one by the number', async () => {
    const { gateway } = place
    const before = newPerson()
    const phone = await admit(gateway, before)
    const after = newPerson({ phone: before.phone })
    await bringIn(gateway.deps, [after.resource])
    await register(gateway, asking(after))
    expect(await outcomeFor(gateway, after.phone)).toBe(notOpened)
    // The hospital hears of it: the number is the new person's alone in the index, but still signs the old one in.
    await bringIn(gateway.deps, [{ ...before.resource, telecom: [] }])
    await gateway.deps.store.owner.deleteFrom('outbox').execute()
    await register(gateway, asking(after))
    expect(await outcomeFor(gateway, after.phone)).toBe(notOpened)
    expect(await hasAccount(gateway, after)).toBe(false)
    // A desk code does not take the number over either, and is not spent on the try.
    const deskCode = await deskCodeOf(gateway, after)
    await register(gateway, { ...asking(after), deskCode })
    expect(await hasAccount(gateway, after)).toBe(false)
    await register(gateway, { ...asking(after), phone: '16499900888', deskCode })
    expect(await outcomeFor(gateway, '16499900888')).toBe(opened)
    await nextSecond(gateway)
    const old = await signIn(gateway, phone)
    expect((await old.get('/api/session')).json.person.id).toBe(publicIdOf(gateway.deps, before))
  })
})
