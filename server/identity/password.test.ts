import { describe, expect, test } from 'vitest'
import { findProfile, type Profile } from '../../shared/policy/profile.ts'
import { addBreachedPasswords, hashPassword, judgePassword, verifyPassword } from './password.ts'

const profile = findProfile('CN') as Profile
const judge = (password: string, personal: string[] = []) => judgePassword(password, personal, profile)

describe('which passwords are taken', () => {
  test.each([
    ['Banyan/Tide.5170', []],
    ['Aa1!aaaaaa', []],
    ['Aa1!aaaaa', ['too-short']],
    ['Äö1!äöäöäö', []],
    ['Ａａ１！abcdef', []],
    ['知情Aa1!知情知情', []],
    ['👍👍👍👍👍👍Aa1!', []],
    ['👍👍👍Aa1!', ['too-short']],
    ['ABCDEFG1!K', ['no-lower']],
    ['abcdefg1!k', ['no-upper']],
    ['Abcdefgh!k', ['no-digit']],
    ['Abcdefgh1k', ['no-symbol']],
    ['Abcdefgh1 ', ['no-symbol']],
    ['', ['too-short', 'no-upper', 'no-lower', 'no-digit', 'no-symbol']],
  ])('[ID-2] %s: %j', (password, reasons) => expect(judge(password)).toEqual(reasons))

  test('[ID-2] what a list of breached passwords holds is refused, also dressed up with digits and symbols', () => {
    for (const password of ['Password123!', 'Qwertyuiop1!', 'Woaini1314!!', 'Hospital2026.', 'Iloveyou99!!']) {
      expect(judge(password), password).toContain('common')
    }
    expect(judge('Guarded.Lantern.88')).toEqual([])
    addBreachedPasswords(['Guarded.Lantern.88', ''])
    expect(judge('Guarded.Lantern.88')).toEqual(['common'])
    expect(judge('guarded.LANTERN.88')).toEqual(['common'])
  })

  test("[ID-2] the person's own name and numbers are refused in any case; parts under four characters are not", () => {
    expect(judge('Lovelace.1815x', ['lovelace'])).toEqual(['personal'])
    expect(judge('Ab.00000101.xy', ['00000101'])).toEqual(['personal'])
    expect(judge('Kapok.44010619850615001X', ['44010619850615001x'])).toEqual(['personal'])
    expect(judge('Banyan/Tide.5170', ['tid', '林慧'])).toEqual([])
  })
})

describe('hashes', () => {
  test('[ID-2] [SE-2] a hash opens with its password alone, in either composition, and never twice the same', async () => {
    const [one, two] = [await hashPassword('Ångström.5170'), await hashPassword('Ångström.5170')]
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    expect(one).not.toBe(two)
    expect(await verifyPassword('Ångström.5170', one)).toBe(true)
    expect(await verifyPassword('A\u030angstro\u0308m.5170', one)).toBe(true)
    expect(await verifyPassword('ångström.5170', one)).toBe(false)
    expect(await verifyPassword('', one)).toBe(false)
  })

  test("[ID-10] nobody's password is never right, and a hash of no known form is a fault, not a no", async () => {
    expect(await verifyPassword('x', null)).toBe(false)
    expect(await verifyPassword('', null)).toBe(false)
    await expect(verifyPassword('x', 'plain')).rejects.toThrow(/unknown form/)
  })
})
