import { describe, expect, it } from 'vitest'
import { dayBefore, dayOf, groupByDay, monthsBefore } from './days.ts'

const items = ['2026-11-18T16:30:00.000Z', '2026-11-18T15:59:00.000Z', '2026-11-18T01:00:00.000Z', '2026-11-16T20:00:00.000Z']

describe('[VW-1] days of the hospital’s zone', () => {
  it('puts an instant on the hospital’s day, not on the phone’s or on UTC’s', () => {
    expect(dayOf('2026-11-18T16:30:00.000Z', 'Asia/Shanghai')).toBe('2026-11-19')
    expect(dayOf('2026-11-18T15:59:59.999Z', 'Asia/Shanghai')).toBe('2026-11-18')
    expect(dayOf('2026-11-18T16:30:00.000Z', 'America/New_York')).toBe('2026-11-18')
  })

  it('groups by that day and keeps the order', () => {
    expect(groupByDay(items, (at) => dayOf(at, 'Asia/Shanghai')).map(({ day, items }) => [day, items.length])).toEqual([
      ['2026-11-19', 1],
      ['2026-11-18', 2],
      ['2026-11-17', 1],
    ])
    expect(groupByDay(items, (at) => dayOf(at, 'UTC')).map(({ day }) => day)).toEqual(['2026-11-18', '2026-11-16'])
    expect(groupByDay([], String)).toEqual([])
  })

  it('knows the day before, over months and years', () => {
    expect(dayBefore('2026-03-01')).toBe('2026-02-28')
    expect(dayBefore('2027-01-01')).toBe('2026-12-31')
  })

  it('goes back whole months, clamped to the month’s end', () => {
    const back = (from: string, months: number) => new Date(monthsBefore(Date.parse(from), months)).toISOString().slice(0, 10)
    expect(back('2026-11-20T08:00:00Z', 3)).toBe('2026-08-20')
    expect(back('2026-05-31T08:00:00Z', 3)).toBe('2026-02-28')
    expect(back('2026-01-15T08:00:00Z', 3)).toBe('2025-10-15')
  })
})
