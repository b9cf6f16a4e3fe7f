import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'

/** The archive, not the disk it came from, is at fault. */
export class SpoiltArchive extends Error {}

/** Bombs reach 1000 times their size; records, however alike, stay far below. Little is let pass whatever it is. */
const mostRatio = 200
const alwaysFine = 16 * 1024 * 1024

export class ArchiveBomb extends SpoiltArchive {}

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
    let unpacked = 0
    for await (const chunk of input.pipe(output)) {
      unpacked += (chunk as Uint8Array).length
      if (unpacked > alwaysFine && unpacked > mostRatio * output.bytesWritten)
        throw new ArchiveBomb(`unpacks to more than ${mostRatio} times its size`)
      yield chunk
    }
  } catch (fault) {
    if (fault instanceof SpoiltArchive) throw fault
    if (sourceFault !== undefined) throw sourceFault
    throw new SpoiltArchive((fault as Error).message)
  } finally {
    input.destroy()
    output.destroy()
  }
}
