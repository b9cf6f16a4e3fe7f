import type { LanguageCode } from '../../shared/contract/session.ts'
import { type Key, type Translate, translator, type Values } from '../../shared/i18n/t.ts'
import { remember } from './preferences.ts'

let language: LanguageCode = 'en'
let translate: Translate = () => ''
const listeners = new Set<() => void>()

export const t = (key: Key, values?: Values): string => translate(key, values)
export const currentLanguage = (): LanguageCode => language

/** The region decides how dates and numbers are written. */
export const locale = (): string => ({ en: 'en-GB', 'zh-Hans': 'zh-Hans-CN', 'zh-Hant': 'zh-Hant-HK' })[language]

/** The words were asked for by `early.ts`. */
export async function startLanguage(): Promise<void> {
  language = window.zhiqing.language
  translate = translator(language, await window.zhiqing.first)
}

let wanted: LanguageCode | null = null

/** The last choice wins, however the files arrive; where its words cannot be had, everything stays as it is and shows so. */
export async function switchLanguage(next: LanguageCode): Promise<void> {
  wanted = next
  const words = await window.zhiqing.words(next).catch(() => window.zhiqing.words(next).catch(() => null))
  if (wanted !== next) return
  if (words === null) {
    for (const listener of listeners) listener()
    return
  }
  language = next
  translate = translator(next, words)
  document.documentElement.lang = next
  remember('language', next)
  for (const listener of listeners) listener()
}

export function onLanguage(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
