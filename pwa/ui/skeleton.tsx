import { useEffect, useState } from 'preact/hooks'
import { t } from '../platform/language.ts'
import css from './skeleton.module.css'

/** Grey shapes where content will stand; after a second it also says, and shows, that it is under way. */
export function Skeleton({ cards = 3 }: { cards?: number }) {
  const [slow, setSlow] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), 1000)
    return () => clearTimeout(timer)
  }, [])
  return (
    <div aria-busy="true">
      <p role="status" class={slow ? 'soft' : 'hidden'}>
        {t(slow ? 'common.slow' : 'common.loading')}
      </p>
      {slow && <progress class={css.bar} aria-label={t('common.loading')} />}
      {Array.from({ length: cards }, (_, index) => (
        <div key={index} class={css.card} />
      ))}
    </div>
  )
}
