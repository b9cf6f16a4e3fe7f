import { expect, test } from 'vitest'
import { Browser, codeFor, signIn } from '../support/gateway.ts'
import { eventsOf } from './events.ts'
import { nextSecond, onBothStores } from './on-both-stores.ts'
import { admit, newPerson } from './people.ts'

const day = 24 * 3_600_000

onBothStores('passwords', {}, (place) => {
  test('[ID-2] a weak password is refused with every reason, before the code is spent', async () => {
    const { gateway } = place
    const browser = new Browser(gateway.app)
    await browser.post('/api/registration/code', { phone: '16455577701' })
    const code = await codeFor(gateway, '+8616455577701')
    const form = { phone: '16455577701', code, name: 'Ada Lovelace', identityNumber: '440106198501010018' }
    const reasons = async (password: string) => {
      const { status, json } = await browser.post('/api/registration', { ...form, password })
      expect([status, json.code, json.fields]).toEqual([422, 'password-weak', ['password']])
      return json.reasons
    }
    expect(await reasons('vqxjkz')).toEqual(['too-short', 'no-upper', 'no-digit', 'no-symbol'])
    expect(await reasons('Password123!')).toEqual(['common'])
    expect(await reasons('Ab.55577701.xy')).toEqual(['personal'])
    expect(await reasons('Ab.440106198501010018.xy')).toEqual(['personal'])
    expect(await reasons('Xy1!ada lovelace')).toEqual(['personal'])
    for (let tries = 0; tries < 6; tries += 1) await reasons('vqxjkz')
    expect((await browser.post('/api/registration', { ...form, password: 'Banyan/Tide.5170' })).status).toBe(202)
  })

  test('[ID-2] after ninety days the person is reminded, and reads as before', async () => {
    const { gateway } = place
    const phone = await admit(gateway, newPerson())
    const reminded = async () => {
      await nextSecond(gateway)
      const browser = await signIn(gateway, phone)
      expect((await browser.get('/api/people/self/reports')).status).toBe(200)
      return (await browser.get('/api/session')).json.person.passwordReminder
    }
    expect(await reminded()).toBe(false)
    gateway.clock.advance(90 * day - 2000)
    expect(await reminded()).toBe(false)
    gateway.clock.advance(day)
    expect(await reminded()).toBe(true)
  })

  test('[ID-10] [AU-1] an account whose sign-in is refused tells its owner in the log, and not who it is to the caller', async () => {
    const { gateway } = place
    const phone = await admit(gateway, newPerson())
    const events = await eventsOf(gateway.deps, () =>
      new Browser(gateway.app).post('/api/sign-in/password', { phone, password: 'Wrong.Harbour.4411' }),
    )
    expect(events.map(({ operation }) => operation)).toEqual(['sign-in-refused'])
    await nextSecond(gateway)
    const log = await (await signIn(gateway, phone)).get('/api/people/self/access-log')
    expect(log.json.items.map(({ act }: { act: string }) => act)).toContain('sign-in-refused')
  })
})
