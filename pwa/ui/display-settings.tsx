import { Language, type LanguageCode } from '../../shared/contract/session.ts'
import { currentLanguage, switchLanguage, t } from '../platform/language.ts'
import { useDisplay } from '../platform/preferences.ts'
import css from './display-settings.module.css'
import { LargeTypeButton } from './large-type-button.tsx'

const themes = ['system', 'light', 'dark'] as const

/** Language, type size and colours: here before sign-in too, since whoever needs them needs them there. */
export function DisplaySettings() {
  const [theme, setTheme] = useDisplay('theme')
  return (
    <section aria-labelledby="display">
      <h2 id="display">{t('display.title')}</h2>
      <div class={css.rows}>
        <label class={css.row}>
          <span>{t('display.language')}</span>
          <select value={currentLanguage()} onChange={(event) => void switchLanguage(event.currentTarget.value as LanguageCode)}>
            {Language.options.map((language) => (
              <option key={language} value={language} lang={language}>
                {t(`language.${language}`)}
              </option>
            ))}
          </select>
        </label>
        <label class={css.row}>
          <span>{t('display.theme')}</span>
          <select
            value={theme || 'system'}
            onChange={({ currentTarget: { value } }) => setTheme(value === 'system' ? '' : value)}
          >
            {themes.map((one) => (
              <option key={one} value={one}>
                {t(`display.theme.${one}`)}
              </option>
            ))}
          </select>
        </label>
        <LargeTypeButton wide />
      </div>
    </section>
  )
}
