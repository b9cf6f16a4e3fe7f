import { inflate } from './inflate.ts'

/** Bytes of all streams of one file together; a file that holds more counts as unreadable. */
const mostText = 16_000_000

/**
 * The text that a PDF shows, as far as simple means reach: Flate or plain streams, literal and hexadecimal strings,
 * ToUnicode maps of all fonts taken together. Undefined where nothing readable came out (encrypted, a scan, other
 * filters): the caller then treats the file as unreadable, so a reading that fails hides and never shows.
 */
export function readPdf(bytes: Uint8Array): string | undefined {
  const raw = latin(bytes)
  if (raw.includes('/Encrypt')) return undefined
  const streams: string[] = []
  let total = 0
  let images = 0
  let missed = 0
  for (let at = raw.indexOf('stream'); at !== -1; at = raw.indexOf('stream', at)) {
    const dictionary = raw.slice(Math.max(0, raw.lastIndexOf('obj', at), at - 4000), at)
    let start = at + 6
    if (raw[start] === '\r') start++
    if (raw[start] === '\n') start++
    const end = raw.indexOf('endstream', start)
    if (end === -1) break
    at = end + 9
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
      if (total >= mostText) return undefined
      streams.push(latin(opened))
    }
  }
  const glyphs = readGlyphMaps(streams)
  const parts: string[] = []
  for (const stream of streams) if (/\bT[jJ*d]|'/.test(stream)) readShown(stream, glyphs, parts)
  const text = parts.join('')
  // A scan or an undecodable page leaves next to nothing; a few characters are no reading of a page.
  const letters = text.replace(/[^\p{L}]/gu, '').length
  return letters < 4 || (letters < 40 && images > 0) || missed > streams.length ? undefined : text
}

function latin(bytes: Uint8Array): string {
  const parts: string[] = []
  for (let i = 0; i < bytes.length; i += 8192) parts.push(String.fromCharCode(...bytes.subarray(i, i + 8192)))
  return parts.join('')
}

/** Code (as hexadecimal digits) to text. Fonts are not told apart: a wrong letter more does less harm than a word missed. */
function readGlyphMaps(streams: readonly string[]): Map<string, string> {
  const glyphs = new Map<string, string>()
  for (const stream of streams) {
    if (!stream.includes('beginbf')) continue
    for (const block of stream.split('beginbfchar').slice(1)) {
      const pairs = block.slice(0, Math.max(0, block.indexOf('endbfchar')))
      for (const [, code = '', text = ''] of pairs.matchAll(/<([0-9a-fA-F]{2,8})>\s{0,4}<([0-9a-fA-F]{2,64})>/g))
        glyphs.set(code.toUpperCase(), utf16(text))
    }
    for (const block of stream.split('beginbfrange').slice(1))
      readRanges(block.slice(0, Math.max(0, block.indexOf('endbfrange'))), glyphs)
  }
  return glyphs
}

function readRanges(block: string, glyphs: Map<string, string>): void {
  const range = /<([0-9a-fA-F]{2,8})>\s{0,4}<([0-9a-fA-F]{2,8})>\s{0,4}(?:<([0-9a-fA-F]{2,64})>|\[([^\]]{0,20000})\])/g
  for (const [, low = '', high = '', start, list] of block.matchAll(range)) {
    const first = Number.parseInt(low, 16)
    const last = Math.min(Number.parseInt(high, 16), first + 65535)
    const texts = list?.match(/[0-9a-fA-F]{2,64}/g)
    for (let code = first; code <= last; code++) {
      const text = texts ? utf16(texts[code - first] ?? '') : shift(utf16(start ?? ''), code - first)
      glyphs.set(code.toString(16).toUpperCase().padStart(low.length, '0'), text)
    }
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
function readShown(stream: string, glyphs: Map<string, string>, parts: string[]): void {
  const token =
    /\(((?:[^()\\]|\\[\s\S]){0,4000})\)|<([0-9a-fA-F\s]{2,8000})>|(-?\d{1,6}(?:\.\d{1,6})?)(?=[\s(<])|\b(TJ|Tj|T\*|Td|TD|Tm|ET)\b/g
  for (const [, literal, hex, kern, operator] of stream.matchAll(token)) {
    if (literal !== undefined) parts.push(decodeLiteral(literal, glyphs))
    else if (hex !== undefined) parts.push(decodeHex(hex.replace(/\s/g, '').toUpperCase(), glyphs))
    else if (kern !== undefined && Number(kern) < -180 && Number(kern) > -2000) parts.push(' ')
    else if (operator !== undefined && operator !== 'Tj' && operator !== 'TJ') parts.push(operator === 'ET' ? '\n' : ' ')
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
