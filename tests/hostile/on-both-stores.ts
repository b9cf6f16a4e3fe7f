import { randomBytes } from 'node:crypto'
import type { Kysely } from 'kysely'
import { afterAll, beforeAll, describe, test } from 'vitest'
import type { Store } from '../../server/platform/db.ts'
import type { Deps } from '../../server/platform/deps.ts'
import { type Gateway, startGateway } from '../support/gateway.ts'
import { type StoreKind, stores, type TestStore } from '../support/stores.ts'

export interface Place {
  readonly kind: StoreKind
  readonly test: TestStore
  readonly gateway: Gateway
}

type Options = Parameters<typeof startGateway>[1]

/** Real limits, but for the pace and the numbers per network: tests walk faster than people, from one address. */
export const roomy = (deps: Deps): Deps => ({
  ...deps,
  profile: {
    ...deps.profile,
    limits: {
      perNumber: { most: 10_000, minutes: 60 },
      perDevice: { most: 10_000, minutes: 60 },
      perNetwork: { most: 10_000, minutes: 60 },
      overall: { most: 100_000, minutes: 60 },
      requestsPerSecond: 1_000_000,
    },
  },
})

/** Randomness of its own, for a second gateway of the same store. */
export const trulyRandom = (deps: Deps): Deps => ({ ...deps, random: (_purpose, bytes) => randomBytes(bytes) })

/** Runs the same tests on a fresh store of each kind, with one gateway each. */
export function onBothStores(about: string, options: Options, tests: (place: Place) => void): void {
  for (const maker of stores) {
    describe(`${about}, ${maker.kind} store`, () => {
      const { absent } = maker
      if (absent !== null) {
        test('every test of this file', (context) => context.skip(absent))
        return
      }
      let made: TestStore
      let gateway: Gateway
      beforeAll(async () => {
        made = await maker.make()
        gateway = await startGateway(made.store, { change: roomy, ...options })
      })
      afterAll(async () => {
        await gateway?.app.close()
        await made?.drop()
      })
      tests({
        kind: maker.kind,
        get test() {
          return made
        },
        get gateway() {
          return gateway
        },
      })
    })
  }
}

/** The same store, telling the text of every statement of the features (not begin and commit) as it leaves. */
export function traced(store: Store, heard: (role: 'owner' | 'patient', statement: string) => void): Store {
  const under = <T>(role: 'owner' | 'patient', db: Kysely<T>): Kysely<T> =>
    db.withPlugin({
      transformQuery({ node }) {
        const pieces: string[] = []
        const walk = (value: unknown, key: string): void => {
          if (key === 'sqlFragments') pieces.push((value as string[]).join('?').replace(/\s+/g, ' ').trim())
          else if (key === 'identifier') pieces.push(String((value as { name?: unknown }).name))
          else if (Array.isArray(value)) for (const inner of value) walk(inner, '')
          else if (typeof value === 'object' && value !== null && !Buffer.isBuffer(value))
            for (const [name, inner] of Object.entries(value)) walk(inner, name)
        }
        walk(node, '')
        heard(role, `${node.kind} ${pieces.join(' ')}`)
        return node
      },
      transformResult: async ({ result }) => result,
    })
  return { ...store, owner: under('owner', store.owner), patient: under('patient', store.patient) }
}

/** Lets a second pass when all messages are out: the newest one is found by its time. */
export async function nextSecond({ jobs, clock }: Gateway): Promise<void> {
  await jobs.settled()
  clock.advance(1000)
}
