import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dayIn, midnightIn, windowStart } from './clocks.ts'

const zones = [
  'Asia/Shanghai',
  'Asia/Hong_Kong',
  'Asia/Kathmandu',
  'America/New_York',
  'America/St_Johns',
  'America/Sao_Paulo',
  'America/Havana',
  'America/Asuncion',
  'Atlantic/Azores',
  'Europe/London',
  'Africa/Cairo',
  'Asia/Beirut',
  'Australia/Lord_Howe',
  'Pacific/Chatham',
  'Pacific/Apia',
  'UTC',
]

const minute = 60_000

describe('days in the zone of the hospital', () => {
  test('[VW-1] [J-1] a day begins at the first instant that any clock of the zone shows as that day', () => {
    const years = { min: Date.UTC(2005, 0, 1), max: Date.UTC(2030, 0, 1) }
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.integer(years), (zone, at) => {
        const day = dayIn(zone, new Date(at))
        const [year, month, date] = day.split('-').map(Number) as [number, number, number]
        const begins = midnightIn(zone, year, month, date)
        expect(dayIn(zone, begins), `${zone} ${day}`).toBe(day)
        expect(dayIn(zone, new Date(begins.getTime() - 1)), `${zone} ${day}: the instant before is of the day before`).not.toBe(
          day,
        )
        expect(begins.getTime()).toBeLessThanOrEqual(at)
        expect(at - begins.getTime()).toBeLessThan(26 * 60 * minute)
      }),
      { numRuns: 3000 },
    )
  })

  const midnights: [zone: string, year: number, month: number, day: number, instant: string, why: string][] = [
    ['America/Sao_Paulo', 2018, 11, 4, '2018-11-04T03:00:00.000Z', 'midnight is skipped'],
    ['America/Havana', 2026, 3, 8, '2026-03-08T05:00:00.000Z', 'midnight is skipped'],
    ['Africa/Cairo', 2026, 4, 24, '2026-04-23T22:00:00.000Z', 'midnight is skipped'],
    ['America/Havana', 2026, 11, 1, '2026-11-01T04:00:00.000Z', 'midnight comes twice'],
    ['Atlantic/Azores', 2026, 10, 25, '2026-10-25T00:00:00.000Z', 'midnight comes twice'],
    ['America/New_York', 2026, 3, 8, '2026-03-08T05:00:00.000Z', 'the clock changes later that day'],
    ['Asia/Shanghai', 2026, 2, 28, '2026-02-27T16:00:00.000Z', 'no changes'],
    ['Asia/Kathmandu', 2026, 1, 1, '2025-12-31T18:15:00.000Z', 'a quarter of an hour off'],
  ]
  test.each(midnights)('[VW-1] midnight in %s on %i-%i-%i is %s: %s', (zone, year, month, day, instant) => {
    expect(midnightIn(zone, year, month, day).toISOString()).toBe(instant)
  })
})

describe('the window', () => {
  test.each([
    ['2026-05-31T02:00:00Z', 3, '2026-02-28'],
    ['2028-05-31T02:00:00Z', 3, '2028-02-29'],
    ['2026-12-31T02:00:00Z', 1, '2026-11-30'],
    ['2026-03-30T02:00:00Z', 1, '2026-02-28'],
    ['2026-01-15T02:00:00Z', 3, '2025-10-15'],
    ['2026-05-31T15:59:59.999Z', 3, '2026-02-28'],
    ['2026-05-31T16:00:00Z', 3, '2026-03-01'],
    ['2026-11-20T02:00:00Z', 14, '2025-09-20'],
  ])('[VW-1] on %s, %i months back, begins on %s', (now, months, day) => {
    const start = windowStart('Asia/Shanghai', new Date(now), months)
    expect(dayIn('Asia/Shanghai', start)).toBe(day)
    expect(start.getTime() % (24 * 3_600_000)).toBe(16 * 3_600_000)
  })

  test('[VW-1] it never moves back as time goes on', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: Date.UTC(2015, 0, 1), max: Date.UTC(2029, 0, 1) }),
        fc.integer({ min: 0, max: 40 * 24 * 60 }),
        (zone, at, minutes) => {
          const earlier = windowStart(zone, new Date(at), 3)
          const later = windowStart(zone, new Date(at + minutes * minute), 3)
          expect(later.getTime()).toBeGreaterThanOrEqual(earlier.getTime())
        },
      ),
      { numRuns: 1500 },
    )
  })
})
