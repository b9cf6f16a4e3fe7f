import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { layOutRange } from './range-bar.ts'
import { layOutTrend, trendBox } from './trend.ts'

const number = fc.double({ min: -1e6, max: 1e6, noNaN: true })

describe('[VW-8] range bar', () => {
  it('sets value and range on one scale', () => {
    const bar = layOutRange(11.2, { low: 3.5, high: 9.5 })!
    expect(bar.min).toBe(0)
    expect(bar.max).toBeCloseTo(13.1)
    expect(bar.mark).toBeGreaterThan(bar.bandStart + bar.bandWidth)
    expect(bar.beyond).toBe(false)
  })

  it('stands within the band exactly when the value lies within the range', () => {
    for (const [value, within] of [
      [115, true],
      [150, true],
      [114.9, false],
      [150.1, false],
    ] as const) {
      const { mark, bandStart, bandWidth } = layOutRange(value, { low: 115, high: 150 })!
      expect(mark >= bandStart - 1e-9 && mark <= bandStart + bandWidth + 1e-9, String(value)).toBe(within)
    }
  })

  it('keeps the range visible beside an extreme value, and says that the value lies beyond', () => {
    const bar = layOutRange(100_000, { low: 50, high: 310 })!
    expect(bar.beyond).toBe(true)
    expect(bar.mark).toBe(100)
    expect(bar.bandWidth).toBeGreaterThan(15)
  })

  it('draws one-sided ranges, and none without a usable range', () => {
    expect(layOutRange(3, { low: null, high: 10 })).toMatchObject({ min: 0, bandStart: 0 })
    const open = layOutRange(0.9, { low: 1.04, high: null })!
    expect(open.bandStart + open.bandWidth).toBeCloseTo(100)
    expect(open.mark).toBeLessThan(open.bandStart)
    expect(layOutRange(3, { low: null, high: null })).toBeNull()
    expect(layOutRange(3, { low: 5, high: 5 })).toBeNull()
    expect(layOutRange(3, { low: 9, high: 5 })).toBeNull()
    expect(layOutRange(Number.NaN, { low: 1, high: 5 })).toBeNull()
  })

  it('never leaves the bar, whatever the laboratory sends', () => {
    const bound = fc.option(number)
    fc.assert(
      fc.property(number, bound, bound, (value, low, high) => {
        const bar = layOutRange(value, { low, high })
        if (!bar) return
        for (const share of [bar.mark, bar.bandStart, bar.bandWidth]) {
          expect(share).toBeGreaterThanOrEqual(0)
          expect(share).toBeLessThanOrEqual(100 + 1e-9)
        }
        expect(bar.bandStart + bar.bandWidth).toBeLessThanOrEqual(100 + 1e-6)
        if (low !== null && high !== null && !bar.beyond) {
          const inside = value >= low && value <= high
          if (inside) expect(bar.mark).toBeGreaterThanOrEqual(bar.bandStart - 1e-6)
          if (inside) expect(bar.mark).toBeLessThanOrEqual(bar.bandStart + bar.bandWidth + 1e-6)
        }
      }),
    )
  })
})

describe('[VW-8] trend', () => {
  const window = { from: Date.parse('2026-08-20T00:00:00Z'), to: Date.parse('2026-11-20T00:00:00Z') }
  const point = (at: string, value: number, here = false) => ({ at, number: value, here })
  const trend = [
    point('2026-08-20T00:00:00.000Z', 6),
    point('2026-10-05T00:00:00.000Z', 7),
    point('2026-11-20T00:00:00.000Z', 11, true),
  ]

  it('spreads the values over the whole window by time', () => {
    const { points } = layOutTrend(trend, window, null)!
    const { width, height, inset } = trendBox
    expect(points.map(({ x }) => x)).toEqual([inset, width / 2, width - inset])
    expect(points[0]!.y).toBeCloseTo(height - inset)
    expect(points[2]).toMatchObject({ y: inset, here: true })
  })

  it('needs two values, and stays flat and finite when they are equal', () => {
    expect(layOutTrend(trend.slice(0, 1), window, null)).toBeNull()
    expect(layOutTrend([], window, null)).toBeNull()
    const flat = layOutTrend([point(trend[0]!.at, 5), point(trend[1]!.at, 5)], window, null)!
    expect(flat.points.map(({ y }) => y)).toEqual([trendBox.height / 2, trendBox.height / 2])
  })

  it('draws the part of the range that lies near the values', () => {
    const near = layOutTrend(trend, window, { low: 3.5, high: 9.5 })!
    expect(near.band!.y).toBeGreaterThan(0)
    expect(near.band!.height).toBeGreaterThan(0)
    expect(layOutTrend(trend, window, { low: null, high: 9.5 })!.band!.height).toBeGreaterThan(near.band!.height)
    expect(layOutTrend(trend, window, { low: 5000, high: 9000 })!.band).toBeNull()
  })

  it('never leaves the paper', () => {
    const at = fc.integer({ min: window.from - 1e9, max: window.to + 1e9 }).map((time) => new Date(time).toISOString())
    fc.assert(
      fc.property(
        fc.array(fc.record({ at, number, here: fc.boolean() })),
        fc.option(number),
        fc.option(number),
        (values, low, high) => {
          const shape = layOutTrend(values, window, { low, high })
          for (const { x, y } of shape?.points ?? []) {
            expect(x).toBeGreaterThanOrEqual(0)
            expect(x).toBeLessThanOrEqual(trendBox.width)
            expect(y).toBeGreaterThanOrEqual(0)
            expect(y).toBeLessThanOrEqual(trendBox.height)
          }
        },
      ),
    )
  })
})
