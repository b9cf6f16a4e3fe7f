import { describe, expect, test } from 'vitest'
import { ageOn } from './ages.ts'
import { decide } from './decide.ts'
import { findProfile, missingFields, profileIds } from './profile.ts'

const zone = 'Asia/Shanghai'

describe('ages', () => {
  const cases: [born: string, now: string, age: number | null, why: string][] = [
    ['2012-11-21', '2026-11-20T15:59:59.999Z', 13, 'the last instant before the birthday'],
    ['2012-11-21', '2026-11-20T16:00:00.000Z', 14, 'local midnight of the birthday'],
    ['2008-02-29', '2026-02-28T15:59:59Z', 17, '28 February of a common year'],
    ['2008-02-29', '2026-02-28T16:00:00Z', 18, '1 March of a common year'],
    ['2008-02-29', '2028-02-28T16:00:00Z', 20, '29 February of a leap year'],
    ['2008-02-29', '2028-02-28T15:59:59Z', 19, 'the evening before it'],
    ['2026-11-20', '2026-11-20T02:00:00Z', 0, 'born today'],
    ['2027-01-01', '2026-11-20T02:00:00Z', null, 'born in the future'],
    ['1985', '2026-11-20T02:00:00Z', null, 'a year alone'],
    ['', '2026-11-20T02:00:00Z', null, 'nothing'],
    ['1985-6-5', '2026-11-20T02:00:00Z', null, 'no date of this form'],
  ]
  test.each(cases)('[GU-6] born %s, on %s: %s (%s)', (born, now, age) => {
    expect(ageOn(born, zone, new Date(now))).toBe(age)
  })

  test("[GU-6] the day is the zone's, not the machine's", () => {
    const now = new Date('2026-11-20T17:00:00Z')
    expect(ageOn('2012-11-21', zone, now)).toBe(14)
    expect(ageOn('2012-11-21', 'America/St_Johns', now)).toBe(13)
  })
})

describe('the decision', () => {
  const now = new Date('2026-11-20T02:00:00Z')
  const windowFrom = new Date('2026-08-19T16:00:00Z')
  const asked = { relation: 'self', at: now, windowFrom, now } as const
  test('[VW-1] both edges belong to the window; outside, nobody and no date are refused', () => {
    expect(decide(asked)).toEqual({ permit: true })
    expect(decide({ ...asked, at: windowFrom })).toEqual({ permit: true })
    expect(decide({ ...asked, at: new Date(windowFrom.getTime() - 1) })).toEqual({ permit: false, why: 'outside-window' })
    expect(decide({ ...asked, at: new Date(now.getTime() + 1) })).toEqual({ permit: false, why: 'outside-window' })
    expect(decide({ ...asked, at: new Date(Number.NaN) })).toEqual({ permit: false, why: 'outside-window' })
    expect(decide({ ...asked, relation: 'none' })).toEqual({ permit: false, why: 'no-relation' })
  })
})

describe('profiles', () => {
  test('[J-1] CN is complete; the others list what has no source yet, and none makes figures up', () => {
    expect([...profileIds].sort()).toEqual(['CN', 'HK', 'MO', 'MY', 'SG', 'TH'])
    expect(missingFields(findProfile('CN'))).toEqual([])
    for (const id of profileIds) {
      const profile = findProfile(id)
      expect(profile?.id).toBe(id)
      expect(() => new Intl.DateTimeFormat('en', { timeZone: profile?.zone })).not.toThrow()
      expect(() => new RegExp(profile?.phone.nationalPattern ?? '(')).not.toThrow()
      if (id !== 'CN') expect(missingFields(profile).length).toBeGreaterThan(0)
    }
    expect(missingFields({ a: { b: null }, c: [1, null], d: 0, e: '' })).toEqual(['a.b', 'c.1'])
    expect(findProfile('XX')).toBeUndefined()
    expect(findProfile('__proto__')).toBeUndefined()
    expect(findProfile('constructor')).toBeUndefined()
  })
})
