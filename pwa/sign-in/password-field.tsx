import { Eye, EyeOff } from 'lucide'
import { useState } from 'preact/hooks'
import { t } from '../platform/language.ts'
import { Field } from '../ui/field.tsx'
import { Icon } from '../ui/icon.tsx'
import css from './sign-in.module.css'

interface PasswordFieldProps {
  label: string
  autoComplete: 'current-password' | 'new-password'
  value: string
  onText: (text: string) => void
  error?: string | undefined
  describedBy?: string
}

/** Pasting and password managers stay possible; the text is never stored. */
export function PasswordField({ label, autoComplete, value, onText, error, describedBy }: PasswordFieldProps) {
  const [visible, setVisible] = useState(false)
  return (
    <Field
      label={label}
      type={visible ? 'text' : 'password'}
      name="password"
      autoComplete={autoComplete}
      autoCapitalize="none"
      spellcheck={false}
      maxLength={256}
      required
      value={value}
      onText={onText}
      error={error}
      describedBy={describedBy}
      after={
        <button
          type="button"
          class={css.eye}
          aria-label={t('field.password.show')}
          aria-pressed={visible}
          onClick={() => setVisible(!visible)}
        >
          <Icon node={visible ? EyeOff : Eye} />
        </button>
      }
    />
  )
}
