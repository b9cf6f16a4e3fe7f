import type { FhirResource } from '../../shared/contract/fhir.ts'

/** How a record hangs on another; see migrations/0001-spine.sql. */
export type LinkRole = 'member' | 'container' | 'follows' | 'drug'

export interface Link {
  role: LinkRole
  /** `Type/id` */
  to: string
}

const containerTypes = new Set(['Encounter', 'EpisodeOfCare', 'ServiceRequest'])

/** Elements (paths through arrays) that name a visit, an order, a prescription, a drug or a result. */
const elements: Record<LinkRole, string[]> = {
  member: ['result', 'hasMember'],
  container: [
    'encounter',
    'context',
    'context.encounter',
    'episodeOfCare',
    'basedOn',
    'request',
    'item.encounter',
    'partOf',
    'order',
  ],
  follows: ['authorizingPrescription', 'request', 'prescription', 'originalPrescription', 'basedOn'],
  drug: ['medicationReference'],
}

const accepts: Record<LinkRole, (type: string, from: string) => boolean> = {
  member: (type) => type === 'Observation' || type === 'DiagnosticReport',
  container: (type) => containerTypes.has(type),
  follows: (type) => type === 'MedicationRequest',
  drug: (type) => type === 'Medication',
}

function referencesAt(value: unknown, path: string[]): string[] {
  if (Array.isArray(value)) return value.flatMap((inner) => referencesAt(inner, path))
  if (typeof value !== 'object' || value === null) return []
  const [step, ...rest] = path
  if (step !== undefined) return referencesAt((value as Record<string, unknown>)[step], rest)
  const { reference } = value as { reference?: unknown }
  return typeof reference === 'string' ? [reference] : []
}

/** Links of a record, in the order of its elements. A record never links to itself. */
export function linksOf(resource: FhirResource): Link[] {
  const own = `${resource.resourceType}/${resource.id}`
  const found = new Map<string, Link>()
  for (const [role, paths] of Object.entries(elements) as [LinkRole, string[]][]) {
    for (const path of paths) {
      for (const to of referencesAt(resource, path.split('.'))) {
        const type = /^([A-Za-z]+)\/[A-Za-z0-9\-.]{1,64}$/.exec(to)?.[1]
        if (type !== undefined && to !== own && accepts[role](type, resource.resourceType))
          found.set(`${role} ${to}`, { role, to })
      }
    }
  }
  return [...found.values()]
}

/** Reports are read as a whole, with their results as lines. */
export const isReport = (type: string, resource: FhirResource): boolean =>
  type === 'DiagnosticReport' || type === 'DocumentReference' || (type === 'Observation' && Array.isArray(resource.hasMember))
