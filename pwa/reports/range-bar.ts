export interface Bounds {
  low: number | null
  high: number | null
}
/** Shares of the bar's width are 0 to 100. */
export interface RangeBar {
  min: number
  max: number
  bandStart: number
  bandWidth: number
  mark: number
  /** The value lies further out than the bar reaches; the mark stands at its end. */
  beyond: boolean
}

/** Beyond this many range widths the bar stops growing, or the range itself would become a line. */
const reach = 3
const margin = 0.6

/** Where range and value stand on one scale, or null where there is no usable range (no range, no bar). */
export function layOutRange(value: number, { low, high }: Bounds): RangeBar | null {
  if (!Number.isFinite(value) || (low === null && high === null)) return null
  if (low !== null && high !== null && low >= high) return null
  const width = low !== null && high !== null ? high - low : Math.abs((high ?? low) as number) || 1
  const bottom = low ?? Math.min(0, (high as number) - width)
  const top = high ?? (low as number) + width
  let min = low === null ? bottom : Math.max(bottom - reach * width, Math.min(bottom - margin * width, value - 0.1 * width))
  const max = Math.min(top + reach * width, Math.max(top + margin * width, value + 0.1 * width))
  if (low === null && value < min) min = Math.max(bottom - reach * width, value)
  // Amounts do not go below nothing: a scale into the minus would mislead.
  if (min < 0 && value >= 0 && (low ?? 0) >= 0) min = 0
  const share = (at: number) => Math.min(100, Math.max(0, ((at - min) / (max - min)) * 100))
  const from = share(low ?? min)
  return {
    min: tidy(min, width),
    max: tidy(max, width),
    bandStart: from,
    bandWidth: share(high ?? max) - from,
    mark: share(value),
    beyond: value < min || value > max,
  }
}

/** Ends of the scale are for the eye: rounded to a hundredth of the range. */
function tidy(end: number, width: number): number {
  const digits = Math.min(6, Math.max(0, 1 - Math.floor(Math.log10(width))))
  return Number(end.toFixed(digits))
}
