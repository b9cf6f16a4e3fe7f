import { type LogEntry, listAccessLog, type AccessLog as Page } from '../../shared/contract/access-log.ts'
import { call } from '../platform/api.ts'
import { t } from '../platform/language.ts'
import { usePages } from '../platform/pages.ts'
import { DayList } from '../ui/day-list.tsx'
import { Screen } from '../ui/screen.tsx'
import css from './access-log.module.css'
import { LogCard } from './log-card.tsx'

export function AccessLog() {
  const pages = usePages<LogEntry, Page>(null, (cursor) =>
    call(listAccessLog, { params: { person: 'self' }, query: cursor ? { cursor } : {} }),
  )
  return (
    <Screen title={t('log.title')}>
      <p class={css.lead}>{t('log.text')}</p>
      <DayList pages={pages} day={({ day }) => day} empty={t('log.empty')} row={(entry) => <LogCard entry={entry} />} />
    </Screen>
  )
}
