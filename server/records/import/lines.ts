import { Buffer } from 'node:buffer'

const newline = 10
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf])

/** One line without its end; `bytes` is null where it was longer than the limit, and was let go. */
export interface Line {
  number: number
  bytes: Buffer | null
}

/** Cuts a stream into lines; holds one line, one chunk and no more. CRLF and a last line without end are fine. */
export class LineReader {
  readonly #chunks: AsyncIterator<Uint8Array>
  #chunk: Uint8Array = new Uint8Array(0)
  #at = 0
  #number = 0

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  /** The next line that is not blank, without its indentation, of at most `limit` bytes, or null at the end. */
  async next(limit: number): Promise<Line | null> {
    while (this.#passBlanks() && (await this.#fetch()));
    const parts: Uint8Array[] = []
    let length = 0
    for (;;) {
      const end = this.#chunk.indexOf(newline, this.#at)
      const part = this.#chunk.subarray(this.#at, end === -1 ? undefined : end)
      length += part.length
      if (length > limit) parts.length = 0
      else if (part.length > 0) parts.push(part)
      this.#at += part.length + 1
      if (end === -1 && (await this.#fetch())) continue
      if (end === -1 && length === 0) return null
      this.#number++
      return { number: this.#number, bytes: length > limit ? null : this.#trimmed(Buffer.concat(parts)) }
    }
  }

  /** All that is left, line ends included; null where that is more than `limit` bytes. */
  async rest(limit: number): Promise<Buffer | null> {
    const parts: Uint8Array[] = []
    let length = 0
    do {
      const part = this.#chunk.subarray(this.#at)
      length += part.length
      if (length > limit) return null
      parts.push(part)
    } while (await this.#fetch())
    return Buffer.concat(parts)
  }

  /** Lets go of the source where it was not read to its end. */
  async close(): Promise<void> {
    await this.#chunks.return?.()
  }

  /** Passes over what is blank; true where the chunk ended with it. A file of newlines alone costs nothing per line. */
  #passBlanks(): boolean {
    for (; this.#at < this.#chunk.length; this.#at++) {
      const byte = this.#chunk[this.#at]!
      if (byte === newline) this.#number++
      else if (!isBlankByte(byte)) return false
    }
    return true
  }

  async #fetch(): Promise<boolean> {
    const next = await this.#chunks.next()
    this.#chunk = next.done ? new Uint8Array(0) : next.value
    this.#at = 0
    return !next.done
  }

  #trimmed(bytes: Buffer): Buffer {
    const start = this.#number === 1 && bytes.subarray(0, 3).equals(byteOrderMark) ? 3 : 0
    return bytes.subarray(start, bytes.at(-1) === 13 ? -1 : undefined)
  }
}

const isBlankByte = (byte: number) => byte === 32 || byte === 9 || byte === 13

export const isBlank = (bytes: Uint8Array) => bytes.every(isBlankByte)

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
