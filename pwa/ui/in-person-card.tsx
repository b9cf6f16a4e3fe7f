import { currentLanguage, t } from '../platform/language.ts'
import { useSession } from '../platform/session.ts'
import card from './card.module.css'

/** The same card, in the same words, after every list, full or empty (VW-2): it must say nothing about this person. */
export function InPersonCard() {
  const { hospital } = useSession()
  return (
    <section class={`${card.card} ${card.note}`} aria-labelledby="in-person">
      <h2 id="in-person">{t('in-person.title')}</h2>
      <p class="soft">
        {t('in-person.text', { place: hospital.inPersonPlace[currentLanguage()], phone: hospital.inPersonPhone })}
      </p>
    </section>
  )
}
