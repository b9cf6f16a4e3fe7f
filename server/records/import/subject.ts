import type { FhirResource } from '../../../shared/contract/fhir.ts'

const elements = ['subject', 'patient', 'beneficiary'] as const

function subjects(resource: FhirResource): { reference?: unknown; type?: unknown }[] {
  const given = elements.map((element) => resource[element]).find((value) => value !== undefined)
  const list: unknown[] = Array.isArray(given) ? given : [given]
  const actors: unknown[] =
    resource.resourceType === 'Appointment' && Array.isArray(resource.participant)
      ? resource.participant
          .map((participant: { actor?: unknown } | null) => participant?.actor)
          .filter((actor) => kindOf(actor) === 'Patient')
      : []
  return [...list, ...actors].filter((value) => typeof value === 'object' && value !== null)
}

function kindOf(subject: unknown): string | null {
  if (typeof subject !== 'object' || subject === null) return null
  const { reference, type } = subject as { reference?: unknown; type?: unknown }
  const said = typeof reference === 'string' ? /(?:^|\/)([A-Z][A-Za-z]+)[/?]/.exec(reference)?.[1] : undefined
  return said ?? (typeof type === 'string' ? type : null)
}

/** The reference to the person a record is about; null for a Patient, a shared Medication, and where none is named. */
export function subjectOf(resource: FhirResource): string | null {
  for (const subject of subjects(resource)) {
    if (typeof subject.reference === 'string' && isPerson(subject)) return subject.reference
  }
  return null
}

/** False where the record is about a group, a device or a place: nobody's file. */
export function isAboutOnePerson(resource: FhirResource): boolean {
  const found = subjects(resource)
  return found.length === 0 || found.some(isPerson)
}

const isPerson = (subject: unknown) => ['Patient', null].includes(kindOf(subject))
