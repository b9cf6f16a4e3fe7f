import type { FhirResource } from '../../../shared/contract/fhir.ts'
import { type Batch, type Entry, joinPath } from './entry.ts'
import { ErrorList } from './errors.ts'
import { JsonError, type JsonProblem, parseJson, pathOf, TooManyValues } from './json.ts'
import { resolveReferences } from './references.ts'

/** Which resources are entries; the others are counted as skipped. */
export type Keep = (resource: FhirResource) => boolean

/** A batch of nothing but one error. */
export function failed(path: string, code: string, message = code): Batch {
  return { atomic: false, entries: [], errors: [{ path, code, message }], rejected: 1, skipped: 0 }
}

/** One JSON text: a resource, a bundle, or an array of resources. */
export function readDocument(bytes: Uint8Array, path: string, keep: Keep, bases: string[]): Batch {
  const { text, spoilt } = decode(bytes)
  let parsed: ReturnType<typeof parseJson>
  try {
    parsed = parseJson(text)
  } catch (fault) {
    if (!(fault instanceof JsonError)) throw fault
    return failed(
      path,
      fault instanceof TooManyValues ? 'too-large' : spoilt ? 'encoding-invalid' : 'json-invalid',
      fault.message,
    )
  }
  const { value } = parsed
  const form = Array.isArray(value) ? 'array' : isObject(value) && value.resourceType === 'Bundle' ? 'bundle' : 'one'
  const problems = Map.groupBy(parsed.problems, (problem) => ownerOf(problem, form))
  const errors = new ErrorList()
  let rejected = 0
  const refuse = (at: string, code: string, message = code) => {
    rejected++
    errors.add({ path: joinPath(path, at), code, message })
  }

  const read = (item: unknown, at: string, fullUrl: string | null): Entry | null => {
    const own = problems.get(at) ?? []
    const place = spoilt ? replacedIn(item) : null
    if (own.length > 0 || place !== null) {
      rejected++
      for (const problem of own) errors.add({ path: joinPath(path, problem.path), code: problem.code, message: problem.code })
      if (place !== null)
        errors.add({ path: joinPath(path, joinPath(at, place)), code: 'encoding-invalid', message: 'encoding-invalid' })
    } else if (!isObject(item) || typeof item.resourceType !== 'string') refuse(at, 'not-a-resource')
    else if (item.resourceType === 'Bundle') refuse(at, 'bundle-nested')
    else return { path: joinPath(path, at), fullUrl, resource: item as FhirResource }
    return null
  }

  const items = Array.isArray(value)
    ? value.map((item, index) => read(item, `[${index}]`, null))
    : form === 'bundle'
      ? readBundle(value as Record<string, unknown>, read, refuse)
      : [read(value, '', null)]
  if (form !== 'one') for (const problem of problems.get('') ?? []) refuse(problem.path, problem.code)
  if (form === 'bundle' && spoilt) {
    const place = replacedIn(envelope(value as Record<string, unknown>))
    if (place !== null) refuse(place, 'encoding-invalid')
  }

  const found = items.filter((item) => item !== null)
  const resolved = resolveReferences(found, { bundle: form === 'bundle', bases })
  for (const error of resolved.errors) {
    rejected++
    errors.add(error)
  }
  const entries = resolved.entries.filter((entry) => keep(entry.resource))
  return { atomic: form === 'bundle', entries, errors: errors.list, rejected, skipped: resolved.entries.length - entries.length }
}

/** The path of the entry that a problem spoils; empty where it lies outside of all. */
function ownerOf({ path }: JsonProblem, form: 'array' | 'bundle' | 'one'): string {
  if (form === 'one') return ''
  return (form === 'array' ? /^\[\d+\]/ : /^entry\[\d+\]\.resource(?=[.[]|$)/).exec(path)?.[0] ?? ''
}

function readBundle(
  bundle: Record<string, unknown>,
  read: (item: unknown, at: string, fullUrl: string | null) => Entry | null,
  refuse: (at: string, code: string) => void,
): (Entry | null)[] {
  if (bundle.entry === undefined) return []
  if (!Array.isArray(bundle.entry)) {
    refuse('entry', 'type-wrong')
    return []
  }
  return bundle.entry.map((entry: unknown, index) => {
    const at = `entry[${index}]`
    if (!isObject(entry)) refuse(at, 'type-wrong')
    else if (entry.resource !== undefined)
      return read(entry.resource, `${at}.resource`, typeof entry.fullUrl === 'string' ? entry.fullUrl : null)
    // Questions and replies have no resource; one that asks for a deletion must not pass as done.
    else if (isObject(entry.request) && entry.request.method === 'DELETE') refuse(`${at}.request`, 'deletion-unsupported')
    else if (!isObject(entry.response) && !isObject(entry.request)) refuse(`${at}.resource`, 'resource-missing')
    return null
  })
}

/** A bundle without its resources. */
function envelope(bundle: Record<string, unknown>): unknown {
  const entries: unknown = bundle.entry
  if (!Array.isArray(entries)) return bundle
  return { ...bundle, entry: entries.map((entry: unknown) => (isObject(entry) ? { ...entry, resource: null } : entry)) }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function decode(bytes: Uint8Array): { text: string; spoilt: boolean } {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), spoilt: false }
  } catch {
    return { text: new TextDecoder('utf-8').decode(bytes), spoilt: true }
  }
}

/** Where decoding first left a replacement character: that entry is refused, the others of the same file stand. */
function replacedIn(value: unknown, steps: (string | number)[] = []): string | null {
  if (typeof value === 'string') return value.includes('\ufffd') ? pathOf(steps) : null
  if (typeof value !== 'object' || value === null) return null
  const inner: Iterable<[string | number, unknown]> = Array.isArray(value) ? value.entries() : Object.entries(value)
  for (const [key, item] of inner) {
    steps.push(key)
    const found = replacedIn(key, steps) ?? replacedIn(item, steps)
    if (found !== null) return found
    steps.pop()
  }
  return null
}
