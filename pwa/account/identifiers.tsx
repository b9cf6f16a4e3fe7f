import { useState } from 'preact/hooks'
import { type IdentifierFieldCode, type Identity, readIdentity, revealIdentifier } from '../../shared/contract/person.ts'
import { call, type Failure } from '../platform/api.ts'
import { writeDay } from '../platform/dates.ts'
import { t } from '../platform/language.ts'
import { useReply } from '../platform/reply.ts'
import { useSession } from '../platform/session.ts'
import { Button } from '../ui/button.tsx'
import card from '../ui/card.module.css'
import { Classification } from '../ui/classification.tsx'
import { ProblemNotice } from '../ui/notice.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import css from './account.module.css'

const params = { person: 'self' } as const

export function Identifiers() {
  const session = useSession()
  const { value: identity, failure, again } = useReply<Identity>('identity', () => call(readIdentity, { params }))
  return (
    <section aria-labelledby="identity">
      <h2 id="identity">{t('me.identity')}</h2>
      {identity ? (
        <div class={card.card}>
          <p class="soft">{t('me.identity.text')}</p>
          <dl class={css.identifiers}>
            {identity.fields.map(({ field, masked }) => (
              <Identifier key={field} field={field} masked={masked} />
            ))}
            <div>
              <dt>{t('me.birthDate')}</dt>
              <dd>
                {identity.birthDate ? writeDay(`${identity.birthDate}T12:00:00Z`, { ...session, zone: 'UTC' }) : t('me.none')}
              </dd>
            </div>
          </dl>
          <Classification category={identity.category} level={identity.level} />
        </div>
      ) : failure ? (
        <ProblemNotice failure={failure} again={again} />
      ) : (
        <Skeleton cards={2} />
      )}
    </section>
  )
}

/** Masked until asked for; each showing is a call of its own that the gateway writes down (VW-6). The value is kept nowhere else. */
function Identifier({ field, masked }: { field: IdentifierFieldCode; masked: string | null }) {
  const [full, setFull] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<Failure | null>(null)
  const name = t(`me.${field}`)

  async function reveal(): Promise<void> {
    setBusy(true)
    setFailure(null)
    const outcome = await call(revealIdentifier, { params, body: { field } })
    setBusy(false)
    if (outcome.ok) setFull(outcome.value.value)
    else setFailure(outcome.failure)
  }

  return (
    <div>
      <dt>{name}</dt>
      <dd class={css.value}>
        <span class={css.number}>{full ?? masked ?? t('me.none')}</span>
        {masked !== null && (
          <Button
            look="plain"
            busy={busy}
            aria-label={t(full === null ? 'me.show.of' : 'me.hide.of', { field: name })}
            onClick={() => (full === null ? void reveal() : setFull(null))}
          >
            {t(full === null ? 'me.show' : 'me.hide')}
          </Button>
        )}
      </dd>
      <dd>
        <p role="status" class="soft">
          {full !== null && t('me.revealed')}
        </p>
      </dd>
      {failure && (
        <dd>
          <ProblemNotice failure={failure} />
        </dd>
      )}
    </div>
  )
}
