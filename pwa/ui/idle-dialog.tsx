import { useEffect, useRef } from 'preact/hooks'
import { t } from '../platform/language.ts'
import { Button } from './button.tsx'
import css from './idle-dialog.module.css'

interface IdleDialogProps {
  /** Seconds. */
  left: number
  onStay: () => void
  onLeave: () => void
}

/** One minute before the session ends. Escape stays, since no choice was made to leave. */
export function IdleDialog({ left, onStay, onLeave }: IdleDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  // Read out at the start and near the end, not every second.
  const spoken = left > 30 ? 60 : left > 10 ? 30 : 10
  return (
    <dialog
      ref={dialog}
      role="alertdialog"
      class={css.dialog}
      aria-labelledby="idle-title"
      aria-describedby="idle-text"
      onCancel={(event) => {
        event.preventDefault()
        onStay()
      }}
    >
      <h2 id="idle-title">{t('idle.title')}</h2>
      <p id="idle-text" aria-live="off">
        {t('idle.text', { count: left })}
      </p>
      <p class="hidden" aria-live="assertive">
        {t('idle.text', { count: spoken })}
      </p>
      <div class="stack">
        <Button look="filled" onClick={onStay}>
          {t('idle.stay')}
        </Button>
        <Button onClick={onLeave}>{t('me.sign-out')}</Button>
      </div>
    </dialog>
  )
}
