import { t } from '../platform/language.ts'
import css from './bars.module.css'
import { layOutRange } from './range-bar.ts'

interface RangeBarViewProps {
  value: number
  written: string
  low: number | null
  high: number | null
  /** The range in words. */
  range: string
  out: boolean
}

export function RangeBarView({ value, written, low, high, range, out }: RangeBarViewProps) {
  const bar = layOutRange(value, { low, high })
  if (!bar) return null
  const { min, max } = bar
  // The mark is 4 px wide and must not be cut at either end.
  const mark = `calc(${bar.mark}% - ${(bar.mark / 100) * 4}px)`
  return (
    <div class={css.range}>
      <svg role="img" aria-label={t('report.range.bar', { value: written, min, max, range })} width="100%" height="16">
        <rect class={css.track} x="0" y="4" width="100%" height="8" rx="4" />
        <rect class={css.band} x={`${bar.bandStart}%`} y="4" width={`${bar.bandWidth}%`} height="8" />
        <rect class={`${css.mark} ${out ? css.out : ''}`} style={{ x: mark }} y="0" width="4" height="16" rx="2" />
      </svg>
      <div class={css.ends} aria-hidden="true">
        <span>{min}</span>
        <span>{t('report.range', { range })}</span>
        <span>{max}</span>
      </div>
    </div>
  )
}
