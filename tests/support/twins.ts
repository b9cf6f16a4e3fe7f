import { sql } from 'kysely'
import { expect } from 'vitest'
import type { Deps } from '../../server/platform/deps.ts'
import type { FhirResource } from '../../shared/contract/fhir.ts'
import { Browser, bringIn, codeFor, type Gateway, giveAccount, startGateway, testPassword } from './gateway.ts'
import { generatePair, type Pair } from './hospitals.ts'
import type { StoreMaker, TestStore } from './stores.ts'

const now = new Date('2026-05-31T07:30:00Z')

/** A walk of hundreds of steps in a second is no patient's: here the answers count, not the pace. */
const unthrottled = (deps: Deps): Deps => ({
  ...deps,
  profile: { ...deps.profile, limits: { ...deps.profile.limits, requestsPerSecond: 1_000_000 } },
})

interface Side {
  test: TestStore
  gateway: Gateway
}

/** Two gateways with the same keys, clock and randomness; what is brought into them is the only difference. */
export class Twins {
  readonly withHidden: Side
  readonly without: Side

  private constructor(withHidden: Side, without: Side) {
    this.withHidden = withHidden
    this.without = without
  }

  static async start(maker: StoreMaker): Promise<Twins> {
    const side = async (): Promise<Side> => {
      const test = await maker.make()
      return { test, gateway: await startGateway(test.store, { seed: 'twins', now, change: unthrottled }) }
    }
    return new Twins(await side(), await side())
  }

  async stop(): Promise<void> {
    for (const { test, gateway } of [this.withHidden, this.without]) {
      await gateway.app.close()
      await test.drop()
    }
  }

  /** Brings one generated pair in and compares everything that a patient can see of it. */
  async compare(seed: number): Promise<void> {
    const pair = generatePair(seed, now)
    for (const { gateway } of [this.withHidden, this.without]) gateway.clock.set(new Date(now.getTime() + seed * 1000))
    const source = `hospital-${seed}`
    await bringIn(this.withHidden.gateway.deps, pair.with, source)
    await bringIn(this.without.gateway.deps, pair.without, source)
    await this.#compareDecisions(pair, source, seed)
    const seen = await walk(this.withHidden.gateway, pair, source, seed)
    const twin = await walk(this.without.gateway, pair, source, seed)
    for (const [step, answer] of seen.entries()) {
      expect(`${answer.step}\n${answer.text}`, `seed ${seed}, step ${step}: ${answer.step}`).toBe(
        `${twin[step]?.step}\n${twin[step]?.text}`,
      )
    }
    expect(seen.length).toBe(twin.length)
  }

  /** Ground truth is the generator's: each sensitive record lies in person, each other one lies where it lies without them. */
  async #compareDecisions(pair: Pair, source: string, seed: number): Promise<void> {
    const { keys } = this.withHidden.gateway.deps
    const nameOf = new Map<string, string>()
    for (const { resourceType, id } of unpacked(pair.with)) {
      nameOf.set(keys.publicId(source, resourceType, id as string), `${resourceType}/${id}`)
    }
    const visible = async ({ test }: Side) => {
      const { rows } = await sql<{ id: string }>`select id from record`.execute(test.store.owner)
      return new Set(rows.map(({ id }) => nameOf.get(id)).filter((name) => name !== undefined))
    }
    const [seen, twin] = [await visible(this.withHidden), await visible(this.without)]
    const leaked = pair.because.filter(({ ref }) => seen.has(ref))
    expect(leaked, `seed ${seed}: sensitive records that are visible`).toEqual([])
    const changed = [...new Set([...seen, ...twin])].filter((name) => seen.has(name) !== twin.has(name))
    expect(changed, `seed ${seed}: records whose decision depends on hidden ones`).toEqual([])
  }
}

export const unpacked = (sent: FhirResource[]): FhirResource[] =>
  sent.flatMap((one) =>
    one.resourceType === 'Bundle' ? (one.entry as { resource: FhirResource }[]).map(({ resource }) => resource) : [one],
  )

interface Seen {
  step: string
  text: string
}

/** Every patient route as a person with this chart, and as one who pries: pages, details, hidden ids, foreign cursors. */
async function walk(gateway: Gateway, pair: Pair, source: string, seed: number): Promise<Seen[]> {
  const { deps, app } = gateway
  const [, patientId] = pair.patient.reference.split('/')
  const person = deps.keys.publicId(source, 'Patient', patientId as string)
  const phone = `+86${pair.patient.phone}`
  expect(await giveAccount(deps, person, phone), `seed ${seed}: the number is free`).not.toBeNull()
  const browser = new Browser(app)
  const seen: Seen[] = []
  const see = async (method: 'GET' | 'POST', url: string, body?: unknown) => {
    const remoteAddress = `10.${seed % 250}.${Math.floor(seed / 250)}.9`
    const answer = await browser.send(method, url, body, { remoteAddress })
    const { date: _, ...headers } = answer.headers
    seen.push({ step: `${method} ${url}`, text: JSON.stringify([answer.status, headers, answer.body]) })
    return answer
  }
  await see('GET', '/api/session')
  await see('POST', '/api/sign-in/password', { phone, password: testPassword })
  await see('POST', '/api/sign-in/code', { code: await codeFor(gateway, phone) })
  await see('GET', '/api/session')
  const pages = async (url: string) => {
    const items: { id: string }[] = []
    let next: string | null = null
    do {
      const page = await see('GET', next === null ? url : `${url}?cursor=${next}`)
      expect(page.status, `seed ${seed}: ${page.body}`).toBe(200)
      items.push(...page.json.items)
      next = page.json.next
    } while (next !== null)
    return items
  }
  const reports = await pages(`/api/people/${person}/reports`)
  for (const { id } of reports) await see('GET', `/api/people/self/reports/${id}`)
  await pages('/api/people/self/medications')
  for (const ref of pair.sensitiveRefs) {
    const [type, id] = ref.split('/') as [string, string]
    await see('GET', `/api/people/self/reports/${deps.keys.publicId(source, type, id)}`)
  }
  await see('GET', '/api/people/self/identity')
  for (const field of ['name', 'phone', 'identityNumber', 'medicalRecordNumber']) {
    await see('POST', '/api/people/self/identity/reveal', { field })
  }
  const log = await pages('/api/people/self/access-log')
  if (log[0]) await see('POST', `/api/people/self/access-log/${log[0].id}/question`, { text: '这不是我' })
  await pages('/api/people/self/access-log')
  await see('POST', '/api/sign-out')
  await see('GET', '/api/people/self/reports')
  return seen
}

/** Pairs per run: the promised 200, ten times as many where `npm run prove` asks. */
export const pairCount = process.env.ZHIQING_PROVE === '1' ? 2000 : 200

/** Every pair, one after the other, in the same two stores. */
export async function compareAll(maker: StoreMaker): Promise<void> {
  expect.hasAssertions()
  const twins = await Twins.start(maker)
  try {
    for (let seed = 0; seed < pairCount; seed += 1) await twins.compare(seed)
  } finally {
    await twins.stop()
  }
}
