import type { ButtonHTMLAttributes, ComponentChildren } from 'preact'
import { t } from '../platform/language.ts'
import css from './button.module.css'

interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'class'> {
  look?: 'filled' | 'outlined' | 'plain'
  /** While an answer is awaited: says so, and takes no second press. */
  busy?: boolean
  children: ComponentChildren
}

export function Button({ look = 'outlined', busy = false, children, onClick, type = 'button', ...rest }: ButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      class={`${css.button} ${css[look]}`}
      aria-disabled={busy}
      onClick={(event) => {
        if (busy) event.preventDefault()
        else onClick?.(event)
      }}
    >
      {busy ? t('common.sending') : children}
    </button>
  )
}

/** A link that leads on, drawn as a button. */
export const buttonClass = (look: 'filled' | 'outlined'): string => `${css.button} ${css[look]}`
