import { useEffect, useState } from 'preact/hooks'
import type { Failure, Outcome } from '../platform/api.ts'
import { t } from '../platform/language.ts'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { ProblemNotice } from '../ui/notice.tsx'
import { Screen } from '../ui/screen.tsx'
import css from './sign-in.module.css'
import { useForm } from './use-form.ts'

interface CodeFormProps {
  title: string
  step?: string
  text: string
  submit: string
  other: string
  onOther: () => void
  /** Resolves to the refusal, or null when the code was taken on. */
  onCode: (code: string) => Promise<Failure | null>
  /** Null when there is nothing to send again from here. */
  onResend: () => Promise<Outcome<unknown> | null>
  /** A refusal that was found later, about this code. */
  refused?: Failure | null
}

/** Seconds before asking again; a courtesy that spares the person the gateway's refusal. */
const resendPause = 60

export function CodeForm({ title, step, text, submit, other, onOther, onCode, onResend, refused = null }: CodeFormProps) {
  const [code, setCode] = useState('')
  const [pause, setPause] = useState(refused ? 0 : resendPause)
  const [resending, setResending] = useState(false)
  const [resent, setResent] = useState(false)
  const form = useForm(['code'])

  useEffect(() => {
    if (pause <= 0) return
    const timer = setTimeout(() => setPause(pause - 1), 1000)
    return () => clearTimeout(timer)
  }, [pause])

  async function sendCode(): Promise<void> {
    const digits = code.replace(/\s/g, '')
    if (!form.check([!/^\d{6}$/.test(digits) && 'code'])) return
    await form.send(onCode(digits).then((failure) => (failure ? { ok: false, failure } : { ok: true, value: null })))
  }

  async function resend(): Promise<void> {
    setResent(false)
    setResending(true)
    const outcome = await onResend()
    setResending(false)
    if (!outcome) return
    form.fail(outcome.ok ? null : outcome.failure)
    setResent(outcome.ok)
    setPause(outcome.ok ? resendPause : Math.max(resendPause, outcome.failure.retryAfter ?? 0))
  }

  const failure = form.failure ?? (form.busy ? null : refused)
  return (
    <Screen title={title}>
      {step && <p class="soft">{step}</p>}
      <p class={css.lead}>{text}</p>
      {failure && <ProblemNotice failure={failure} />}
      <form noValidate onSubmit={form.onSubmit(sendCode)} ref={form.element}>
        <Field
          label={t('field.code')}
          hint={t('code.never-share')}
          name="code"
          autoComplete="one-time-code"
          inputMode="numeric"
          maxLength={12}
          required
          value={code}
          onText={setCode}
          error={form.wrong('code') && t('field.code.error')}
        />
        <Button type="submit" look="filled" busy={form.busy}>
          {submit}
        </Button>
      </form>
      <p role="status" class="soft">
        {resent && t('code.resent')}
      </p>
      <p class={css.after}>
        {pause > 0 ? (
          <span class="soft">{t('code.resend.wait', { count: pause })}</span>
        ) : (
          <Button look="plain" busy={resending} onClick={() => void resend()}>
            {t('code.resend')}
          </Button>
        )}
        <Button look="plain" onClick={onOther}>
          {other}
        </Button>
      </p>
    </Screen>
  )
}
