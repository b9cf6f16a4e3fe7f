import { currentLanguage, t } from '../platform/language.ts'
import { useSession } from '../platform/session.ts'
import { LargeTypeButton } from './large-type-button.tsx'
import css from './top-bar.module.css'

/** Whose data is on the screen, always in the same place and in their own colour. */
export function TopBar() {
  const { person, hospital } = useSession()
  return (
    <header class={css.bar}>
      <div class={css.inner}>
        {person ? (
          <>
            <span class={css.dot} aria-hidden="true">
              {[...person.name][0]}
            </span>
            <p class={css.who}>
              <span class="hidden">{t('who.shown')} </span>
              <b>{person.name}</b>
              <span class={css.relation}>
                {t(`who.${person.relation}`)}
                {person.age !== null && ` · ${t('who.age', { age: person.age })}`}
              </span>
            </p>
          </>
        ) : (
          <p class={css.who}>
            <b>{hospital.name[currentLanguage()]}</b>
          </p>
        )}
        <LargeTypeButton />
      </div>
    </header>
  )
}
