import { readdirSync, readFileSync } from 'node:fs'
import { parseSync } from 'vite'
import { describe, expect, it } from 'vitest'

const root = new URL('.', import.meta.url)
const sources = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
  (path) => /\.tsx?$/.test(path) && !/\.(test|d)\.ts/.test(path),
)
const english = Object.keys(JSON.parse(readFileSync(new URL('../shared/i18n/en.json', root), 'utf8')) as object)

/** Texts a person could read: JSX text, and string literals that look like a sentence or hold Chinese characters. */
function textsInCode(path: string, code: string): string[] {
  const found: string[] = []
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    const { type, value } = node as { type?: string; value?: unknown }
    // A thrown Error is for the next engineer, not for the person.
    const callee = (node as { callee?: { name?: string } }).callee?.name
    if (type === 'NewExpression' && callee === 'Error') return
    if (type === 'ImportDeclaration' || type === 'ImportExpression') return
    if (type === 'JSXAttribute') {
      const name = (node as { name: { name?: string } }).name.name ?? ''
      if (['class', 'points', 'd', 'viewBox', 'autoComplete', 'to', 'href'].includes(name)) return
    }
    if (type === 'JSXText' && /\p{L}/u.test(String(value))) found.push(String(value).trim())
    if (
      type === 'Literal' &&
      typeof value === 'string' &&
      (/\p{Script=Han}/u.test(value) || /^[A-Z]?[a-z’']+( [a-z’']+){2,}/i.test(value))
    )
      found.push(value)
    for (const [key, inner] of Object.entries(node)) if (key !== 'parent') visit(inner)
  }
  visit(parseSync(path, code).program)
  return found
}

describe('[J-2] no sentence in code', () => {
  it('finds one where there is one', () => {
    expect(textsInCode('x.tsx', 'export const X = () => <p>Hello</p>')).toEqual(['Hello'])
    expect(textsInCode('x.ts', "export const x = '报告'")).toEqual(['报告'])
    expect(textsInCode('x.ts', "export const x = 'Please try again'")).toEqual(['Please try again'])
  })

  it.each(sources)('%s', (path) => {
    expect(textsInCode(path, readFileSync(new URL(path, root), 'utf8'))).toEqual([])
  })

  it('and no key that no screen uses', () => {
    const code = sources.map((path) => readFileSync(new URL(path, root), 'utf8')).join('\n')
    // Keys whose last part comes from data: closed lists of the contract.
    const computed =
      /^(error|kind|flag|category|level|medication|log\.(who|purpose|act)|language|display\.theme|who|nav|me|password\.rule|report\.heading|shell)\./
    const unused = english.filter((key) => !computed.test(key) && !code.includes(`'${key.replace(/_(one|other)$/, '')}'`))
    expect(unused).toEqual([])
  })
})
