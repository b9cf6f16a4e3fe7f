import { currentLanguage, t } from '../platform/language.ts'
import { endSession, useSession } from '../platform/session.ts'
import { Button } from '../ui/button.tsx'
import { DisplaySettings } from '../ui/display-settings.tsx'
import { Notice } from '../ui/notice.tsx'
import { Screen } from '../ui/screen.tsx'
import css from './account.module.css'
import { Identifiers } from './identifiers.tsx'

export function Me() {
  const { hospital, idleMinutes, person } = useSession()
  const words = hospital.name[currentLanguage()]
  return (
    <Screen title={t('me.title')}>
      {person?.passwordReminder && (
        <Notice look="warn">
          <b>{t('password.reminder.title')}</b>
          <p>
            {t('password.reminder.text', { place: hospital.inPersonPlace[currentLanguage()], phone: hospital.inPersonPhone })}
          </p>
        </Notice>
      )}
      <Identifiers />
      <DisplaySettings />
      <section aria-labelledby="about">
        <h2 id="about">{t('me.about')}</h2>
        <div class={css.about}>
          <p>{words}</p>
          <p>{t('me.version', { version: __VERSION__ })}</p>
          <p>{t('me.offline')}</p>
          <p>{t('me.install')}</p>
        </div>
      </section>
      <div class={css.leave}>
        <Button onClick={() => void endSession('signed-out')}>{t('me.sign-out')}</Button>
        <p class="soft">{t('me.sign-out.text', { count: idleMinutes })}</p>
      </div>
    </Screen>
  )
}
