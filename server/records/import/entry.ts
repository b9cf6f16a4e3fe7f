import type { FhirResource } from '../../../shared/contract/fhir.ts'

export interface Entry {
  /** `entry[3].resource` of a bundle, `[3]` of an array, `line 17`, or empty for a file that is one resource. */
  path: string
  fullUrl: string | null
  resource: FhirResource
}

export interface ImportError {
  path: string
  code: string
  message: string
}

export interface Batch {
  /** A bundle: all its good entries commit together. */
  atomic: boolean
  /** References among them are already `Type/id`. */
  entries: Entry[]
  /** At most a thousand and one: see ErrorList. */
  errors: ImportError[]
  /** All that could not be read, told or not. */
  rejected: number
  /** Resources of types that are not stored, or about a group, a device or a place. */
  skipped: number
}

/** The path of an element within an entry: `line 17 code.coding[0]`, `entry[3].resource.code`. */
export function joinPath(outer: string, inner: string): string {
  if (outer === '' || inner === '') return outer + inner
  if (/^line \d+$/.test(outer)) return `${outer} ${inner}`
  return inner.startsWith('[') ? outer + inner : `${outer}.${inner}`
}
