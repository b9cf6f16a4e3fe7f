import { it } from 'vitest'
import { stores } from './support/stores.ts'
import { compareAll, pairCount } from './support/twins.ts'

const maker = stores.find(({ kind }) => kind === 'postgres')!

it.skipIf(maker.absent !== null)(
  '[VW-2] [VW-3] twins on postgres: every answer is the same bytes with and without the hidden records (needs PostgreSQL)',
  () => compareAll(maker),
  pairCount * 15_000,
)
