import { listMedications, type Medication, type MedicationList as Page } from '../../shared/contract/reports.ts'
import { call } from '../platform/api.ts'
import { writeDay } from '../platform/dates.ts'
import { dayOf } from '../platform/days.ts'
import { t } from '../platform/language.ts'
import { usePages } from '../platform/pages.ts'
import { useSession } from '../platform/session.ts'
import card from '../ui/card.module.css'
import { Classification } from '../ui/classification.tsx'
import { DayList } from '../ui/day-list.tsx'
import { InPersonCard, InPersonLink } from '../ui/in-person-card.tsx'
import { Notice } from '../ui/notice.tsx'
import { Screen } from '../ui/screen.tsx'
import css from './reports.module.css'

export function MedicationList() {
  const session = useSession()
  const pages = usePages<Medication, Page>('medications', (cursor) =>
    call(listMedications, { params: { person: 'self' }, query: cursor ? { cursor } : {} }),
  )
  return (
    <Screen title={t('medications.title', { count: session.windowMonths })}>
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
      <Notice>
        <p>{t('medications.ask')}</p>
      </Notice>
      <DayList
        pages={pages}
        day={({ at }) => dayOf(at, session.zone)}
        empty={t('medications.empty')}
        row={(medication) => <MedicationCard medication={medication} />}
      />
      {pages.items && <InPersonCard />}
    </Screen>
  )
}

function MedicationCard({ medication }: { medication: Medication }) {
  const { name, status, dosage, quantity, place, category, level } = medication
  const terms = [
    [t('medications.dosage'), dosage],
    [t('medications.quantity'), quantity],
    [t('medications.place'), place],
  ] as const
  return (
    <div class={card.card}>
      <div class={card.row}>
        <h3>{name}</h3>
        <span class="soft">{t(`medication.${status}`)}</span>
      </div>
      <dl class={css.terms}>
        {terms.map(
          ([term, text]) =>
            text && (
              <div key={term}>
                <dt>{term}</dt>
                <dd>{text}</dd>
              </div>
            ),
        )}
      </dl>
      <Classification category={category} level={level} />
    </div>
  )
}
