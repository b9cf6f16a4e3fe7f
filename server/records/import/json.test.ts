import fc from 'fast-check'
import { expect, test } from 'vitest'
import { JsonError, parseJson } from './json.ts'

test('reads what JSON.parse reads, and the same', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 5 }), (text) => {
      const { value, problems } = parseJson(text)
      const own = JSON.parse(text)
      if (!text.includes('__proto__')) {
        expect(value).toEqual(own)
        expect(problems).toEqual([])
      }
    }),
  )
})

test('refuses what JSON.parse refuses', () => {
  fc.assert(
    fc.property(
      fc.json({ maxDepth: 3 }),
      fc.nat(),
      fc.constantFrom('', '"', '{', ']', ',', '\\', '0', '\u0001', 'tru'),
      (text, at, piece) => {
        const cut = at % (text.length + 1)
        const spoilt = text.slice(0, cut) + piece + text.slice(cut + (piece === '' ? 1 : 0))
        const accepts = (read: (text: string) => unknown) => {
          try {
            read(spoilt)
            return true
          } catch {
            return false
          }
        }
        expect(accepts(parseJson)).toBe(accepts(JSON.parse))
      },
    ),
    { numRuns: 500 },
  )
})

test.each([
  ['{"a":1,"a":2}', 'a', 'key-duplicate'],
  ['{"x":[{"b":{"c":1,"\\u0063":2}}]}', 'x[0].b.c', 'key-duplicate'],
  ['{"x":{"__proto__":{"polluted":true}}}', 'x.__proto__', 'key-forbidden'],
])('names what must not pass: %s', (text, path, code) => {
  expect(parseJson(text).problems).toEqual([{ path, code }])
})

test('nesting that would end the stack is passed over and named', () => {
  const deep = '['.repeat(200_000)
  const { value, problems } = parseJson(`{"a":{"b":${deep}"]"${']'.repeat(200_000)}},"c":1}`)
  expect(value).toMatchObject({ c: 1 })
  expect(problems.map(({ code }) => code)).toEqual(['nested-too-deep'])
  expect(parseJson(`${'['.repeat(64)}${']'.repeat(64)}`).problems).toEqual([])
  expect(parseJson(`${'['.repeat(65)}${']'.repeat(65)}`).problems).toHaveLength(1)
  expect(() => parseJson(deep)).toThrow(JsonError)
})

test('a text with endless duplicates is refused whole', () => {
  expect(() => parseJson(`{${Array(2000).fill('"a":1').join(',')}}`)).toThrow(JsonError)
})

test('says where a text is spoilt', () => {
  expect(() => parseJson('{\n  "a": tru\n}')).toThrow('2:8')
})
