import { expect, it } from 'vitest'
import { stores } from './support/stores.ts'
import { pairCount, Twins } from './support/twins.ts'

const maker = stores.find(({ kind }) => kind === 'embedded')!

it(
  '[VW-2] [VW-3] twins on embedded: every answer is the same bytes with and without the hidden records',
  async () => {
    const twins = await Twins.start(maker)
    try {
      for (let seed = 0; seed < pairCount; seed += 1) await twins.compare(seed)
    } finally {
      await twins.stop()
    }
    expect.hasAssertions()
  },
  pairCount * 15_000,
)
