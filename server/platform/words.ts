import { readFileSync } from 'node:fs'
import { type ErrorCode, errorStatus } from '../../shared/contract/errors.ts'
import type { LanguageCode } from '../../shared/contract/session.ts'
import type messagesEn from '../../shared/i18n/messages.en.json'
import { translator } from '../../shared/i18n/t.ts'

export type MessageKey = keyof typeof messagesEn
export const languages = ['zh-Hans', 'zh-Hant', 'en'] as const

const file = (name: string): Record<string, string> =>
  JSON.parse(readFileSync(new URL(`../../shared/i18n/${name}.json`, import.meta.url), 'utf8')) as Record<string, string>

const translators = Object.fromEntries(
  languages.map((language) => [language, translator(language, { ...file(language), ...file(`messages.${language}`) })]),
) as unknown as Record<LanguageCode, (key: string, values?: Record<string, string | number>) => string>

/** A sentence that leaves the gateway by message. */
export const translate = (language: LanguageCode, key: MessageKey, values: Record<string, string | number> = {}): string =>
  translators[language](key, values)

const problemWords = Object.fromEntries(
  languages.map((language) => [
    language,
    Object.fromEntries(
      (Object.keys(errorStatus) as ErrorCode[]).map((code) => [
        code,
        { title: translators[language](`error.${code}`), detail: translators[language](`error.${code}.do`) },
      ]),
    ),
  ]),
) as Record<LanguageCode, Record<ErrorCode, { title: string; detail: string }>>

export const problemSentences = (language: LanguageCode, code: ErrorCode) => problemWords[language][code]

/** The first language of Accept-Language that we speak; English where none is. */
export function pickLanguage(acceptLanguage: string | undefined): LanguageCode {
  for (const part of (acceptLanguage ?? '').slice(0, 200).split(',')) {
    const tag = part.split(';')[0]?.trim().toLowerCase() ?? ''
    if (/^zh-(hant|hk|mo|tw)\b/.test(tag)) return 'zh-Hant'
    if (/^zh\b/.test(tag)) return 'zh-Hans'
    if (/^en\b/.test(tag)) return 'en'
  }
  return 'en'
}
