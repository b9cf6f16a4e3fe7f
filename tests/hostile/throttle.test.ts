import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { Browser, signIn } from '../support/gateway.ts'
import { eventsOf } from './events.ts'
import { nextSecond, onBothStores, roomy } from './on-both-stores.ts'
import { admit, newPerson } from './people.ts'

onBothStores(
  'pace',
  {
    change: (deps) => {
      const { profile } = roomy(deps)
      return { ...deps, profile: { ...profile, limits: { ...profile.limits, requestsPerSecond: 50 } } }
    },
  },
  (place) => {
    const spread = Array.from({ length: 60 }, (_, index) => index)
    const cutOff = async (send: (index: number) => Promise<{ status: number }>) => {
      const statuses: number[] = []
      const events = await eventsOf(place.gateway.deps, async () => {
        const answers = await Promise.all(spread.map((index) => send(index)))
        statuses.push(...answers.map(({ status }) => status))
      })
      return { statuses, cuts: events.filter(({ operation }) => operation === 'cut-off') }
    }

    test('[SE-4] [AU-1] the 51st request in a second is cut off and reported once; another session goes on', async () => {
      const { gateway } = place
      const busy = await signIn(gateway, await admit(gateway, newPerson()))
      await nextSecond(gateway)
      const quiet = await signIn(gateway, await admit(gateway, newPerson()))
      for (const browser of [busy, quiet]) expect((await browser.get('/api/people/self/medications')).status).toBe(200)
      const { statuses, cuts } = await cutOff(() => busy.get('/healthz'))
      const passed = statuses.filter((status) => status === 200).length
      expect(passed, 'one request came before').toBeGreaterThanOrEqual(49)
      expect(passed).toBeLessThanOrEqual(50)
      expect(statuses.filter((status) => status === 429).length).toBe(60 - passed)
      expect(cuts).toMatchObject([{ outcome: 'refused', address: '127.0.0.1' }])
      const refused = await busy.get('/api/people/self/reports')
      expect(refused.json).toMatchObject({ code: 'too-many', retryAfter: 10 })
      expect(refused.headers['retry-after']).toBe('10')
      expect((await quiet.get('/api/people/self/reports')).status).toBe(200)
    })

    test('[SE-4] a waiting room behind one address can open the app: its files are counted by the page', async () => {
      const from = (url: string) => new Browser(place.gateway.app).send('GET', url, undefined, { remoteAddress: '198.51.100.40' })
      const files = await cutOff((index) => from(`/assets/app-${index}.js`))
      expect(files.statuses.filter((status) => status === 429)).toEqual([])
      expect((await from('/api/session')).status).toBe(200)
      const { statuses } = await cutOff(() => from('/api/people/self/reports'))
      expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(0)
    })

    test('[SE-4] a session cookie made up anew for every request gains nothing', async () => {
      const { statuses, cuts } = await cutOff(() =>
        new Browser(place.gateway.app).send('GET', '/api/session', undefined, {
          remoteAddress: '198.51.100.20',
          headers: { cookie: `__Host-zhiqing=${randomBytes(32).toString('base64url')}` },
        }),
      )
      expect(statuses.filter((status) => status === 429).length).toBe(10)
      expect(cuts).toHaveLength(1)
      const elsewhere = await new Browser(place.gateway.app).send('GET', '/healthz', undefined, {
        remoteAddress: '198.51.100.21',
      })
      expect(elsewhere.status).toBe(200)
    })
  },
)
