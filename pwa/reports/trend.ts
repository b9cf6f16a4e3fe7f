export interface TrendPoint {
  at: string
  number: number
  here: boolean
}
export interface TrendShape {
  points: { x: number; y: number; here: boolean }[]
  /** The reference band, clipped to what is drawn; null without a range. */
  band: { y: number; height: number } | null
}

export const trendBox = { width: 320, height: 72, inset: 8 }

/**
 * The values over the whole visible window, so that a gap in time looks like a gap. The scale holds all values and as
 * much of the range as lies near them.
 */
export function layOutTrend(
  trend: TrendPoint[],
  window: { from: number; to: number },
  range: { low: number | null; high: number | null } | null,
): TrendShape | null {
  const values = trend.filter(({ at, number }) => Number.isFinite(number) && Number.isFinite(Date.parse(at)))
  if (values.length < 2) return null
  const { width, height, inset } = trendBox
  const times = values.map(({ at }) => Date.parse(at))
  // A point filed at the very edge still belongs on the paper.
  const from = Math.min(window.from, ...times)
  const to = Math.max(window.to, ...times)
  const numbers = values.map(({ number }) => number)
  let min = Math.min(...numbers)
  let max = Math.max(...numbers)
  const spread = max - min || Math.abs(max) || 1
  for (const bound of [range?.low, range?.high]) {
    if (bound === null || bound === undefined) continue
    if (bound < min && min - bound <= 2 * spread) min = bound
    if (bound > max && bound - max <= 2 * spread) max = bound
  }
  if (min === max) {
    min -= spread / 2
    max += spread / 2
  }
  const x = (time: number) => inset + ((time - from) / (to - from || 1)) * (width - 2 * inset)
  const y = (value: number) => height - inset - ((value - min) / (max - min)) * (height - 2 * inset)
  const clip = (at: number) => Math.min(height, Math.max(0, at))
  let band: TrendShape['band'] = null
  if (range && (range.low !== null || range.high !== null)) {
    const top = range.high === null ? 0 : clip(y(range.high))
    const bottom = range.low === null ? height : clip(y(range.low))
    if (bottom > top) band = { y: top, height: bottom - top }
  }
  return { points: values.map(({ number, here }, index) => ({ x: x(times[index]!), y: y(number), here })), band }
}
