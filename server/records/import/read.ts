import { Buffer } from 'node:buffer'
import type { FhirResource } from '../../../shared/contract/fhir.ts'
import { type Batch, type ImportError, joinPath } from './entry.ts'
import { JsonError, type JsonProblem, parseJson, pathOf } from './json.ts'
import { areSeparate, isBlank, type Line, LineReader } from './lines.ts'
import { resolveReferences } from './references.ts'
import { isStored } from './shape.ts'
import { isAboutOnePerson } from './subject.ts'
import { SpoiltArchive, unpack } from './unpack.ts'

/** Which resources are entries; the others are counted as skipped. */
export type Keep = (resource: FhirResource) => boolean

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
 * What cannot be read is an error of its batch, and the rest goes on; only a fault of `chunks` itself is thrown.
 */
export async function* readEntries(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
  keep: Keep = isImported,
): AsyncGenerator<Batch> {
  const lines = new LineReader(unpack(chunks))
  try {
    const first = await nextLine(lines, mostDocument)
    if (first === null) return yield failed('', 'file-empty')
    const second = await nextLine(lines, mostDocument)
    if (second === null) return yield first.bytes === null ? failed('', 'too-large') : readDocument(first.bytes, '', keep)
    const namedAsLines = /\.(ndjson|jsonl)(\.gz)?$/i.test(name)
    if (areSeparate(first.bytes ?? noBytes, second.bytes ?? noBytes, namedAsLines)) {
      yield* readEachLine([first, second], lines, keep)
    } else {
      const whole = await joined(first, second, lines)
      yield whole === null ? failed('', 'too-large') : readDocument(whole, '', keep)
    }
  } catch (fault) {
    if (!(fault instanceof SpoiltArchive)) throw fault
    yield failed('', 'gzip-invalid', fault.message)
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
  if (first.bytes === null || second.bytes === null) return null
  const head = Buffer.concat([first.bytes, lineEnd, second.bytes, lineEnd])
  const rest = await lines.rest(mostDocument - head.length)
  return rest === null ? null : Buffer.concat([head, rest])
}

async function* readEachLine(head: Line[], lines: LineReader, keep: Keep): AsyncGenerator<Batch> {
  let group: Batch = { atomic: false, entries: [], errors: [], skipped: 0 }
  let count = 0
  let bytes = 0
  const take = () => {
    const full = group
    group = { atomic: false, entries: [], errors: [], skipped: 0 }
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
    const read = tooLarge ? failed(path, 'too-large') : readDocument(line.bytes!, path, keep)
    if (read.atomic) {
      if (count > 0) yield take()
      yield read
      continue
    }
    group.entries.push(...read.entries)
    group.errors.push(...read.errors)
    group.skipped += read.skipped
    bytes += line.bytes?.length ?? 0
    if (++count >= linesPerBatch || bytes >= bytesPerBatch) yield take()
  }
  if (count > 0) yield take()
}

function failed(path: string, code: string, message = code): Batch {
  return { atomic: false, entries: [], errors: [{ path, code, message }], skipped: 0 }
}

/** One JSON text: a resource, a bundle, or an array of resources. */
function readDocument(bytes: Uint8Array, path: string, keep: Keep): Batch {
  const { text, spoilt } = decode(bytes)
  let parsed: ReturnType<typeof parseJson>
  try {
    parsed = parseJson(text)
  } catch (fault) {
    if (!(fault instanceof JsonError)) throw fault
    return failed(path, spoilt ? 'encoding-invalid' : 'json-invalid', fault.message)
  }
  const { value } = parsed
  const isBundle = isObject(value) && value.resourceType === 'Bundle'
  const batch: Batch = { atomic: isBundle, entries: [], errors: [], skipped: 0 }
  const problems: (JsonProblem | ImportError)[] = spoilt ? [...parsed.problems, ...replaced(value)] : parsed.problems
  const complain = (at: string, code: string, message = code) => batch.errors.push({ path: joinPath(path, at), code, message })

  const unclaimed = new Set(problems)
  const read = (item: unknown, at: string, fullUrl: string | null) => {
    const own = problems.filter((problem) => isWithin(problem.path, at))
    for (const problem of own) {
      unclaimed.delete(problem)
      complain(problem.path, problem.code)
    }
    if (own.length > 0) return
    if (!isObject(item) || typeof item.resourceType !== 'string') complain(at, 'not-a-resource')
    else if (item.resourceType === 'Bundle') complain(at, 'bundle-nested')
    else batch.entries.push({ path: joinPath(path, at), fullUrl, resource: item as FhirResource })
  }

  if (Array.isArray(value)) value.forEach((item, index) => void read(item, `[${index}]`, null))
  else if (isBundle) readBundle(value, read, complain)
  else read(value, '', null)

  for (const problem of unclaimed) complain(problem.path, problem.code)
  const resolved = resolveReferences(batch.entries, { bundle: isBundle })
  batch.errors.push(...resolved.errors)
  batch.entries = resolved.entries.filter((entry) => keep(entry.resource))
  batch.skipped = resolved.entries.length - batch.entries.length
  return batch
}

function readBundle(
  bundle: Record<string, unknown>,
  read: (item: unknown, at: string, fullUrl: string | null) => void,
  complain: (at: string, code: string) => void,
) {
  if (bundle.entry === undefined) return
  if (!Array.isArray(bundle.entry)) return complain('entry', 'type-wrong')
  for (const [index, entry] of (bundle.entry as unknown[]).entries()) {
    const at = `entry[${index}]`
    if (!isObject(entry)) complain(at, 'type-wrong')
    else if (entry.resource !== undefined)
      read(entry.resource, `${at}.resource`, typeof entry.fullUrl === 'string' ? entry.fullUrl : null)
    // Questions and replies have no resource; one that asks for a deletion must not pass as done.
    else if (isObject(entry.request) && entry.request.method === 'DELETE') complain(`${at}.request`, 'deletion-unsupported')
    else if (!isObject(entry.response) && !isObject(entry.request)) complain(`${at}.resource`, 'resource-missing')
  }
}

const isWithin = (path: string, outer: string) =>
  outer === '' || path === outer || path.startsWith(`${outer}.`) || path.startsWith(`${outer}[`)

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function decode(bytes: Uint8Array): { text: string; spoilt: boolean } {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), spoilt: false }
  } catch {
    return { text: new TextDecoder('utf-8').decode(bytes), spoilt: true }
  }
}

/** Where decoding left a replacement character: those entries are refused, the others of the same file stand. */
function replaced(value: unknown, steps: (string | number)[] = []): ImportError[] {
  if (typeof value === 'string') {
    return value.includes('\ufffd') ? [{ path: pathOf(steps), code: 'encoding-invalid', message: 'encoding-invalid' }] : []
  }
  if (typeof value !== 'object' || value === null) return []
  const inner: [string | number, unknown][] = Array.isArray(value) ? [...value.entries()] : Object.entries(value)
  return inner.flatMap(([key, item]) => [...replaced(key, [...steps, key]), ...replaced(item, [...steps, key])])
}
