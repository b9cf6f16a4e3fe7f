import { Buffer } from 'node:buffer'
import { failed, type Keep, readDocument } from './document.ts'
import type { Batch } from './entry.ts'
import { ErrorList } from './errors.ts'
import { areSeparate, isBlank, type Line, LineReader } from './lines.ts'
import { isStored } from './shape.ts'
import { isAboutOnePerson } from './subject.ts'
import { ArchiveBomb, SpoiltArchive, unpack } from './unpack.ts'

export const isImported: Keep = (resource) => isStored(resource.resourceType) && isAboutOnePerson(resource)

const megabyte = 1024 * 1024
const mostDocument = 64 * megabyte
const mostLine = 16 * megabyte
/** Lines go in groups for the sake of the store's transactions; bytes bound the memory. */
const linesPerBatch = 200
const bytesPerBatch = 4 * megabyte
const noBytes = Buffer.alloc(0)
const lineEnd = Buffer.from('\n')

/**
 * Reads one resource, a bundle, an array of resources, or NDJSON of any length; gzip and byte order marks are noticed.
 * `bases` are addresses of the server whose ids these are (`https://host/fhir`). What cannot be read is an error of its batch, and the rest goes on; only a fault of `chunks` itself is thrown.
 */
export async function* readEntries(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
  keep: Keep = isImported,
  bases: string[] = [],
): AsyncGenerator<Batch> {
  const read: ReadDocument = (bytes, path) => readDocument(bytes, path, keep, bases)
  const lines = new LineReader(unpack(chunks))
  try {
    const first = await nextLine(lines, mostDocument)
    if (first === null) return yield failed('', 'file-empty')
    const second = await nextLine(lines, mostDocument)
    if (second === null) return yield first.bytes === null ? failed('', 'too-large') : read(first.bytes, '')
    const namedAsLines = /\.(ndjson|jsonl)(\.gz)?$/i.test(name)
    if (areSeparate(first.bytes ?? noBytes, second.bytes ?? noBytes, namedAsLines)) {
      yield* readEachLine([first, second], lines, read)
    } else {
      const whole = await joined(first, second, lines)
      yield whole === null ? failed('', 'too-large') : read(whole, '')
    }
  } catch (fault) {
    if (!(fault instanceof SpoiltArchive)) throw fault
    yield failed('', fault instanceof ArchiveBomb ? 'too-large' : 'gzip-invalid', fault.message)
  } finally {
    await lines.close()
  }
}

async function nextLine(lines: LineReader, limit: number): Promise<Line | null> {
  for (;;) {
    const line = await lines.next(limit)
    if (line === null || line.bytes === null || !isBlank(line.bytes)) return line
  }
}

async function joined(first: Line, second: Line, lines: LineReader): Promise<Buffer | null> {
  if (first.bytes === null || second.bytes === null || first.bytes.length + second.bytes.length > mostDocument) return null
  const head = Buffer.concat([first.bytes, lineEnd, second.bytes, lineEnd])
  const rest = await lines.rest(mostDocument - head.length)
  return rest === null ? null : Buffer.concat([head, rest])
}

type ReadDocument = (bytes: Uint8Array, path: string) => Batch

async function* readEachLine(head: Line[], lines: LineReader, read: ReadDocument): AsyncGenerator<Batch> {
  let group: Batch[] = []
  let count = 0
  let bytes = 0
  const take = () => {
    const full = joinedLines(group)
    group = []
    count = 0
    bytes = 0
    return full
  }
  for (
    let line = head.shift() ?? (await nextLine(lines, mostLine));
    line !== null;
    line = head.shift() ?? (await nextLine(lines, mostLine))
  ) {
    const path = `line ${line.number}`
    const tooLarge = line.bytes === null || line.bytes.length > mostLine
    const batch = tooLarge ? failed(path, 'too-large') : read(line.bytes!, path)
    if (batch.atomic) {
      if (count > 0) yield take()
      yield batch
      continue
    }
    group.push(batch)
    bytes += line.bytes?.length ?? 0
    if (++count >= linesPerBatch || bytes >= bytesPerBatch) yield take()
  }
  if (count > 0) yield take()
}

function joinedLines(lines: Batch[]): Batch {
  const errors = new ErrorList()
  for (const line of lines) errors.addAll(line.errors)
  const sum = (of: (line: Batch) => number) => lines.reduce((total, line) => total + of(line), 0)
  return {
    atomic: false,
    entries: lines.flatMap(({ entries }) => entries),
    errors: errors.list,
    rejected: sum(({ rejected }) => rejected),
    skipped: sum(({ skipped }) => skipped),
  }
}
