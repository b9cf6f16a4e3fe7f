import { useEffect, useState } from 'preact/hooks'
import { t } from '../platform/language.ts'
import css from './bars.module.css'

/** Nothing here is real, and who can be tried: on every screen of a demonstration. */
export function DemoBar() {
  return (
    <aside class={`${css.bar} ${css.demo}`} aria-label={t('demo.label')}>
      {t('demo.banner')} <a href="/demo/people">{t('demo.people')}</a>
    </aside>
  )
}

export function OfflineBar() {
  const [online, setOnline] = useState(navigator.onLine)
  useEffect(() => {
    const listen = () => setOnline(navigator.onLine)
    addEventListener('online', listen)
    addEventListener('offline', listen)
    return () => {
      removeEventListener('online', listen)
      removeEventListener('offline', listen)
    }
  }, [])
  return <div role="status">{!online && <p class={`${css.bar} ${css.warn}`}>{t('offline.bar')}</p>}</div>
}

export function UpdateBar({ update }: { update: (() => void) | null }) {
  return (
    <div role="status">
      {update && (
        <p class={css.bar}>
          {t('update.text')}{' '}
          <button type="button" onClick={update}>
            {t('update.now')}
          </button>
        </p>
      )}
    </div>
  )
}
