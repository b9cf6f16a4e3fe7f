import { expect, it } from 'vitest'
import { safeReturn } from './safe-return.ts'

it.each([
  ['/me', '/me'],
  ['/reports/R001aaaaaaaaaaaaaaaaaa', '/reports/R001aaaaaaaaaaaaaaaaaa'],
  ['//evil.example', '/reports'],
  ['/\\evil.example', '/reports'],
  ['https://evil.example', '/reports'],
  ['javascript:alert(1)', '/reports'],
  ['/a?b#c', '/reports'],
  [null, '/reports'],
])('[SE-1] returns after sign-in from %s to %s', (asked, to) => {
  expect(safeReturn(asked)).toBe(to)
})
