import { CircleQuestionMark } from 'lucide'
import type { ReportLine } from '../../shared/contract/reports.ts'
import { t } from '../platform/language.ts'
import card from '../ui/card.module.css'
import { Icon } from '../ui/icon.tsx'
import { FlagMark } from './flag.tsx'
import { HelpText } from './help-text.tsx'
import { RangeBarView } from './range-bar-view.tsx'
import css from './reports.module.css'
import { TrendView } from './trend-view.tsx'
import { writeUnit, writeValue } from './units.ts'

type Range = NonNullable<ReportLine['range']>

export function ReportLineCard({ line }: { line: ReportLine }) {
  const { value, range, flag, note, help } = line
  const unit = writeUnit(line.unit)
  const written = value ? writeValue(value) : t('report.no-value')
  const words = range && writeRange(range)
  const bar = value && 'number' in value && range && words ? { number: value.number, range, words } : null
  return (
    <div class={card.card}>
      <div class={card.row}>
        <h3>{line.name}</h3>
        <span class={css.only}>
          <span class={css.number}>
            {written} <span class={css.unit}>{unit}</span>
          </span>
          {flag && <FlagMark flag={flag} />}
        </span>
      </div>
      {bar ? (
        <RangeBarView
          value={bar.number}
          written={`${written} ${unit}`}
          low={bar.range.low}
          high={bar.range.high}
          range={bar.words}
          out={flag !== null && flag !== 'normal'}
        />
      ) : (
        words && <p class="soft">{t('report.range', { range: words })}</p>
      )}
      {range?.source && <p class={css.source}>{t('report.range.source', { source: range.source })}</p>}
      {note && <p class="soft">{t('report.note', { note })}</p>}
      <TrendView line={line} unit={unit} />
      {help && (
        <details class={css.help}>
          <summary>
            <Icon node={CircleQuestionMark} />
            {t('report.help')}
            <span class="hidden"> {line.name}</span>
          </summary>
          <HelpText id={help} />
        </details>
      )}
    </div>
  )
}

/** As the laboratory printed it, else from the bounds. */
function writeRange({ low, high, text }: Range): string | null {
  if (text) return text
  if (low !== null && high !== null) return t('report.range.between', { low, high })
  if (high !== null) return t('report.range.up-to', { high })
  return low === null ? null : t('report.range.from', { low })
}
