import type { FhirResource } from '../../../shared/contract/fhir.ts'
import type { Entry, ImportError } from './entry.ts'
import { isStored } from './shape.ts'

const idForm = /^[A-Za-z0-9\-.]{1,64}$/
const typeAndId = /^([A-Z][A-Za-z]{1,63})\/([A-Za-z0-9\-.]{1,64})$/
const history = /\/_history\/[^/]+$/
const conditional = /^([A-Z][A-Za-z]{1,63})\?identifier=([^&]*)$/

/** Their names stand in for them: they are not stored, and a report's department is all a patient needs of them. */
const named = new Set(['Organization', 'Location', 'HealthcareService', 'Practitioner'])

/** What may be configured as the address of a FHIR server. */
export const isBase = (url: string) => /^https?:\/\/[^\s?#]+$/.test(url) && URL.canParse(url)

/** Whose resource an address names: `https://host/fhir` and `Patient/1`. Null for what is no address of a resource. */
function addressParts(url: string): { base: string; identity: string } | null {
  if (!/^https?:\/\//.test(url)) return null
  const cut = url.lastIndexOf('/', url.lastIndexOf('/') - 1)
  const identity = url.slice(cut + 1)
  return typeAndId.test(identity) ? { base: url.slice(0, cut), identity } : null
}

/**
 * Rewrites references to `Type/id`: those to a bundle's own entries, and those to the server that an entry's own fullUrl
 * names or that is one of `bases`. Another server's ids are not ours: its references stay as they are. Entries get their id
 * from the fullUrl where they have none. Two different contents for one identity leave the first. Conditional references are
 * resolved only within a bundle, where exactly one entry has the identifier.
 */
export function resolveReferences(
  entries: Entry[],
  { bundle, bases = [] }: { bundle: boolean; bases?: string[] },
): { entries: Entry[]; errors: ImportError[] } {
  const errors: ImportError[] = []
  const complain = (entry: Entry, code: string, message: string) => void errors.push({ path: entry.path, code, message })
  const kept: Entry[] = []
  const addresses = new Map<string, string>()
  const known = new Map<string, { resource: FhirResource; text?: string }>()
  const identifiers = new Map<string, Set<string>>()
  const names = new Map<string, string>()
  const ours = new Set(bases.map((base) => base.replace(/\/+$/, '')))

  for (const given of entries) {
    const entry = withId(given)
    const { resourceType: type, id } = entry.resource
    if (id === undefined) {
      complain(given, 'id-missing', type)
      continue
    }
    const identity = `${type}/${id}`
    if (bundle) {
      const address = entry.fullUrl === null ? null : addressOf(entry.fullUrl)
      const first = known.get(identity)
      if (first !== undefined) {
        first.text ??= JSON.stringify(first.resource)
        const isSame = first.text === JSON.stringify(entry.resource)
        if (!isSame && isStored(type)) complain(entry, 'identity-duplicate', identity)
        continue
      }
      if (address !== null && addresses.has(address)) {
        complain(entry, 'full-url-duplicate', entry.fullUrl!)
        continue
      }
      known.set(identity, { resource: entry.resource })
      if (address !== null) addresses.set(address, identity)
      for (const key of identifierKeys(entry.resource)) {
        identifiers.set(key, (identifiers.get(key) ?? new Set()).add(identity))
      }
      const name = nameOf(entry.resource)
      if (name !== null) names.set(identity, name)
    }
    kept.push(entry)
  }

  const resolve = (reference: string, home: string | undefined): string => {
    if (reference.startsWith('#')) return reference
    const plain = reference.replace(history, '')
    const own = addresses.get(addressOf(plain))
    if (own !== undefined) return own
    if (typeAndId.test(plain)) return plain
    const address = addressParts(plain)
    if (address !== null) return address.base === home || ours.has(address.base) ? address.identity : reference
    const asked = conditional.exec(plain)
    if (asked === null) return reference
    const found = identifiers.get(`${asked[1]}?${decoded(asked[2]!)}`)
    return found?.size === 1 ? [...found][0]! : reference
  }
  return {
    entries: kept.map((entry) => {
      const home = homeOf(entry)
      const resource = rewrite(entry.resource, (reference) => resolve(reference, home), names) as FhirResource
      return { ...entry, resource }
    }),
    errors,
  }
}

/** Every reference string of a resource, contained ones included, with its FHIRPath. */
export function referencesOf(resource: FhirResource): { path: string; reference: string }[] {
  const found: { path: string; reference: string }[] = []
  const walk = (value: unknown, path: string) => {
    if (typeof value !== 'object' || value === null) return
    if (Array.isArray(value)) return value.forEach((item, index) => void walk(item, `${path}[${index}]`))
    for (const [key, inner] of Object.entries(value)) {
      const at = path === '' ? key : `${path}.${key}`
      if (key === 'reference' && typeof inner === 'string') found.push({ path: at, reference: inner })
      else walk(inner, at)
    }
  }
  walk(resource, '')
  return found
}

/** The server an entry comes from, where its fullUrl is this resource's address there. */
function homeOf({ fullUrl, resource }: Entry): string | undefined {
  const address = fullUrl === null ? null : addressParts(fullUrl)
  return address?.identity === `${resource.resourceType}/${resource.id}` ? address.base : undefined
}

function withId(entry: Entry): Entry {
  if (entry.resource.id !== undefined || entry.fullUrl === null) return entry
  const { resourceType } = entry.resource
  const [type, own] = addressParts(entry.fullUrl)?.identity.split('/') ?? []
  const id = /^urn:uuid:(.+)$/i.exec(entry.fullUrl)?.[1] ?? (type === resourceType ? own : undefined)
  return id !== undefined && idForm.test(id) ? { ...entry, resource: { ...entry.resource, id } } : entry
}

/** UUIDs are the same in either case. */
const addressOf = (url: string) => (/^urn:uuid:/i.test(url) ? url.toLowerCase() : url)

function identifierKeys(resource: FhirResource): string[] {
  const given: unknown[] = Array.isArray(resource.identifier) ? resource.identifier : [resource.identifier]
  return given.flatMap((identifier) => {
    if (typeof identifier !== 'object' || identifier === null) return []
    const { system, value } = identifier as { system?: unknown; value?: unknown }
    if (typeof value !== 'string') return []
    const prefix = `${resource.resourceType}?`
    return typeof system === 'string'
      ? [`${prefix}${system}|${value}`, `${prefix}${value}`]
      : [`${prefix}|${value}`, `${prefix}${value}`]
  })
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function nameOf(resource: FhirResource): string | null {
  if (!named.has(resource.resourceType)) return null
  if (typeof resource.name === 'string') return resource.name
  const first: unknown = Array.isArray(resource.name) ? resource.name[0] : undefined
  if (typeof first !== 'object' || first === null) return null
  const { text, given, family } = first as { text?: unknown; given?: unknown; family?: unknown }
  if (typeof text === 'string') return text
  const parts = [...(Array.isArray(given) ? given : []), family].filter((part) => typeof part === 'string')
  return parts.length > 0 ? parts.join(' ') : null
}

/** The same value where nothing changed, so that most of a resource is not copied. */
function rewrite(value: unknown, resolve: (reference: string) => string, names: Map<string, string>): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    const items = value.map((item) => rewrite(item, resolve, names))
    return items.every((item, index) => item === value[index]) ? value : items
  }
  let changed: Record<string, unknown> | null = null
  for (const [key, inner] of Object.entries(value)) {
    const next = key === 'reference' && typeof inner === 'string' ? resolve(inner) : rewrite(inner, resolve, names)
    if (next === inner) continue
    changed ??= { ...value }
    changed[key] = next
  }
  const result = (changed ?? value) as Record<string, unknown>
  const display = typeof result.reference === 'string' && result.display === undefined ? names.get(result.reference) : undefined
  return display === undefined ? result : { ...result, display }
}
