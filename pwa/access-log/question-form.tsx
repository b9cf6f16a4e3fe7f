import { useEffect, useRef, useState } from 'preact/hooks'
import { questionEntry } from '../../shared/contract/access-log.ts'
import { call, type Failure } from '../platform/api.ts'
import { forgetDraft, useDraft } from '../platform/drafts.ts'
import { t } from '../platform/language.ts'
import { Button } from '../ui/button.tsx'
import { TextArea } from '../ui/field.tsx'
import { ProblemNotice } from '../ui/notice.tsx'
import css from './access-log.module.css'

interface QuestionFormProps {
  id: string
  onDone: (questionedAt: string) => void
  onCancel: () => void
}

export function QuestionForm({ id, onDone, onCancel }: QuestionFormProps) {
  const draft = `question.${id}`
  const [text, setText] = useDraft(draft)
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<Failure | null>(null)
  const area = useRef<HTMLTextAreaElement>(null)
  useEffect(() => area.current?.focus(), [])

  async function send(): Promise<void> {
    setBusy(true)
    setFailure(null)
    const outcome = await call(questionEntry, { params: { person: 'self', id }, body: text.trim() ? { text } : {} })
    setBusy(false)
    if (!outcome.ok) return setFailure(outcome.failure)
    forgetDraft(draft)
    onDone(outcome.value.questionedAt)
  }

  return (
    <form
      class={css.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        if (!busy) void send()
      }}
    >
      {failure && <ProblemNotice failure={failure} />}
      <TextArea
        label={t('log.question.text')}
        hint={t('log.question.hint')}
        max={500}
        value={text}
        onText={setText}
        area={area}
        error={failure?.code === 'field-invalid' ? t('log.question.error') : undefined}
      />
      <div class={css.acts}>
        <Button type="submit" look="filled" busy={busy}>
          {t('log.question.submit')}
        </Button>
        <Button onClick={onCancel}>{t('common.cancel')}</Button>
      </div>
    </form>
  )
}
