import { type Refusal, refuse } from '../../shared/contract/errors.ts'
import type { IdentifierFieldCode, Identity } from '../../shared/contract/person.ts'
import { identityPlace, maskName, maskNumber, maskPhone, type PersonIdentity } from '../identity/person.ts'
import type { Viewer } from '../identity/viewer.ts'
import type { Db } from '../platform/db.ts'
import { unsealText } from '../platform/seal.ts'
import { eventOf, type Releasing, relationOf } from './release.ts'

const fields = ['name', 'phone', 'identityNumber', 'medicalRecordNumber'] as const

/** The index entry of a person, opened; null where there is none (any more). */
export async function openIdentity(db: Db, deps: Pick<Releasing, 'keys'>, patientId: string): Promise<PersonIdentity | null> {
  const row = await db
    .selectFrom('patient')
    .innerJoin('data_key', (join) => join.onRef('data_key.owner', '=', 'patient.id').on('data_key.class', '=', 'clinical'))
    .select(['patient.identity', 'data_key.wrapped'])
    .where('patient.id', '=', patientId)
    .executeTakeFirst()
  if (!row?.wrapped) return null
  const key = deps.keys.unwrap(row.wrapped, patientId, 'clinical')
  return JSON.parse(unsealText(key, row.identity, identityPlace(patientId))) as PersonIdentity
}

const fieldOf = (identity: PersonIdentity, field: IdentifierFieldCode): string | null =>
  field === 'phone' ? (identity.phones[0] ?? null) : identity[field]

/** Direct identifiers, masked (VW-6). */
export async function readIdentityCard(db: Db, deps: Releasing, viewer: Viewer, subject: string): Promise<Identity | Refusal> {
  const identity = relationOf(viewer, subject) === 'none' ? null : await openIdentity(db, deps, subject)
  if (!identity) return refused(deps, viewer, 'identity-read')
  const mask: Record<IdentifierFieldCode, (text: string) => string> = {
    name: maskName,
    phone: (text) => maskPhone(text, deps.profile),
    identityNumber: maskNumber,
    medicalRecordNumber: maskNumber,
  }
  await deps.audit.write(eventOf(viewer, 'identity-read'))
  return {
    fields: fields.map((field) => {
      const value = fieldOf(identity, field)
      return { field, masked: value === null ? null : mask[field](value) }
    }),
    birthDate: identity.birthDate,
    category: 'personal-attributes',
    level: 3,
  }
}

/** One identifier in full: an act of its own, on record before the answer leaves. */
export async function revealIdentifier(
  db: Db,
  deps: Releasing,
  viewer: Viewer,
  subject: string,
  field: IdentifierFieldCode,
): Promise<{ field: IdentifierFieldCode; value: string | null } | Refusal> {
  const identity = relationOf(viewer, subject) === 'none' ? null : await openIdentity(db, deps, subject)
  if (!identity) return refused(deps, viewer, 'identifier-revealed')
  await deps.audit.write(eventOf(viewer, 'identifier-revealed', { detail: field }))
  return { field, value: fieldOf(identity, field) }
}

async function refused(deps: Releasing, viewer: Viewer, operation: string): Promise<Refusal> {
  await deps.audit.write(eventOf(viewer, 'refused', { outcome: 'refused', detail: `${operation} not-found` }))
  return refuse('not-found')
}
