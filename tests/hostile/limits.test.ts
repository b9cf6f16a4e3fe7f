import { expect, test } from 'vitest'
import { storeOnPostgres } from '../../server/platform/db.ts'
import { Browser, type Gateway, profile, startGateway, testPassword } from '../support/gateway.ts'
import { stores } from '../support/stores.ts'
import { readEvents } from './events.ts'
import { onBothStores, trulyRandom } from './on-both-stores.ts'
import { admit, newPerson } from './people.ts'

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
