import { inflate } from './inflate.ts'

/** Bytes of all streams of one file together; a file that holds more counts as unreadable. */
const mostText = 16_000_000
/** What the codes of all fonts, the shown text and the streams of one file may come to: honest files stay far below. */
const mostGlyphs = 300_000
const mostShown = 4_000_000
const mostStreams = 50_000
const dictionaryReach = 4000

class TooMuch extends Error {}

/**
 * The text that a PDF shows, as far as simple means reach: Flate or plain streams, literal and hexadecimal strings,
 * ToUnicode maps of all fonts taken together. Undefined where nothing readable came out (encrypted, a scan, other
 * filters, more than an honest file holds): the caller then treats the file as unreadable, so a reading that fails
 * hides and never shows.
 */
export function readPdf(bytes: Uint8Array): string | undefined {
  try {
    return readStreams(bytes)
  } catch {
    // Whatever breaks a reader was made to break it.
    return undefined
  }
}

function readStreams(bytes: Uint8Array): string | undefined {
  const raw = latin(bytes)
  if (raw.includes('/Encrypt')) return undefined
  const streams: string[] = []
  let total = 0
  let images = 0
  let missed = 0
  let seen = 0
  let before = 0
  for (let at = raw.indexOf('stream'); at !== -1; at = raw.indexOf('stream', before)) {
    if (++seen > mostStreams) throw new TooMuch('streams')
    // No further back than the stream before, so that many streams cost no more than one long one.
    const head = raw.slice(Math.max(before, at - dictionaryReach), at)
    const dictionary = head.slice(Math.max(0, head.lastIndexOf('obj')))
    let start = at + 6
    if (raw[start] === '\r') start++
    if (raw[start] === '\n') start++
    const end = raw.indexOf('endstream', start)
    if (end === -1) break
    before = end + 9
    if (/\/Subtype\s*\/Image/.test(dictionary)) images++
    if (/\/Subtype\s*\/(Image|Type1C|CIDFontType0C|OpenType)|\/FontFile|\/Length1\b|\/Type\s*\/(XRef|Metadata)/.test(dictionary))
      continue
    const body = bytes.subarray(start, end)
    const opened = dictionary.includes('/FlateDecode')
      ? inflate(body, mostText - total)
      : dictionary.includes('/Filter')
        ? undefined
        : body
    if (opened === undefined) missed++
    else {
      total += opened.length
      if (total >= mostText) throw new TooMuch('text')
      streams.push(latin(opened))
    }
  }
  const glyphs = readGlyphMaps(streams)
  const shown = new Shown()
  for (const stream of streams) if (/\bT[jJ*d]|'/.test(stream)) readShown(stream, glyphs, shown)
  const text = shown.text()
  // A scan or an undecodable page leaves next to nothing; a few characters are no reading of a page.
  const letters = text.replace(/[^\p{L}]/gu, '').length
  return letters < 4 || (letters < 40 && images > 0) || missed > streams.length ? undefined : text
}

class Shown {
  private readonly parts: string[] = []
  private length = 0

  add(part: string): void {
    this.length += part.length
    if (this.length > mostShown) throw new TooMuch('shown')
    this.parts.push(part)
  }

  text = (): string => this.parts.join('')
}

function latin(bytes: Uint8Array): string {
  const parts: string[] = []
  for (let i = 0; i < bytes.length; i += 8192) parts.push(String.fromCharCode(...bytes.subarray(i, i + 8192)))
  return parts.join('')
}

/** Code (as hexadecimal digits) to text. Fonts are not told apart: a wrong letter more does less harm than a word missed. */
function readGlyphMaps(streams: readonly string[]): Map<string, string> {
  const glyphs = new Map<string, string>()
  let steps = 0
  const put = (code: string, text: string) => {
    if (++steps > mostGlyphs) throw new TooMuch('glyphs')
    glyphs.set(code, text)
  }
  for (const stream of streams) {
    if (!stream.includes('beginbf')) continue
    for (const block of stream.split('beginbfchar').slice(1)) {
      const pairs = block.slice(0, Math.max(0, block.indexOf('endbfchar')))
      for (const [, code = '', text = ''] of pairs.matchAll(/<([0-9a-fA-F]{2,8})>\s{0,4}<([0-9a-fA-F]{2,64})>/g))
        put(code.toUpperCase(), utf16(text))
    }
    for (const block of stream.split('beginbfrange').slice(1))
      readRanges(block.slice(0, Math.max(0, block.indexOf('endbfrange'))), put)
  }
  return glyphs
}

/** `<low> <high> <text of low>` or `<low> <high> [<text> <text> ...]`. */
function readRanges(block: string, put: (code: string, text: string) => void): void {
  let low: string | undefined
  let high: string | undefined
  let listed = -1
  for (const [sign, digits = ''] of block.matchAll(/<([0-9a-fA-F]{2,64})>|[[\]]/g)) {
    if (sign === '[') listed = 0
    else if (sign !== ']' && listed < 0 && low === undefined) low = digits
    else if (sign !== ']' && listed < 0 && high === undefined) high = digits
    else if (low !== undefined && high !== undefined) {
      const first = Number.parseInt(low, 16)
      const last = Math.min(Number.parseInt(high, 16), first + 65535)
      const name = (code: number) =>
        code
          .toString(16)
          .toUpperCase()
          .padStart(low?.length ?? 0, '0')
      if (listed >= 0 && sign !== ']') put(name(first + listed++), utf16(digits))
      else if (listed < 0) for (let code = first; code <= last; code++) put(name(code), shift(utf16(digits), code - first))
      if (listed >= 0 && sign !== ']') continue
      low = undefined
      high = undefined
      listed = -1
    } else listed = -1
  }
}

const shift = (text: string, by: number): string =>
  text.slice(0, -1) + String.fromCharCode((text.charCodeAt(text.length - 1) || 0) + by)

function utf16(digits: string): string {
  let text = ''
  for (let i = 0; i + 3 < digits.length; i += 4) text += String.fromCharCode(Number.parseInt(digits.slice(i, i + 4), 16))
  return digits.length === 2 ? String.fromCharCode(Number.parseInt(digits, 16)) : text
}

const escapes: Record<string, string> = { n: '\n', r: '\n', t: ' ', b: '', f: '' }

/** One pass over a content stream: strings are shown, moves to another line end the line. */
function readShown(stream: string, glyphs: Map<string, string>, shown: Shown): void {
  const token =
    /\(((?:[^()\\]|\\[\s\S]){0,4000})\)|<([0-9a-fA-F\s]{2,8000})>|(-?\d{1,6}(?:\.\d{1,6})?)(?=[\s(<])|\b(TJ|Tj|T\*|Td|TD|Tm|ET)\b/g
  for (const [, literal, hex, kern, operator] of stream.matchAll(token)) {
    if (literal !== undefined) shown.add(decodeLiteral(literal, glyphs))
    else if (hex !== undefined) shown.add(decodeHex(hex.replace(/\s/g, '').toUpperCase(), glyphs))
    else if (kern !== undefined && Number(kern) < -180 && Number(kern) > -2000) shown.add(' ')
    else if (operator !== undefined && operator !== 'Tj' && operator !== 'TJ') shown.add(operator === 'ET' ? '\n' : ' ')
  }
}

function decodeLiteral(literal: string, glyphs: Map<string, string>): string {
  const plain = literal.replace(/\\([0-7]{1,3}|\r?\n|[\s\S])/g, (_, escaped: string) =>
    /^[0-7]/.test(escaped) ? String.fromCharCode(Number.parseInt(escaped, 8) & 255) : (escapes[escaped] ?? escaped.trim()),
  )
  if (glyphs.size === 0) return plain
  const digits = Array.from(plain, (character) => character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')).join('')
  const mapped = decodeHex(digits, glyphs)
  return mapped === '' ? plain : mapped
}

function decodeHex(digits: string, glyphs: Map<string, string>): string {
  let text = ''
  for (let i = 0; i < digits.length; ) {
    const two = glyphs.get(digits.slice(i, i + 4))
    const one = two === undefined ? glyphs.get(digits.slice(i, i + 2)) : undefined
    text += two ?? one ?? (glyphs.size === 0 ? String.fromCharCode(Number.parseInt(digits.slice(i, i + 2), 16)) : '')
    i += two !== undefined || (one === undefined && glyphs.size > 0) ? 4 : 2
  }
  return text
}
