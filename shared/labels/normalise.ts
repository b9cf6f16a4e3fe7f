import variants from './terms/traditional.json' with { type: 'json' }

/** What stood between a kept character and the one before it. */
export const gap = { none: 0, soft: 1, blank: 2, line: 3 } as const

/** A string reduced to what terms are matched on, with the way back to the original's UTF-16 offsets. */
export interface Compact {
  length: number
  codes: Uint16Array
  /** Gap before each kept character. */
  gaps: Uint8Array
  /** Offset of each kept character in the original string. */
  origin: Int32Array
}

// Marks in the folding table below the first printable character.
const blank = 1
const line = 2
const soft = 3
const invisible = 4
const several = 5

const folded = new Uint16Array(65536)
const expansions = new Map<number, string>()
const simplified = new Map<number, number>()
for (let i = 0; i < variants.from.length; i++) simplified.set(variants.from.charCodeAt(i), variants.to.charCodeAt(i))

const softMarks = new Set('-\\‐‑‒–—―_\'’‘`"“”·•‧・()[]{}<>《》〈〉【】〔〕「」『』〖〗')
const lineMarks = /[\n\r\u2028\u2029\v\f]/
const blanks = /[\s\u3000]/
// Zero-width and format characters, variation selectors, combining accents.
const invisibles = /\p{Cf}|\p{Mn}/u

function foldOne(character: string): number {
  if (invisibles.test(character)) return invisible
  if (lineMarks.test(character)) return line
  if (blanks.test(character)) return blank
  if (softMarks.has(character)) return soft
  const code = character.charCodeAt(0)
  return code < 32 ? blank : (simplified.get(code) ?? code)
}

function fold(code: number): number {
  const character = String.fromCharCode(code)
  const early = foldOne(character)
  const plain = early <= several ? early : fromForm(code, character)
  folded[code] = plain
  return plain
}

function fromForm(code: number, character: string): number {
  const form = character.normalize('NFKC').toLowerCase()
  if (form.length === 1) return foldOne(form)
  expansions.set(code, form)
  return several
}

/** Width, case, script variant, brackets and blanks taken out: `Ｂ 型（肝）炎` and `b型肝炎` become the same. */
export function compact(text: string): Compact {
  let room = text.length + 16
  let codes = new Uint16Array(room)
  let gaps = new Uint8Array(room)
  let origin = new Int32Array(room)
  let length = 0
  let before: number = gap.none
  const keep = (code: number, at: number) => {
    codes[length] = code
    gaps[length] = before
    origin[length++] = at
    before = gap.none
  }
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    const plain = folded[code] || fold(code)
    if (plain > several) {
      // A full stop inside a word or number (H.I.V., 1.5) separates nothing; at a sentence's end it stays.
      if (plain === 46 && i + 1 < text.length && text.charCodeAt(i + 1) > 47) before = Math.max(before, gap.soft)
      else keep(plain, i)
    } else if (plain === blank) before = Math.max(before, gap.blank)
    else if (plain === line) before = gap.line
    else if (plain === soft) before = Math.max(before, gap.soft)
    else if (plain === several) {
      const form = expansions.get(code) ?? ''
      if (length + form.length + text.length - i > room) {
        room = room * 2 + form.length
        codes = grow(codes, new Uint16Array(room))
        gaps = grow(gaps, new Uint8Array(room))
        origin = grow(origin, new Int32Array(room))
      }
      for (const part of form) {
        const small = foldOne(part)
        if (small > several) keep(small, i)
      }
    }
  }
  return { length, codes, gaps, origin }
}

function grow<A extends Uint16Array | Uint8Array | Int32Array>(old: A, wider: A): A {
  wider.set(old)
  return wider
}

export const isLetter = (code: number): boolean => code > 96 && code < 123
export const isDigit = (code: number): boolean => code > 47 && code < 58
