import { useState } from 'preact/hooks'
import { signInCode, signInPassword } from '../../shared/contract/session.ts'
import { call, type Failure } from '../platform/api.ts'
import { forgetDraft, useDraft } from '../platform/drafts.ts'
import { currentLanguage, t } from '../platform/language.ts'
import { go, Link, usePlace } from '../platform/router.tsx'
import { safeReturn } from '../platform/safe-return.ts'
import { acceptSession, useSession } from '../platform/session.ts'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { ProblemNotice } from '../ui/notice.tsx'
import { Screen } from '../ui/screen.tsx'
import { CodeForm } from './code-form.tsx'
import { EndingNotice } from './ending-notice.tsx'
import { PasswordField } from './password-field.tsx'
import css from './sign-in.module.css'
import { useForm } from './use-form.ts'

/** Number and password, then the code. The words are the same whether or not such an account exists. */
export function SignIn() {
  const { query } = usePlace()
  const { hospital, phonePrefix } = useSession()
  const [phone, setPhone] = useDraft('sign-in.phone')
  // The step survives a reload: web views are often thrown away while the SMS is read in another app.
  const [step, setStep] = useDraft('sign-in.step')
  const [password, setPassword] = useState('')
  const form = useForm(['phone', 'password'])

  const ask = () => call(signInPassword, { body: { phone, password } })

  async function sendPassword(): Promise<void> {
    const wrong = [phone.trim().length < 5 && 'phone', password === '' && 'password']
    if (!form.check(wrong)) return
    if (await form.send(ask())) setStep('code')
  }

  async function sendCode(code: string): Promise<Failure | null> {
    const outcome = await call(signInCode, { body: { code } })
    if (!outcome.ok) return outcome.failure
    setPassword('')
    forgetDraft('sign-in.step')
    acceptSession(outcome.value)
    go(safeReturn(query.get('return')), 'replace')
    return null
  }

  if (step === 'code') {
    const restart = () => setStep('')
    return (
      <CodeForm
        title={t('sign-in.code.title')}
        text={t('sign-in.code.text', { phone })}
        submit={t('sign-in.code.submit')}
        other={t('sign-in.code.other')}
        onOther={restart}
        onCode={sendCode}
        // After a reload the password is gone, as it should be: a new code starts at the password again.
        onResend={async () => {
          if (password !== '') return ask()
          restart()
          return null
        }}
      />
    )
  }

  return (
    <Screen title={t('sign-in.title')}>
      <p class={css.lead}>{t('sign-in.text')}</p>
      <EndingNotice />
      {form.failure && <ProblemNotice failure={form.failure} />}
      <form noValidate onSubmit={form.onSubmit(sendPassword)} ref={form.element}>
        <Field
          label={t('field.phone')}
          hint={t('field.phone.hint', { prefix: phonePrefix })}
          type="tel"
          name="phone"
          autoComplete="username"
          inputMode="tel"
          maxLength={24}
          required
          value={phone}
          onText={setPhone}
          error={form.wrong('phone') && t('field.phone.error')}
        />
        <PasswordField
          label={t('field.password')}
          autoComplete="current-password"
          value={password}
          onText={setPassword}
          error={form.wrong('password') && t('field.password.error')}
        />
        <Button type="submit" look="filled" busy={form.busy}>
          {t('sign-in.next')}
        </Button>
      </form>
      <p class={css.after}>
        {t('sign-in.no-account')} <Link to="/register">{t('welcome.register')}</Link>
      </p>
      <p class="soft">
        {t('sign-in.forgot', { place: hospital.inPersonPlace[currentLanguage()], phone: hospital.inPersonPhone })}
      </p>
    </Screen>
  )
}
