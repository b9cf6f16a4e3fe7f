import type { ReportCard } from '../../shared/contract/reports.ts'
import { t } from '../platform/language.ts'
import { Link } from '../platform/router.tsx'
import card from '../ui/card.module.css'
import { FlagMark } from './flag.tsx'
import css from './reports.module.css'
import { writeUnit, writeValue } from './units.ts'

/** One report in the list: its name, what stands out by word and sign, where it comes from. */
export function ReportRow({ report }: { report: ReportCard }) {
  const { id, kind, title, place, lines, preliminary } = report
  const size = lines > 1 ? t('reports.lines', { count: lines }) : t(`kind.${kind}`)
  return (
    <Link to={`/reports/${id}`} class={`${card.card} ${css.link}`}>
      <span class={card.row}>
        <b>{title.trim() || t(`kind.${kind}`)}</b>
        <Standing report={report} />
      </span>
      <span class={css.sub}>
        {[place, size].filter(Boolean).join(' · ')}
        {preliminary && <span class={css.preliminary}>{t('reports.preliminary')}</span>}
      </span>
    </Link>
  )
}

function Standing({ report: { only, high, low, abnormal, judged, lines } }: { report: ReportCard }) {
  if (only)
    return (
      <span class={css.only}>
        <span class={css.number}>
          {writeValue(only.value)} {writeUnit(only.unit)}
        </span>
        {only.flag && <FlagMark flag={only.flag} />}
      </span>
    )
  if (high + low + abnormal > 0)
    return (
      <span class={css.flags}>
        {high > 0 && <FlagMark flag="high">{t('reports.high', { count: high })}</FlagMark>}
        {low > 0 && <FlagMark flag="low">{t('reports.low', { count: low })}</FlagMark>}
        {abnormal > 0 && <FlagMark flag="abnormal">{t('reports.abnormal', { count: abnormal })}</FlagMark>}
      </span>
    )
  if (lines === 0) return <span class="soft">{t('reports.text-report')}</span>
  if (judged === lines) return <FlagMark flag="normal">{t('reports.all-in-range')}</FlagMark>
  return judged > 0 ? <span class="soft">{t('reports.judged-in-range', { judged, lines })}</span> : null
}
