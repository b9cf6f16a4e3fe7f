import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'

/** The archive, not the disk it came from, is at fault. */
export class SpoiltArchive extends Error {}

/** The bytes of a file, taken out of gzip where its first two bytes say so. */
export async function* unpack(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = chunks[Symbol.asyncIterator]()
  let head = new Uint8Array(0)
  let ended = false
  while (head.length < 2 && !ended) {
    const next = await source.next()
    if (next.done) ended = true
    else head = Buffer.concat([head, next.value])
  }
  async function* whole() {
    if (head.length > 0) yield head
    if (!ended) yield* { [Symbol.asyncIterator]: () => source }
  }
  yield* head[0] === 0x1f && head[1] === 0x8b ? gunzip(whole()) : whole()
}

async function* gunzip(packed: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  const input = Readable.from(packed, { objectMode: false })
  const output = createGunzip()
  let sourceFault: Error | undefined
  input.on('error', (fault) => {
    sourceFault = fault
    output.destroy(fault)
  })
  try {
    yield* input.pipe(output)
  } catch (fault) {
    if (sourceFault !== undefined) throw sourceFault
    throw new SpoiltArchive((fault as Error).message)
  } finally {
    input.destroy()
    output.destroy()
  }
}
