import { useState } from 'preact/hooks'
import type { Key } from '../../shared/i18n/t.ts'
import { t } from '../platform/language.ts'
import { currentSession, type Ending } from '../platform/session.ts'
import { Notice } from '../ui/notice.tsx'

const words: Record<NonNullable<Ending>, Key> = { 'signed-out': 'session.signed-out', idle: 'idle.ended', lost: 'session.ended' }

/** Why the person has to sign in again, said where they land. */
export function EndingNotice() {
  const [ending] = useState(() => currentSession().ending)
  if (!ending) return null
  return (
    <div role="status">
      <Notice>
        <p>{t(words[ending])}</p>
      </Notice>
    </div>
  )
}
