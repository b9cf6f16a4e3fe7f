import { createInstance } from 'i18next'
import type { LanguageCode } from '../contract/session.ts'
import type en from './en.json'

/** `reports.lines_one` and `reports.lines_other` are one key to the caller; the language's plural rule picks. */
type WithoutPlural<K> = K extends `${infer Base}_one` | `${infer Base}_other` ? Base : K
export type Key = WithoutPlural<keyof typeof en>
export type Words = Record<string, string>
export type Values = Record<string, string | number>
export type Translate = (key: Key, values?: Values) => string

/** A typed `t()` for one language and its words. A key without words throws: no screen ever shows a key. */
export function translator(language: LanguageCode, translation: Words): Translate {
  const i18n = createInstance()
  i18n.init({
    lng: language,
    resources: { [language]: { translation } },
    keySeparator: false,
    nsSeparator: false,
    initAsync: false,
    // Preact and the gateway's JSON escape by themselves.
    interpolation: { escapeValue: false },
    parseMissingKeyHandler: (key: string) => {
      throw new Error(`no words for ${key} in ${language}`)
    },
  })
  return (key, values) => i18n.t(key, values ?? {})
}
