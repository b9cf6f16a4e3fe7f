import type { FhirResource } from '../contract/fhir.ts'
import { readAttachment } from './attachments.ts'
import {
  codingFields,
  identities,
  isDiagnosis,
  isPersonal,
  kindContained,
  kindFields,
  ownReferences,
  referenceFields,
  routineConcepts,
  skipped,
  toldConcepts,
} from './fields.ts'
import { stripMarkup } from './markup.ts'

/** A concept that must be understood by itself: one that names a line of its own, or one that is printed by its code. */
export interface Concept {
  at: string
  is: 'line' | 'told' | 'routine'
}

/** A piece of what a record says. `identity`: it says what the record is (code, type, drug), not what was found. */
export type Piece = { at: string; identity: boolean; concept?: Concept } & (
  | { kind: 'text'; text: string }
  | { kind: 'code'; system: string; code: string; display: string; diagnosis: boolean }
  | { kind: 'security'; code: string }
  | { kind: 'unreadable'; what: string }
)

const deepest = 48

interface Place {
  identity: boolean
  diagnosis: boolean
  depth: number
  /** The key of a line: its `code` names it. */
  line: boolean
  concept?: Concept
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const words = (value: unknown): string => (typeof value === 'string' ? value : '')

/** All that a record says itself; never what it merely points to (VW-3: references are cut, the record stays). */
export function collect(resource: FhirResource): Piece[] {
  const pieces: Piece[] = []
  readResource(resource, '', true, 0, pieces, 'all')
  return pieces
}

/** What says of which kind a container is: its narrative and results are not its kind. */
export function collectKind(resource: FhirResource): Piece[] {
  const pieces: Piece[] = []
  readResource(resource, '', true, 0, pieces, 'kind')
  return pieces
}

function readResource(
  resource: Record<string, unknown>,
  at: string,
  own: boolean,
  depth: number,
  pieces: Piece[],
  scope: 'all' | 'kind',
) {
  const type = words(resource.resourceType)
  if (depth > deepest) {
    pieces.push({ at: at || type, identity: false, kind: 'unreadable', what: 'nested too deep' })
    return
  }
  readSecurity(resource.meta, at, pieces)
  if (isPersonal(type)) return
  const identity = identities[type]
  for (const [key, value] of Object.entries(resource)) {
    if (key === 'contained' && Array.isArray(value)) {
      value.forEach((inner: unknown, i) => {
        if (!isObject(inner) || (scope === 'kind' && !kindContained.has(words(inner.resourceType)))) return
        // A contained drug says what its prescription is.
        readResource(inner, join(at, `contained[${i}]`), inner.resourceType === 'Medication', depth + 1, pieces, scope)
      })
      continue
    }
    if (scope === 'kind' && !kindFields.has(key)) continue
    const place: Place = {
      identity: own && (identity?.has(key) ?? false),
      diagnosis: isDiagnosis(type, key),
      depth: depth + 1,
      // A contained result is printed as a line of its report.
      line: at !== '' && type === 'Observation' && key === 'code',
    }
    if (key === 'data' && type === 'Binary') readData(words(resource.contentType), words(value), join(at, key), pieces)
    else read(value, key, join(at, key), place, pieces)
  }
}

function readSecurity(meta: unknown, at: string, pieces: Piece[]): void {
  const tags: unknown = isObject(meta) ? meta.security : undefined
  if (!Array.isArray(tags)) return
  tags.forEach((tag: unknown, i) => {
    if (isObject(tag))
      pieces.push({ at: join(at, `meta.security[${i}]`), identity: false, kind: 'security', code: words(tag.code) })
  })
}

const join = (at: string, key: string): string => (at === '' ? key : `${at}.${key}`)

function read(value: unknown, key: string, at: string, place: Place, pieces: Piece[]): void {
  if (skipped.has(key) || key.startsWith('_')) return
  if (typeof value === 'string') {
    readString(value, at, place, pieces, key === 'div')
    return
  }
  if (typeof value !== 'object' || value === null) return
  if (place.depth > deepest) {
    pieces.push({ at, identity: false, kind: 'unreadable', what: 'nested too deep' })
    return
  }
  const inner = { ...place, depth: place.depth + 1 }
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) read(value[i], key, `${at}[${i}]`, inner, pieces)
  } else readObject(value as Record<string, unknown>, key, at, inner, pieces)
}

/** Hospitals write markup into plain fields, and it is taken out before printing: such text is read both ways. */
function readString(text: string, at: string, { identity, concept }: Place, pieces: Piece[], isMarkup: boolean): void {
  if (text === '') return
  const piece = { at, identity, kind: 'text', ...(concept ? { concept } : {}) } as const
  const bare = isMarkup || text.includes('<') ? stripMarkup(text) : text
  pieces.push({ ...piece, text: bare })
  if (!isMarkup && bare !== text) pieces.push({ ...piece, text })
}

function readObject(value: Record<string, unknown>, key: string, at: string, outer: Place, pieces: Piece[]): void {
  if (typeof value.resourceType === 'string' && key === 'resource') {
    readResource(value, at, false, outer.depth, pieces, 'all')
    return
  }
  const isReference = typeof value.reference === 'string' || ('display' in value && ownReferences.has(key))
  if (isReference && !codingFields.has(key)) {
    if (ownReferences.has(key) && typeof value.display === 'string')
      readString(value.display, `${at}.display`, outer, pieces, false)
    if (Object.keys(value).every((field) => referenceFields.has(field) || field.startsWith('_'))) return
  }
  const place = { ...outer, ...conceptOf(key, at, outer.line) }
  const isSampled = key.endsWith('SampledData')
  if (typeof value.data === 'string') {
    if (isSampled) readString(value.data, `${at}.data`, place, pieces, false)
    else readData(words(value.contentType), value.data, `${at}.data`, pieces, words(value.title))
  }
  const isCoding = typeof value.code === 'string' && (codingFields.has(key) || typeof value.value !== 'number')
  if (isCoding) {
    const { identity, concept } = place
    const diagnosis = place.diagnosis && key === 'coding'
    const coding = { system: words(value.system), code: words(value.code), display: words(value.display) }
    pieces.push({ at: `${at}.code`, identity, kind: 'code', diagnosis, ...coding, ...(concept ? { concept } : {}) })
  }
  for (const [field, part] of Object.entries(value)) {
    if (field === 'data' || (field === 'code' && isCoding) || (field === 'display' && isReference && !codingFields.has(key)))
      continue
    // A person's name is no finding; a department's is (it is a plain string).
    if (field === 'name' && typeof part === 'object') continue
    read(part, field, `${at}.${field}`, { ...place, line: key === 'component' && field === 'code' }, pieces)
  }
}

function conceptOf(key: string, at: string, line: boolean): { concept?: Concept } {
  if (line) return { concept: { at, is: 'line' } }
  if (toldConcepts.has(key)) return { concept: { at, is: 'told' } }
  return routineConcepts.has(key) ? { concept: { at, is: 'routine' } } : {}
}

function readData(contentType: string, data: string, at: string, pieces: Piece[], title = ''): void {
  const text = readAttachment(contentType, data, title)
  // What an attachment says counts as what the record is: a note is known by its words.
  if (text === undefined) pieces.push({ at, identity: true, kind: 'unreadable', what: contentType || 'attachment' })
  else readString(text, at, { identity: true, diagnosis: false, depth: 0, line: false }, pieces, false)
}
