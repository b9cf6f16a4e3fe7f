import { readReport } from '../../shared/contract/reports.ts'
import { call } from '../platform/api.ts'
import { writeMoment } from '../platform/dates.ts'
import { t } from '../platform/language.ts'
import { useReply } from '../platform/reply.ts'
import { useSession } from '../platform/session.ts'
import card from '../ui/card.module.css'
import { Classification } from '../ui/classification.tsx'
import { Notice, ProblemNotice } from '../ui/notice.tsx'
import { Screen } from '../ui/screen.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { HelpText, HelpTexts, useHelpTexts } from './help-text.tsx'
import { ReportLineCard } from './report-line.tsx'
import css from './reports.module.css'

export function ReportDetail({ id }: { id: string }) {
  const session = useSession()
  const { value: report, failure, again } = useReply(`report ${id}`, () => call(readReport, { params: { person: 'self', id } }))
  const texts = useHelpTexts()
  const back = { to: '/reports', label: t('report.back') }
  if (!report)
    return (
      <Screen title={t('report.title')} back={back}>
        {failure ? <ProblemNotice failure={failure} again={again} /> : <Skeleton />}
      </Screen>
    )
  const { at, timeKnown, issuedAt, place, items } = report
  return (
    <HelpTexts.Provider value={texts}>
      <Screen title={report.title.trim() || t(`kind.${report.kind}`)} pageTitle={t('report.title')} back={back}>
        <p class="soft">
          {t('report.taken', { at: writeMoment(at, timeKnown, session) })}
          {issuedAt && ` · ${t('report.issued', { at: writeMoment(issuedAt, true, session) })}`}
        </p>
        <p class="soft">{[t(`kind.${report.kind}`), place].filter(Boolean).join(' · ')}</p>
        <Classification category={report.category} level={report.level} />
        {report.preliminary && (
          <Notice look="warn">
            <b>{t('reports.preliminary')}</b>
            <p>{t('reports.preliminary.text')}</p>
          </Notice>
        )}
        {items.some(({ flag }) => flag?.startsWith('critical')) && (
          <Notice look="bad">
            <p>{t('report.critical')}</p>
          </Notice>
        )}
        <section class={`${card.card} ${card.note}`} aria-labelledby="about">
          <h2 id="about">{t('report.about')}</h2>
          <HelpText id={report.help} />
        </section>
        {report.texts.length > 0 && (
          <section aria-labelledby="texts">
            <h2 id="texts">{t('report.texts')}</h2>
            {report.texts.map(({ heading, text }, index) => (
              <div key={index} class={card.card}>
                <h3>{t(`report.heading.${heading}`)}</h3>
                <p class={css.text}>{text}</p>
              </div>
            ))}
          </section>
        )}
        {items.length > 0 && (
          <section aria-labelledby="values">
            <h2 id="values">{t('report.values')}</h2>
            <ul>
              {items.map((line, index) => (
                <li key={index}>
                  <ReportLineCard line={line} />
                </li>
              ))}
            </ul>
          </section>
        )}
      </Screen>
    </HelpTexts.Provider>
  )
}
