import { useEffect, useState } from 'preact/hooks'
import type { Failure } from '../platform/api.ts'
import { t } from '../platform/language.ts'
import { useSession } from '../platform/session.ts'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { ProblemNotice } from '../ui/notice.tsx'
import { Screen } from '../ui/screen.tsx'
import { PasswordField } from './password-field.tsx'
import { unmetRules } from './password-rules.ts'
import { RuleList } from './rule-list.tsx'
import css from './sign-in.module.css'
import { useForm } from './use-form.ts'

/** Kept in the page's memory only, never in its storage. */
export interface Secrets {
  identityNumber: string
  password: string
  deskCode: string
}

interface RegisterDetailsProps {
  step: string
  name: string
  onName: (name: string) => void
  secrets: Secrets
  onSecrets: (secrets: Secrets) => void
  onSubmit: () => Promise<Failure | null>
}

export function RegisterDetails({ step, name, onName, secrets, onSecrets, onSubmit }: RegisterDetailsProps) {
  const least = useLeastLength(useSession().profile)
  const unmet = unmetRules(secrets.password, least)
  const form = useForm(['name', 'identityNumber', 'password', 'deskCode'])

  // Rules that only the gateway can judge: a well-known password, or one with the person's own name or number in it.
  const beyond = form.refused?.reasons.includes('personal') ? 'password.personal' : 'password.common'
  const passwordError = unmet.length > 0 ? 'field.new-password.error' : beyond

  async function sendAll(): Promise<void> {
    const wrong = [
      name.trim() === '' && 'name',
      secrets.identityNumber.trim().length < 4 && 'identityNumber',
      unmet.length > 0 && 'password',
    ]
    if (!form.check(wrong)) return
    await form.send(onSubmit().then((failure) => (failure ? { ok: false, failure } : { ok: true, value: null })))
  }

  return (
    <Screen key="details" title={t('register.title')}>
      <p class="soft">{step}</p>
      <p class={css.lead}>{t('register.details.text')}</p>
      {form.failure && <ProblemNotice failure={form.failure} />}
      <form noValidate onSubmit={form.onSubmit(sendAll)} ref={form.element}>
        <Field
          label={t('field.name')}
          hint={t('field.name.hint')}
          name="name"
          autoComplete="name"
          maxLength={64}
          required
          value={name}
          onText={onName}
          error={form.wrong('name') && t('field.name.error')}
        />
        <Field
          label={t('field.identityNumber')}
          name="identityNumber"
          autoComplete="off"
          autoCapitalize="characters"
          spellcheck={false}
          maxLength={32}
          required
          value={secrets.identityNumber}
          onText={(identityNumber) => onSecrets({ ...secrets, identityNumber })}
          error={form.wrong('identityNumber') && t('field.identityNumber.error')}
        />
        <PasswordField
          label={t('field.new-password')}
          autoComplete="new-password"
          describedBy="password-rules"
          value={secrets.password}
          onText={(password) => onSecrets({ ...secrets, password })}
          error={form.wrong('password') && t(passwordError)}
        />
        <RuleList id="password-rules" password={secrets.password} least={least} />
        <Field
          label={t('field.deskCode')}
          hint={t('field.deskCode.hint')}
          name="deskCode"
          autoComplete="off"
          maxLength={32}
          value={secrets.deskCode}
          onText={(deskCode) => onSecrets({ ...secrets, deskCode })}
          error={form.wrong('deskCode') && t('field.deskCode.error')}
        />
        <Button type="submit" look="filled" busy={form.busy}>
          {t('register.submit')}
        </Button>
      </form>
    </Screen>
  )
}

/** The profile's own figure; the profiles arrive with this screen only. */
function useLeastLength(profile: string): number {
  const [least, setLeast] = useState(0)
  useEffect(() => {
    void import('../../shared/policy/profile.ts').then(({ findProfile }) => {
      setLeast(findProfile(profile)?.password.minimumLength ?? 0)
    })
  }, [profile])
  return least
}
