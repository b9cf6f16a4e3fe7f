import { currentLanguage } from './language.ts'

type Texts = Record<string, string>
const files = import.meta.glob<Texts>('../../shared/i18n/help.*.json', { import: 'default' })

/** The plain-language texts of the chosen language, loaded beside the first report that needs them. */
export async function loadHelp(): Promise<Texts> {
  const load = files[`../../shared/i18n/help.${currentLanguage()}.json`]
  return load ? load() : {}
}
