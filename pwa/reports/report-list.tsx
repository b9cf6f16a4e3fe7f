import { listReports, type ReportList as Page, type ReportCard } from '../../shared/contract/reports.ts'
import { call } from '../platform/api.ts'
import { writeDay } from '../platform/dates.ts'
import { dayOf } from '../platform/days.ts'
import { currentLanguage, t } from '../platform/language.ts'
import { usePages } from '../platform/pages.ts'
import { useSession } from '../platform/session.ts'
import { DayList } from '../ui/day-list.tsx'
import { InPersonCard, InPersonLink } from '../ui/in-person-card.tsx'
import { Notice } from '../ui/notice.tsx'
import { Screen } from '../ui/screen.tsx'
import { ReportRow } from './report-row.tsx'

export function ReportList() {
  const session = useSession()
  const { hospital, windowMonths, zone, person } = session
  const pages = usePages<ReportCard, Page>('reports', (cursor) =>
    call(listReports, { params: { person: 'self' }, query: cursor ? { cursor } : {} }),
  )
  return (
    <Screen title={t('reports.title', { count: windowMonths })}>
      {pages.first && (
        <div>
          <p class="soft">
            {t('common.range', {
              from: writeDay(pages.first.window.from, session),
              to: writeDay(pages.first.window.to, session),
            })}
          </p>
          <InPersonLink />
        </div>
      )}
      {person?.passwordReminder && (
        <Notice look="warn">
          <b>{t('password.reminder.title')}</b>
          <p>
            {t('password.reminder.text', { place: hospital.inPersonPlace[currentLanguage()], phone: hospital.inPersonPhone })}
          </p>
        </Notice>
      )}
      <DayList
        pages={pages}
        day={({ at }) => dayOf(at, zone)}
        empty={t('reports.empty')}
        row={(report) => <ReportRow report={report} />}
      />
      {pages.items && <InPersonCard />}
    </Screen>
  )
}
