import { currentLanguage, t } from '../platform/language.ts'
import { useSession } from '../platform/session.ts'
import { Button } from './button.tsx'
import card from './card.module.css'

/** The same card, in the same words, after every list, full or empty (VW-2): it must say nothing about this person. */
export function InPersonCard() {
  const { hospital } = useSession()
  return (
    <section class={`${card.card} ${card.note}`} aria-labelledby="in-person">
      <h2 id="in-person" tabIndex={-1}>
        {t('in-person.title')}
      </h2>
      <p class="soft">
        {t('in-person.text', { place: hospital.inPersonPlace[currentLanguage()], phone: hospital.inPersonPhone })}
      </p>
    </section>
  )
}

/** Leads to the card from the head of the list: after many reports it would never be reached. */
export function InPersonLink() {
  const lead = () => {
    const title = document.getElementById('in-person')
    title?.scrollIntoView({ block: 'center' })
    title?.focus({ preventScroll: true })
  }
  return (
    <Button look="plain" onClick={lead}>
      {t('in-person.title')}
    </Button>
  )
}
