import { expect } from 'vitest'
import { errorStatus } from '../../shared/contract/errors.ts'
import type { Answer } from '../support/gateway.ts'

/** Every refusal of bad input: a problem document in the asked language that says what to do, and nothing else. */
export function expectProblem(answer: Answer, about: string, language: 'en' | 'zh' = 'en'): void {
  const said = `${about}: ${answer.status} ${answer.body.slice(0, 300)}`
  expect(answer.status, said).toBeGreaterThanOrEqual(400)
  expect(answer.status, said).toBeLessThan(500)
  expect(answer.headers['content-type'], said).toMatch(/^application\/problem\+json/)
  const { code, status, title, detail, type } = answer.json ?? {}
  expect(Object.keys(errorStatus), said).toContain(code)
  expect(status, said).toBe(answer.status)
  expect(type, said).toBe(`urn:zhiqing:problem:${code}`)
  for (const sentence of [title, detail]) {
    expect(sentence, said).toMatch(language === 'zh' ? /[\u4e00-\u9fff]/ : /^[\x20-\x7e]+$/)
  }
  expect(answer.body, said).not.toMatch(/ at |node_modules|select |insert |stack|Error:|血/)
}
