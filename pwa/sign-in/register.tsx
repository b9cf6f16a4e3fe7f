import { useState } from 'preact/hooks'
import { register, requestRegistrationCode } from '../../shared/contract/session.ts'
import { call, type Failure } from '../platform/api.ts'
import { forgetDraft, useDraft } from '../platform/drafts.ts'
import { currentLanguage, t } from '../platform/language.ts'
import { Link } from '../platform/router.tsx'
import { useSession } from '../platform/session.ts'
import { Button, buttonClass } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { Notice, ProblemNotice } from '../ui/notice.tsx'
import { Screen } from '../ui/screen.tsx'
import { CodeForm } from './code-form.tsx'
import { RegisterDetails, type Secrets } from './register-details.tsx'
import css from './sign-in.module.css'
import { useForm } from './use-form.ts'

const empty: Secrets = { identityNumber: '', password: '', deskCode: '' }

/** Number, code, details; then the honest "we are checking", the same for every outcome. */
export function Register() {
  const { hospital, phonePrefix } = useSession()
  const [phone, setPhone] = useDraft('register.phone')
  const [name, setName] = useDraft('register.name')
  const [storedStep, setStep] = useDraft('register.step')
  const [code, setCode] = useState('')
  const [secrets, setSecrets] = useState(empty)
  const [refusedCode, setRefusedCode] = useState<Failure | null>(null)
  const form = useForm(['phone'])
  // A reload loses the code, so the details step falls back to it.
  const step = storedStep === 'details' && code === '' ? 'code' : storedStep

  const ask = () => call(requestRegistrationCode, { body: { phone, language: currentLanguage() } })

  async function sendPhone(): Promise<void> {
    if (!form.check([phone.trim().length < 5 && 'phone'])) return
    if (await form.send(ask())) setStep('code')
  }

  async function sendAll(): Promise<Failure | null> {
    const { deskCode, ...body } = secrets
    const outcome = await call(register, { body: { ...body, phone, code, name, ...(deskCode.trim() ? { deskCode } : {}) } })
    if (outcome.ok) {
      setSecrets(empty)
      setCode('')
      forgetDraft('register.name')
      setStep('done')
      return null
    }
    if (outcome.failure.code !== 'code-refused') return outcome.failure
    setRefusedCode(outcome.failure)
    setStep('code')
    return null
  }

  const where = { place: hospital.inPersonPlace[currentLanguage()], phone: hospital.inPersonPhone }
  const stepOf = (number: number) => t('register.step', { step: number, steps: 3 })

  if (step === 'done')
    return (
      <Screen key="done" title={t('register.done.title')}>
        <Notice>
          <p>{t('register.done.text', { phone })}</p>
        </Notice>
        <p class="soft">{t('register.done.else', where)}</p>
        <p class={css.after}>
          <Link to="/sign-in" class={buttonClass('filled')} onClick={() => forgetDraft('register.step')}>
            {t('register.done.sign-in')}
          </Link>
        </p>
      </Screen>
    )
  if (step === 'code')
    return (
      <CodeForm
        key="code"
        title={t('sign-in.code.title')}
        step={stepOf(2)}
        text={t('register.code.text', { phone })}
        submit={t('register.code.submit')}
        other={t('register.code.other')}
        onOther={() => setStep('')}
        refused={refusedCode}
        onCode={async (typed) => {
          setRefusedCode(null)
          setCode(typed)
          setStep('details')
          return null
        }}
        onResend={ask}
      />
    )
  if (step === 'details')
    return (
      <RegisterDetails
        step={stepOf(3)}
        name={name}
        onName={setName}
        secrets={secrets}
        onSecrets={setSecrets}
        onSubmit={sendAll}
      />
    )
  return (
    <Screen key="phone" title={t('register.title')}>
      <p class="soft">{stepOf(1)}</p>
      <p class={css.lead}>{t('register.phone.text')}</p>
      {form.failure && <ProblemNotice failure={form.failure} />}
      <form noValidate onSubmit={form.onSubmit(sendPhone)} ref={form.element}>
        <Field
          label={t('field.phone')}
          hint={t('field.phone.hint', { prefix: phonePrefix })}
          type="tel"
          name="phone"
          autoComplete="tel"
          inputMode="tel"
          maxLength={24}
          required
          value={phone}
          onText={setPhone}
          error={form.wrong('phone') && t('field.phone.error')}
        />
        <Button type="submit" look="filled" busy={form.busy}>
          {t('register.phone.submit')}
        </Button>
      </form>
      <p class={css.after}>
        {t('register.have-account')} <Link to="/sign-in">{t('welcome.sign-in')}</Link>
      </p>
    </Screen>
  )
}
