import { Buffer } from 'node:buffer'

const newline = 10
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf])

/** One line without its end; `bytes` is null where it was longer than the limit, and was let go. */
export interface Line {
  number: number
  bytes: Buffer | null
}

/** Cuts a stream into lines; holds at most one line of `limit()` bytes and one chunk. CRLF and a last line without end are fine. */
export async function* readLines(chunks: AsyncIterable<Uint8Array>, limit: () => number): AsyncGenerator<Line> {
  let parts: Uint8Array[] = []
  let length = 0
  let number = 0
  const add = (part: Uint8Array) => {
    length += part.length
    if (length > limit()) parts = []
    // A view would hold its whole chunk in memory for as long as the line waits.
    else if (part.length > 0) parts.push(Buffer.from(part))
  }
  const take = (): Line => {
    number++
    let bytes = length > limit() ? null : Buffer.concat(parts)
    parts = []
    length = 0
    if (number === 1 && bytes?.subarray(0, 3).equals(byteOrderMark)) bytes = bytes.subarray(3)
    return { number, bytes: bytes?.at(-1) === 13 ? bytes.subarray(0, -1) : bytes }
  }
  for await (const chunk of chunks) {
    let start = 0
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      add(chunk.subarray(start, end))
      yield take()
      start = end + 1
    }
    add(chunk.subarray(start))
  }
  if (length > 0) yield take()
}

export const isBlank = (bytes: Uint8Array) => bytes.every((byte) => byte === 32 || byte === 9 || byte === 13)

/**
 * Whether the first two lines of a file that are not blank are lines of NDJSON rather than the start of one document:
 * the second is a whole object where the first, complete or spoilt, left no room for one in JSON's grammar.
 * A file's name only decides where both are spoilt.
 */
export function areSeparate(first: Uint8Array, second: Uint8Array, namedAsLines: boolean): boolean {
  const state = scan(first)
  if (state === 'whole') return true
  if (state === 'expects-value') return false
  if (second[0] !== 123) return namedAsLines && state === 'broken'
  return namedAsLines || scan(second) === 'whole'
}

/** What a text leaves open at its end. */
function scan(bytes: Uint8Array): 'whole' | 'expects-value' | 'open' | 'broken' {
  const open: number[] = []
  let last = 0
  let inString = false
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!
    if (inString) {
      if (byte === 92) at++
      else if (byte === 34) inString = false
      continue
    }
    if (byte === 32 || byte === 9 || byte === 13) continue
    if (open.length === 0 && last !== 0) return 'broken'
    if (byte === 34) inString = true
    else if (byte === 123 || byte === 91) open.push(byte)
    else if ((byte === 125 || byte === 93) && open.pop() !== byte - 2) return 'broken'
    else if (open.length === 0 && byte !== 125 && byte !== 93) return 'broken'
    last = byte
  }
  if (inString) return 'broken'
  if (open.length === 0) return last === 0 ? 'broken' : 'whole'
  const inArray = open.at(-1) === 91
  return last === 58 || last === 91 || (last === 44 && inArray) ? 'expects-value' : 'open'
}
