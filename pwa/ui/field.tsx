import type { ComponentChildren, RefObject } from 'preact'
import { useId } from 'preact/hooks'
import css from './field.module.css'

interface FieldProps {
  label: string
  name: string
  value: string
  onText: (text: string) => void
  hint?: string | undefined
  /** What is wrong, once it is. */
  error?: string | undefined
  type?: 'text' | 'tel' | 'password'
  autoComplete: string
  maxLength: number
  required?: boolean
  inputMode?: 'tel' | 'numeric'
  autoCapitalize?: 'none' | 'characters'
  spellcheck?: boolean
  /** Id of further words about the field. */
  describedBy?: string | undefined
  /** Stands inside the box, after the text. */
  after?: ComponentChildren
}

export function Field({ label, value, onText, hint, error, describedBy, after, type = 'text', ...rest }: FieldProps) {
  const id = useId()
  const notes = [hint && `${id}-hint`, error && `${id}-error`, describedBy].filter(Boolean).join(' ')
  return (
    <div class={css.field}>
      <label for={id}>{label}</label>
      {hint && (
        <p id={`${id}-hint`} class="soft">
          {hint}
        </p>
      )}
      <div class={css.box} data-wrong={error ? '' : undefined}>
        <input
          {...rest}
          type={type as 'text'}
          id={id}
          value={value}
          aria-invalid={error ? true : undefined}
          aria-describedby={notes || undefined}
          onInput={(event) => onText(event.currentTarget.value)}
        />
        {after}
      </div>
      {error && (
        <p id={`${id}-error`} class={css.error}>
          {error}
        </p>
      )}
    </div>
  )
}

interface TextAreaProps {
  label: string
  value: string
  onText: (text: string) => void
  hint?: string
  error?: string | undefined
  max: number
  area?: RefObject<HTMLTextAreaElement | null>
}

export function TextArea({ label, value, onText, hint, error, max, area }: TextAreaProps) {
  const id = useId()
  return (
    <div class={css.field}>
      <label for={id}>{label}</label>
      {hint && (
        <p id={`${id}-hint`} class="soft">
          {hint}
        </p>
      )}
      <div class={css.box} data-wrong={error ? '' : undefined}>
        <textarea
          {...(area ? { ref: area } : {})}
          id={id}
          rows={3}
          maxLength={max}
          value={value}
          aria-invalid={error ? true : undefined}
          aria-describedby={[hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || undefined}
          onInput={(event) => onText(event.currentTarget.value)}
        />
      </div>
      {error && (
        <p id={`${id}-error`} class={css.error}>
          {error}
        </p>
      )}
    </div>
  )
}
