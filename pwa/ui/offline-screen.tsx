import { useEffect } from 'preact/hooks'
import { t } from '../platform/language.ts'
import { Button } from './button.tsx'
import card from './card.module.css'
import { DisplaySettings } from './display-settings.tsx'
import { Screen } from './screen.tsx'

/** Opened without network: says what cannot be had and what can, and goes on by itself when the network is back. */
export function OfflineScreen({ again }: { again: () => void }) {
  useEffect(() => {
    addEventListener('online', again)
    return () => removeEventListener('online', again)
  }, [again])
  return (
    <Screen title={t('offline.title')}>
      <p class="soft">{t('offline.text')}</p>
      <h2>{t('offline.not')}</h2>
      <ul class={card.card}>
        <li>{t('offline.not.data')}</li>
        <li>{t('offline.not.sign-in')}</li>
      </ul>
      <h2>{t('offline.yes')}</h2>
      <p class={card.card}>{t('offline.yes.app')}</p>
      <Button look="filled" onClick={again}>
        {t('common.retry')}
      </Button>
      <DisplaySettings />
    </Screen>
  )
}
