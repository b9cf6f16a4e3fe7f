import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { onBothStores } from '../../tests/hostile/on-both-stores.ts'
import { hit, hitAll, Recent, Throttle } from './limits.ts'

onBothStores('limits', {}, (place) => {
  test('[ID-10] in no window of its length do more than `most` pass, and a hit that could pass is never refused', async () => {
    const { keys } = place.gateway.deps
    const { patient } = place.test.store
    let serial = 0
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.integer({ min: 0, max: 40_000 }), { minLength: 1, maxLength: 25 }),
        async (most, gaps) => {
          serial += 1
          const limit = { of: ['property', String(serial)], most, minutes: 1 }
          const passed: number[] = []
          let now = Date.UTC(2026, 0, 1)
          for (const gap of gaps) {
            now += gap
            const inWindow = passed.filter((at) => at > now - 60_000).length
            const let_through = await hit(patient, keys, new Date(now), limit)
            expect(let_through, `${inWindow} of ${most} in the minute before`).toBe(inWindow < most)
            if (let_through) passed.push(now)
          }
        },
      ),
      { numRuns: 25 },
    )
  })

  test('[ID-10] no double at the border: a full window stays full until its first hit is a whole window old', async () => {
    const { keys } = place.gateway.deps
    const { patient } = place.test.store
    const at = (ms: number) => new Date(Date.UTC(2026, 5, 1) + ms)
    const limit = { of: ['border'], most: 5, minutes: 60 }
    const hour = 60 * 60_000
    for (let n = 0; n < 5; n += 1) expect(await hit(patient, keys, at(hour - 10 + n), limit)).toBe(true)
    expect(await hit(patient, keys, at(hour), limit)).toBe(false)
    expect(await hit(patient, keys, at(hour + 1), limit)).toBe(false)
    expect(await hit(patient, keys, at(2 * hour - 11), limit)).toBe(false)
    expect(await hit(patient, keys, at(2 * hour - 10), limit)).toBe(true)
    expect(await hit(patient, keys, at(2 * hour - 10), limit)).toBe(false)
  })

  test('[ID-10] sixty at once: exactly `most` pass; a refused hit does not prolong the wait', async () => {
    const { keys } = place.gateway.deps
    const { patient, owner } = place.test.store
    const now = new Date(Date.UTC(2026, 6, 1))
    const limit = { of: ['crowd', '+8616400000000'], most: 7, minutes: 5 }
    const passed = await Promise.all(Array.from({ length: 60 }, () => hit(patient, keys, now, limit)))
    expect(passed.filter((one) => one)).toHaveLength(7)
    const rows = await owner.selectFrom('limit_window').selectAll().execute()
    expect(rows.some(({ hits }) => hits.length > 7)).toBe(false)
    expect(await hit(patient, keys, new Date(now.getTime() + 5 * 60_000), limit)).toBe(true)
  })

  test('[ID-10] the first limit that is reached answers, in its minutes', async () => {
    const { keys } = place.gateway.deps
    const { patient } = place.test.store
    const now = new Date(Date.UTC(2026, 7, 1))
    const wide = { of: ['wide'], most: 100, minutes: 60 }
    const narrow = { of: ['narrow'], most: 1, minutes: 15 }
    expect(await hitAll(patient, keys, now, [wide, narrow])).toBeNull()
    expect(await hitAll(patient, keys, now, [wide, narrow])).toBe(15)
    expect(await hitAll(patient, keys, now, [{ ...wide, most: 2 }, narrow])).toBe(60)
  })
})

describe('the throttle', () => {
  test('[SE-4] in any second fifty pass, wherever it begins; the next is cut once and stays cut for its time', () => {
    const throttle = new Throttle(50)
    for (let n = 0; n < 49; n += 1) expect(throttle.see('a', 900)).toBe('pass')
    expect(throttle.see('a', 1000)).toBe('pass')
    expect(throttle.see('a', 1100), 'the 51st within a second, though a new one on the clock').toBe('cut')
    expect(throttle.see('a', 1101)).toBe('still-cut')
    expect(throttle.see('b', 1101)).toBe('pass')
    expect(throttle.see('a', 11_099)).toBe('still-cut')
    expect(throttle.see('a', 11_100)).toBe('pass')
  })

  test('[SE-4] at the pace of the limit nobody is ever cut off', () => {
    const throttle = new Throttle(50)
    for (let n = 0; n < 1000; n += 1) expect(throttle.see('steady', n * 20)).toBe('pass')
  })

  test('[SE-4] a crowd of new callers does not free the one that is cut off', () => {
    const throttle = new Throttle(1)
    throttle.see('bad', 0)
    expect(throttle.see('bad', 1)).toBe('cut')
    for (let n = 0; n < 90_000; n += 1) throttle.see(`crowd ${n}`, 2)
    expect(throttle.see('bad', 3)).toBe('still-cut')
  })

  test('[SE-4] the memory of seen sessions is bounded and keeps the newest', () => {
    const recent = new Recent(3)
    for (const name of ['a', 'b', 'c', 'a', 'd']) recent.add(name)
    expect(['a', 'b', 'c', 'd'].map((name) => recent.has(name))).toEqual([true, false, true, true])
  })
})
