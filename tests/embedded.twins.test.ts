import { it } from 'vitest'
import { stores } from './support/stores.ts'
import { compareAll, pairCount } from './support/twins.ts'

const maker = stores.find(({ kind }) => kind === 'embedded')!

it(
  '[VW-2] [VW-3] twins on embedded: every answer is the same bytes with and without the hidden records',
  () => compareAll(maker),
  pairCount * 15_000,
)
