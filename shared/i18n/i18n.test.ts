import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { errorStatus } from '../contract/errors.ts'
import { Language } from '../contract/session.ts'
import { translator, type Words } from './t.ts'

const loadWords = async (language: string): Promise<Words> =>
  JSON.parse(await readFile(new URL(`./${language}.json`, import.meta.url), 'utf8'))

const reference = await loadWords('en')
const pluralForm = /_(zero|one|two|few|many|other)$/
const placeholders = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]).sort()
const plurals = new Set(Object.keys(reference).flatMap((key) => (pluralForm.test(key) ? [key.replace(pluralForm, '')] : [])))
const plain = Object.keys(reference).filter((key) => !pluralForm.test(key))

describe.each(Language.options)('[J-2] words of %s', async (language) => {
  const words = await loadWords(language)
  const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories
  const expected = [...plain, ...[...plurals].flatMap((key) => forms.map((form) => `${key}_${form}`))]

  it('has exactly the keys of en.json, in every plural form of the language', () => {
    expect(Object.keys(words).sort()).toEqual(expected.sort())
  })

  it('leaves no sentence empty and carries the same placeholders', () => {
    for (const [key, text] of Object.entries(words)) {
      expect(text.trim(), key).not.toBe('')
      const original = reference[key] ?? reference[key.replace(pluralForm, '_other')] ?? ''
      expect(placeholders(text), key).toEqual(placeholders(original))
    }
  })

  it('[SE-5] says for every error code what happened and what to do', () => {
    const missing = Object.keys(errorStatus)
      .flatMap((code) => [`error.${code}`, `error.${code}.do`])
      .filter((key) => !(key in words))
    expect(missing).toEqual([])
  })

  it('fills in and counts', () => {
    const t = translator(language, words)
    expect(t('reports.lines', { count: 24 })).toContain('24')
    expect(t('in-person.text', { place: '<b>&', phone: '1' })).toContain('<b>&')
  })
})

describe('[J-2] translator', () => {
  it('throws where a key has no words', () => {
    const t = translator('en', { 'app.name': 'x' })
    expect(t('app.name')).toBe('x')
    expect(() => t('nav.me')).toThrow('no words for nav.me in en')
  })

  it('[J-2] writes simplified and traditional characters each in their own file', async () => {
    const hans = Object.values(await loadWords('zh-Hans')).join('')
    const hant = Object.values(await loadWords('zh-Hant')).join('')
    expect(hans.replaceAll('繁體中文（香港）', '')).not.toMatch(/[報藥誰過顯時這個為說錯開關網絡請們輸驗證碼應]/)
    expect(hant.replaceAll('简体中文', '')).not.toMatch(/[报药谁过显时这个为说错开关网络请们输验证码应]/u)
  })
})
