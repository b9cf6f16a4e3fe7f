/** What JSON.parse would take silently and a record must not: reported by path, the rest is read. */
export interface JsonProblem {
  path: string
  code: 'key-duplicate' | 'key-forbidden' | 'nested-too-deep'
}

export class JsonError extends Error {}

/** A text that is sound but too much: millions of values take a hundred times the memory of their text. */
export class TooManyValues extends JsonError {}

const mostDepth = 64
const mostValues = 5_000_000
const longestKey = 200
/** A text with more is no record but an attack on who must list them. */
const mostProblems = 1000
const escapes: Record<string, string> = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }
const numberForm = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them unescaped
const controls = /[\u0000-\u001f]/

/** FHIRPath of a position: `entry[3].resource.code`. */
export const pathOf = (steps: readonly (string | number)[]) =>
  steps.map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`)).join('')

/**
 * Reads strict JSON (RFC 8259) and notices duplicate keys, `__proto__`, keys over 200 long and nesting over 64, which
 * JSON.parse cannot. Throws JsonError, with line and column, where the text is no JSON.
 */
export function parseJson(text: string): { value: unknown; problems: JsonProblem[] } {
  let at = 0
  const steps: (string | number)[] = []
  const problems: JsonProblem[] = []
  let values = 0

  const fail = (): never => {
    let line = 1
    let start = 0
    for (let end = text.indexOf('\n'); end !== -1 && end < at; end = text.indexOf('\n', start)) {
      start = end + 1
      line++
    }
    throw new JsonError(`${line}:${at - start + 1}`)
  }

  const complain = (code: JsonProblem['code']) => {
    // A path is for a reader: the first steps of one too deep will do.
    if (problems.push({ path: pathOf(steps.slice(0, 16)), code }) > mostProblems) fail()
  }

  const space = () => {
    for (let code = text.charCodeAt(at); code === 32 || code === 10 || code === 13 || code === 9; ) code = text.charCodeAt(++at)
  }

  const string = (): string => {
    const start = ++at
    let end = text.indexOf('"', start)
    if (end === -1) fail()
    let raw = text.slice(start, end)
    if (raw.includes('\\')) {
      // A quote ends the string only after an even number of backslashes.
      for (; trailingBackslashes(text, end, start) % 2 === 1; ) {
        end = text.indexOf('"', end + 1)
        if (end === -1) fail()
      }
      raw = text.slice(start, end)
    }
    if (controls.test(raw)) fail()
    at = end + 1
    return raw.includes('\\') ? unescaped(raw) : raw
  }

  const unescaped = (raw: string) =>
    raw.replace(/\\(?:u([0-9a-fA-F]{4})|(.?))/gs, (_, hex: string | undefined, letter: string) =>
      hex === undefined ? (escapes[letter] ?? fail()) : String.fromCharCode(Number.parseInt(hex, 16)),
    )

  const word = <T>(letters: string, value: T): T => {
    if (!text.startsWith(letters, at)) fail()
    at += letters.length
    return value
  }

  const number = (): number => {
    numberForm.lastIndex = at
    const found = numberForm.exec(text)
    if (found === null) return fail()
    at = numberForm.lastIndex
    return Number(found[0])
  }

  const array = (): unknown[] => {
    const items: unknown[] = []
    at++
    space()
    if (text[at] === ']') return word(']', items)
    for (;;) {
      steps.push(items.length)
      items.push(value())
      steps.pop()
      space()
      if (text[at] === ']') return word(']', items)
      word(',', null)
    }
  }

  const object = (): Record<string, unknown> => {
    const result: Record<string, unknown> = {}
    at++
    space()
    if (text[at] === '}') return word('}', result)
    for (;;) {
      space()
      if (text[at] !== '"') fail()
      const key = string()
      space()
      word(':', null)
      const isForbidden = key === '__proto__' || key.length > longestKey
      steps.push(isForbidden ? key.slice(0, longestKey) : key)
      if (isForbidden) complain('key-forbidden')
      else if (Object.hasOwn(result, key)) complain('key-duplicate')
      const inner = value()
      if (!isForbidden) result[key] = inner
      steps.pop()
      space()
      if (text[at] === '}') return word('}', result)
      word(',', null)
    }
  }

  /** Passes over what lies too deep without recursion: a hostile file must not end the stack. */
  const skip = () => {
    complain('nested-too-deep')
    let depth = 0
    do {
      const letter = text[at]
      if (letter === undefined) fail()
      if (letter === '"') {
        string()
        continue
      }
      if (letter === '{' || letter === '[') depth++
      else if (letter === '}' || letter === ']') depth--
      at++
    } while (depth > 0)
    return null
  }

  const value = (): unknown => {
    if (++values > mostValues) throw new TooManyValues(`more than ${mostValues} values`)
    space()
    const letter = text[at]
    if (letter === '"') return string()
    if (letter === '{' || letter === '[') return steps.length >= mostDepth ? skip() : letter === '{' ? object() : array()
    if (letter === 't') return word('true', true)
    if (letter === 'f') return word('false', false)
    if (letter === 'n') return word('null', null)
    return number()
  }

  const result = value()
  space()
  if (at < text.length) fail()
  return { value: result, problems }
}

function trailingBackslashes(text: string, end: number, start: number): number {
  let count = 0
  while (end - 1 - count >= start && text[end - 1 - count] === '\\') count++
  return count
}
