/**
 * RFC 1951 and 1950, because labelling is synchronous and runs where no zlib is. Returns what could be read before
 * an error, or undefined where nothing could. `most` bounds what a bomb can make of it.
 */
export function inflate(input: Uint8Array, most: number): Uint8Array | undefined {
  let at = ((input[0] ?? 0) & 15) === 8 && (((input[0] ?? 0) << 8) | (input[1] ?? 0)) % 31 === 0 ? 2 : 0
  let bits = 0
  let held = 0
  let out = new Uint8Array(Math.min(most, input.length * 4 + 1024))
  let length = 0
  const need = (count: number): number => {
    while (held < count) {
      if (at >= input.length) throw new RangeError('input ends early')
      bits |= input[at++]! << held
      held += 8
    }
    const value = bits & ((1 << count) - 1)
    bits >>>= count
    held -= count
    return value
  }
  const put = (byte: number) => {
    if (length === out.length) {
      if (length >= most) throw new RangeError('output too large')
      const wider = new Uint8Array(Math.min(most, length * 2))
      wider.set(out)
      out = wider
    }
    out[length++] = byte
  }
  try {
    for (let last = 0; last === 0; ) {
      last = need(1)
      const kind = need(2)
      if (kind === 0) {
        bits = 0
        held = 0
        const size = input[at]! | (input[at + 1]! << 8)
        at += 4
        for (let i = 0; i < size && at < input.length; i++) put(input[at++]!)
      } else if (kind === 3) throw new RangeError('unknown block')
      else
        readBlock(
          kind === 1 ? fixedTables : readTables(need),
          need,
          put,
          () => length,
          (i) => out[i]!,
        )
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
  return length === 0 ? undefined : out.subarray(0, length)
}

interface Huffman {
  counts: Uint16Array
  symbols: Uint16Array
}

function makeHuffman(lengths: ArrayLike<number>): Huffman {
  const counts = new Uint16Array(16)
  for (let i = 0; i < lengths.length; i++) counts[lengths[i]!]!++
  counts[0] = 0
  const offsets = new Uint16Array(16)
  for (let i = 1; i < 16; i++) offsets[i] = offsets[i - 1]! + counts[i - 1]!
  const symbols = new Uint16Array(lengths.length)
  for (let i = 0; i < lengths.length; i++) if (lengths[i] !== 0) symbols[offsets[lengths[i]!]!++] = i
  return { counts, symbols }
}

function readSymbol({ counts, symbols }: Huffman, need: (count: number) => number): number {
  let code = 0
  let first = 0
  let index = 0
  for (let length = 1; length < 16; length++) {
    code |= need(1)
    const count = counts[length]!
    if (code - count < first) return symbols[index + (code - first)]!
    index += count
    first = (first + count) << 1
    code <<= 1
  }
  throw new RangeError('no such code')
}

const lengthBase = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
]
const lengthExtra = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0]
const distanceBase = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289,
  16385, 24577,
]
const codeOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

type Tables = [literals: Huffman, distances: Huffman]

const fixedTables: Tables = [
  makeHuffman(Array.from({ length: 288 }, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8))),
  makeHuffman(new Array<number>(30).fill(5)),
]

function readTables(need: (count: number) => number): Tables {
  const literals = need(5) + 257
  const distances = need(5) + 1
  const codes = need(4) + 4
  const codeLengths = new Uint8Array(19)
  for (let i = 0; i < codes; i++) codeLengths[codeOrder[i]!] = need(3)
  const lengthCode = makeHuffman(codeLengths)
  const lengths: number[] = []
  while (lengths.length < literals + distances) {
    const symbol = readSymbol(lengthCode, need)
    if (symbol < 16) lengths.push(symbol)
    else {
      const repeated = symbol === 16 ? (lengths.at(-1) ?? 0) : 0
      const times = symbol === 16 ? 3 + need(2) : symbol === 17 ? 3 + need(3) : 11 + need(7)
      for (let i = 0; i < times; i++) lengths.push(repeated)
    }
  }
  return [makeHuffman(lengths.slice(0, literals)), makeHuffman(lengths.slice(literals, literals + distances))]
}

function readBlock(
  [literals, distances]: Tables,
  need: (count: number) => number,
  put: (byte: number) => void,
  written: () => number,
  byteAt: (index: number) => number,
): void {
  for (;;) {
    const symbol = readSymbol(literals, need)
    if (symbol === 256) return
    if (symbol < 256) {
      put(symbol)
      continue
    }
    const run = (lengthBase[symbol - 257] ?? 0) + need(lengthExtra[symbol - 257] ?? 0)
    const far = readSymbol(distances, need)
    const distance = (distanceBase[far] ?? 0) + need(far < 4 ? 0 : (far - 2) >> 1)
    if (distance > written()) throw new RangeError('distance too far')
    for (let i = 0; i < run; i++) put(byteAt(written() - distance))
  }
}
