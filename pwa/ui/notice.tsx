import { CircleAlert, Info } from 'lucide'
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { Failure } from '../platform/api.ts'
import { t } from '../platform/language.ts'
import { Button } from './button.tsx'
import { Icon } from './icon.tsx'
import css from './notice.module.css'

export function Notice({ look = 'info', children }: { look?: 'info' | 'warn' | 'bad'; children: ComponentChildren }) {
  return (
    <div class={`${css.notice} ${css[look]}`}>
      <Icon node={look === 'info' ? Info : CircleAlert} />
      <div>{children}</div>
    </div>
  )
}

/** What happened and what to do, from the closed list of codes. Takes the focus, so it is read and seen where the thumb was. */
export function ProblemNotice({ failure, again }: { failure: Failure; again?: () => void }) {
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => box.current?.focus(), [failure])
  const { code, retryAfter } = failure
  return (
    <div ref={box} tabIndex={-1} role="alert" class={`${css.notice} ${css.bad}`}>
      <Icon node={CircleAlert} />
      <div>
        <b>{t(`error.${code}`)}</b>
        <p>{t(`error.${code}.do`)}</p>
        {retryAfter !== null && <p>{wait(retryAfter)}</p>}
        {again && code !== 'not-found' && (
          <Button look="plain" onClick={again}>
            {t('common.retry')}
          </Button>
        )}
      </div>
    </div>
  )
}

const wait = (seconds: number): string =>
  seconds < 90
    ? t('error.wait.seconds', { count: Math.max(1, Math.ceil(seconds)) })
    : t('error.wait.minutes', { count: Math.ceil(seconds / 60) })
