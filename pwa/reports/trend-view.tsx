import type { ReportLine } from '../../shared/contract/reports.ts'
import { writeDay } from '../platform/dates.ts'
import { monthsBefore } from '../platform/days.ts'
import { t } from '../platform/language.ts'
import { hospitalNow, useSession } from '../platform/session.ts'
import css from './bars.module.css'
import { layOutTrend, trendBox } from './trend.ts'

/** The line over the window, and the same as a table for whoever cannot or does not want to read a picture. */
export function TrendView({ line, unit }: { line: ReportLine; unit: string }) {
  const session = useSession()
  const to = hospitalNow(session)
  const from = monthsBefore(to, session.windowMonths)
  const shape = layOutTrend(line.trend, { from, to }, line.range)
  if (!shape) return null
  const { width, height } = trendBox
  const write = (number: number) => `${number} ${unit}`.trim()
  const ends = { from: writeDay(from, session), to: writeDay(to, session) }
  const label = t('trend.label', {
    name: line.name,
    ...ends,
    first: write(line.trend[0]!.number),
    last: write(line.trend.at(-1)!.number),
  })
  return (
    <div class={css.trend}>
      <p class="soft">{t('trend.title')}</p>
      <svg role="img" aria-label={label} viewBox={`0 0 ${width} ${height}`} width="100%">
        {shape.band && <rect class={css.band} x="0" width={width} y={shape.band.y} height={shape.band.height} />}
        <polyline class={css.line} points={shape.points.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ')} />
        {shape.points.map(({ x, y, here }, index) => (
          <circle key={index} class={here ? css.here : css.dot} cx={x} cy={y} r={here ? 5 : 3} />
        ))}
      </svg>
      <div class={css.ends} aria-hidden="true">
        <span>{ends.from}</span>
        <span>{ends.to}</span>
      </div>
      <details>
        <summary>{t('trend.table')}</summary>
        <table class={css.table}>
          <thead>
            <tr>
              <th scope="col">{t('trend.when')}</th>
              <th scope="col">{t('trend.value')}</th>
            </tr>
          </thead>
          <tbody>
            {line.trend.map(({ at, number, here }) => (
              <tr key={at + number}>
                <th scope="row">
                  {writeDay(at, session)}
                  {here && ` · ${t('trend.here')}`}
                </th>
                <td>{write(number)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </div>
  )
}
