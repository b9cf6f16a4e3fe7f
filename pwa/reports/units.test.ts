import { expect, it } from 'vitest'
import { writeUnit, writeValue } from './units.ts'

it.each([
  ['10*9/L', '×10⁹/L'],
  ['10*-3/L', '×10⁻³/L'],
  ['umol/L', 'µmol/L'],
  ['mg/ug', 'mg/µg'],
  ['U/L', 'U/L'],
  ['m[IU]/L', 'mIU/L'],
  ['mm[Hg]', 'mmHg'],
  ['{score}', ''],
  ['mL/min/{1.73_m2}', 'mL/min'],
  ['%', '%'],
  [null, ''],
])('[VW-8] writes the unit %s as %s', (unit, written) => {
  expect(writeUnit(unit)).toBe(written)
})

it('[VW-8] writes values with their comparator', () => {
  expect(writeValue({ number: 11.2, comparator: null })).toBe('11.2')
  expect(writeValue({ number: 0.01, comparator: '<=' })).toBe('≤ 0.01')
  expect(writeValue({ text: 'A' })).toBe('A')
})
