import { expect, it } from 'vitest'
import { unmetRules } from './password-rules.ts'

it.each([
  ['', ['length', 'upper', 'lower', 'digit', 'symbol']],
  ['abcdefghij', ['upper', 'digit', 'symbol']],
  ['Abcdefg1!', ['length']],
  ['Abcdefgh1!', []],
  ['密码Aa1！xxxx', []],
])('[ID-2] %s lacks %j', (password, unmet) => {
  expect(unmetRules(password, 10)).toEqual(unmet)
})
