import { useState } from 'preact/hooks'
import type { LogEntry } from '../../shared/contract/access-log.ts'
import { writeDay, writeTime } from '../platform/dates.ts'
import { t } from '../platform/language.ts'
import { useSession } from '../platform/session.ts'
import { Button } from '../ui/button.tsx'
import card from '../ui/card.module.css'
import css from './access-log.module.css'
import { QuestionForm } from './question-form.tsx'

/** One look: who and what for; of one's own also when, from where and with what. */
export function LogCard({ entry }: { entry: LogEntry }) {
  const session = useSession()
  const [open, setOpen] = useState(false)
  const [questionedAt, setQuestionedAt] = useState(entry.questionedAt)
  const { who, purpose, own } = entry
  const act =
    own?.title && entry.act === 'report-read' ? t('log.act.report-read.titled', { title: own.title }) : t(`log.act.${entry.act}`)
  const name = t(`log.who.${who}`)
  const day = writeDay(`${entry.day}T12:00:00Z`, { ...session, zone: 'UTC' })
  return (
    <div class={card.card}>
      <div class={card.row}>
        <h3>{name}</h3>
        <span class="soft">{own ? writeTime(own.at, session) : t(`log.purpose.${purpose}`)}</span>
      </div>
      <p>
        {act}
        {own?.thisSession && <span class={css.now}>{t('log.this-session')}</span>}
      </p>
      {own && <p class="soft">{t('log.where', { device: own.device, address: own.address })}</p>}
      {questionedAt ? (
        <p role="status" class={css.questioned}>
          {t('log.questioned', { at: `${writeDay(questionedAt, session)} ${writeTime(questionedAt, session)}` })}
        </p>
      ) : open ? (
        <QuestionForm id={entry.id} onDone={setQuestionedAt} onCancel={() => setOpen(false)} />
      ) : (
        !own?.thisSession && (
          <Button look="plain" aria-label={t('log.question.of', { who: name, act, day })} onClick={() => setOpen(true)}>
            {t('log.question')}
          </Button>
        )
      )}
    </div>
  )
}
