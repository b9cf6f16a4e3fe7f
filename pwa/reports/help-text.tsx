import { createContext } from 'preact'
import { useContext, useEffect, useState } from 'preact/hooks'
import { loadHelp } from '../platform/help.ts'
import { currentLanguage, t } from '../platform/language.ts'

/** Undefined while the texts are on their way. */
export const HelpTexts = createContext<Record<string, string> | undefined>(undefined)

export function useHelpTexts(): Record<string, string> | undefined {
  const language = currentLanguage()
  const [texts, setTexts] = useState<Record<string, string>>()
  useEffect(() => {
    // Without its help texts a report is still a report.
    loadHelp().then(setTexts, () => setTexts({}))
  }, [language])
  return texts
}

export function HelpText({ id }: { id: string }) {
  const texts = useContext(HelpTexts)
  if (!texts) return <p class="soft">{t('common.loading')}</p>
  return <p class="soft">{texts[id] ?? t('report.help.missing')}</p>
}
