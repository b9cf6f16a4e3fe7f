import type { FhirResource } from '../../shared/contract/fhir.ts'
import { type Label, labelKind, labelResource, type Printed, type Reason } from '../../shared/labels/label.ts'
import type { Profile } from '../../shared/policy/profile.ts'
import { printedOf } from './printed.ts'

/** A record's label as stored (ciphertext): what it says itself, and what its containers say. */
export interface StoredLabel {
  classes: string[]
  proxies: string[]
  unknown: boolean
  because: Label['because']
  /** Hidden for its own content. */
  own: boolean
  /** Its own kind (not its words) is sensitive, so that it takes its records along. */
  kind: boolean
  /** Taken along by a container. */
  along: boolean
}

/** Types whose kind can be sensitive: visits, orders and reports. An unknown kind takes nothing along: its records are judged by themselves. */
const kinds = new Set(['Encounter', 'EpisodeOfCare', 'ServiceRequest', 'DiagnosticReport', 'Observation'])

/** A record's label by itself; `referenced` is the drug of a prescription. */
export function ownLabel(resource: FhirResource, profile: Profile, referenced: FhirResource[]): Omit<StoredLabel, 'along'> {
  const printed = tryPrinted(resource, referenced)
  const { classes, proxies, unknown, because, hidden } = labelResource(resource, profile, referenced, printed ?? [])
  // What cannot even be composed is nothing to show.
  if (printed === null) because.push({ rule: 'unreadable', at: 'printed', match: resource.resourceType })
  const names = ({ rule, at }: Reason) => at === 'title' && profile.viewing.hiddenClasses.some((of) => rule === `printed:${of}`)
  const kind = hidden && kinds.has(resource.resourceType) && (labelKind(resource, profile).hidden || because.some(names))
  return { classes, proxies, unknown: unknown || printed === null, because, own: hidden || printed === null, kind }
}

function tryPrinted(resource: FhirResource, referenced: FhirResource[]): Printed[] | null {
  try {
    return printedOf(resource, referenced)
  } catch {
    return null
  }
}

export const isHidden = (label: StoredLabel): boolean => label.own || label.along

/** What takes its own records along: sensitive by kind, or itself taken along (a report of a sensitive visit). */
export const takesAlong = (label: StoredLabel): boolean => label.kind || label.along

/** One record within what is being settled. */
export interface Node {
  label: Omit<StoredLabel, 'along'>
  containers: string[]
  /** Prescriptions that it follows. */
  follows: string[]
  /** Reports that list it. */
  reports: string[]
}

/**
 * Decides `along` for every node (VW-3: own content and kind of container, never siblings). `outside` answers for records
 * that are not being settled. A result that also stands in a report which is not hidden is not taken along by another one.
 * Each step can only hide more, so going round until nothing changes ends, and the order of the nodes decides nothing.
 */
export function settleAlong(nodes: Map<string, Node>, outside: (id: string) => StoredLabel | undefined): Map<string, boolean> {
  const along = new Map([...nodes.keys()].map((id) => [id, false]))
  const labelOf = (id: string): StoredLabel | undefined => {
    const node = nodes.get(id)
    return node ? { ...node.label, along: along.get(id) ?? false } : outside(id)
  }
  const labels = (ids: string[]) => ids.map(labelOf).filter((label) => label !== undefined)
  for (let changed = true; changed; ) {
    changed = false
    for (const [id, { containers, follows, reports }] of nodes) {
      if (along.get(id)) continue
      const listed = labels(reports)
      const taken =
        labels(containers).some(takesAlong) ||
        labels(follows).some(isHidden) ||
        (listed.some(takesAlong) && listed.every(isHidden))
      if (!taken) continue
      along.set(id, true)
      changed = true
    }
  }
  return along
}
