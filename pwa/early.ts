import type { LanguageCode } from '../shared/contract/session.ts'
import en from '../shared/i18n/en.json?url'
import type { Words } from '../shared/i18n/t.ts'
import zhHans from '../shared/i18n/zh-Hans.json?url'
import zhHant from '../shared/i18n/zh-Hant.json?url'

/**
 * Runs before the app has arrived: asks for the words and the first data at once, and sets colours and type size
 * before the first paint. The app finds everything at `window.zhiqing`; nothing here is imported by it, so this
 * stays one small file.
 */
export interface Early {
  language: LanguageCode
  words: (language: LanguageCode) => Promise<Words>
  first: Promise<Words>
  /** Answers under way, each taken once by `platform/api`. */
  answers: Map<string, Promise<Response>>
}

declare global {
  interface Window {
    zhiqing: Early
  }
}

function stored(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    // Storage can be forbidden; then the device's own settings hold.
    return null
  }
}

function chooseLanguage(): LanguageCode {
  const remembered = stored('language')
  if (remembered === 'en' || remembered === 'zh-Hans' || remembered === 'zh-Hant') return remembered
  for (const tag of navigator.languages ?? [navigator.language]) {
    if (/^zh\b.*(hant|tw|hk|mo)/i.test(tag) || /^yue/i.test(tag)) return 'zh-Hant'
    if (/^zh/i.test(tag)) return 'zh-Hans'
    if (/^en/i.test(tag)) return 'en'
  }
  return 'en'
}

const root = document.documentElement
const language = chooseLanguage()
root.lang = language
const theme = stored('theme')
if (theme) root.dataset.theme = theme
const size = stored('size')
if (size) root.dataset.size = size

const answers = new Map<string, Promise<Response>>()
const ask = (path: string) => {
  const answer = fetch(path)
  // Judged where it is taken; an answer that nobody takes must not count as unhandled.
  answer.catch(() => undefined)
  answers.set(path, answer)
}
// While a sign-out is on its way nothing else is asked; the session sends it first.
const leaving = stored('leaving')
if (!leaving) ask('/api/session')
if (!leaving && stored('signed-in') && /^\/(reports)?$/.test(location.pathname)) ask('/api/people/self/reports')

const files: Record<LanguageCode, string> = { en, 'zh-Hans': zhHans, 'zh-Hant': zhHant }
const words = async (chosen: LanguageCode): Promise<Words> => {
  const file = await fetch(files[chosen])
  if (!file.ok) throw new Error(`no words: ${file.status}`)
  return file.json()
}
const first = words(language)
first.catch(() => undefined)
window.zhiqing = { language, words, first, answers }
