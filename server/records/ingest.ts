import { sql } from 'kysely'
import type { FhirResource } from '../../shared/contract/fhir.ts'
import { append, localEvent } from '../evidence/audit.ts'
import { identityPlace, isAnotherPerson, keepKnown, type PersonIdentity, readIdentity } from '../identity/person.ts'
import type { Tx } from '../platform/db.ts'
import type { Deps } from '../platform/deps.ts'
import { unsealText } from '../platform/seal.ts'
import { type Entry, type ImportError, joinPath } from './import/entry.ts'
import { checkShape } from './import/shape.ts'
import { isAboutOnePerson, subjectOf } from './import/subject.ts'
import { checkRules } from './label-rules.ts'
import { linksOf } from './links.ts'
import { groupOf, rewriteReadings } from './readings.ts'
import { type Held, referencesFrom, Settling, settle } from './settle.ts'

export interface IngestCounts {
  stored: number
  unchanged: number
  /** About a group, a device or a place: nobody's file. */
  skipped: number
  /** Entries that could not be taken; one may have several errors. */
  rejected: number
  errors: ImportError[]
}

/** Who brings the records in: `source` keeps two hospitals' ids apart. */
export interface Origin {
  source: string
  actor: string
  operation: 'imported' | 'ingested'
}

interface Arrival {
  path: string
  resource: FhirResource
  id: string
  patientId: string
  text: string
  fingerprint: Buffer
}

/**
 * Stores the good entries in one transaction, labels them, and composes what patients read. Idempotent: the same content
 * under the same key (source, type, id) changes nothing. Entries that cannot be taken are errors by their path.
 */
export async function ingest(deps: Deps, origin: Origin, entries: Entry[]): Promise<IngestCounts> {
  const errors: ImportError[] = []
  const arrivals = new Map<string, Arrival>()
  let skipped = 0
  let rejected = 0
  for (const entry of entries) {
    const wrong = checkShape(entry.resource)
    if (wrong.length > 0) {
      rejected += 1
      errors.push(...wrong.map((error) => ({ ...error, path: joinPath(entry.path, error.path) })))
    } else if (!isAboutOnePerson(entry.resource)) skipped += 1
    else {
      const arrival = arrive(deps, origin.source, entry)
      if ('code' in arrival) {
        rejected += 1
        errors.push(arrival)
      }
      // The last one of a batch stands, as it would if they had come one after the other.
      else arrivals.set(arrival.id, arrival)
    }
  }
  if (arrivals.size === 0) return { stored: 0, unchanged: 0, skipped, rejected, errors }
  return deps.store.owner.transaction().execute(async (tx) => {
    await lockPeople(tx, [...arrivals.values()])
    await checkRules(tx, deps)
    const work = new Settling(tx, deps)
    const { fresh, unchanged, refused } = await sift(work, [...arrivals.values()])
    for (const error of refused) errors.push(error)
    const people = fresh.filter(({ resource }) => resource.resourceType === 'Patient')
    const anotherPerson = new Set(await storePeople(work, people, errors))
    const changed = new Map<string, Held>()
    for (const arrival of fresh) if (!anotherPerson.has(arrival.id)) changed.set(arrival.id, arrival.held)
    if (changed.size > 0) {
      // What hung on these records until now may stand elsewhere from now on, or nowhere.
      const former = await referencesFrom(tx, [...changed.keys()])
      await storeLinks(work, origin.source, [...changed.values()])
      const results = former.filter(({ role }) => role === 'member').map(({ to_id }) => to_id)
      const affected = await settle(work, changed, results)
      const groups = former.filter(({ role }) => role === 'group').map(({ to_id }) => to_id)
      await rewriteReadings(work, affected, { people: people.map(({ id }) => id), groups })
      await append(tx, deps, localEvent(origin.operation, origin.actor, { detail: `${changed.size}` }))
    }
    return { stored: changed.size, unchanged, skipped, rejected: rejected + refused.length + anotherPerson.size, errors }
  })
}

/** Types without a subject, such as a Medication of the formulary, are kept under the source's own key. */
const sharedOwner = 'shared'

function arrive(deps: Deps, source: string, { path, resource }: Entry): Arrival | ImportError {
  const { resourceType: type, id } = resource
  if (typeof id !== 'string') return { path, code: 'id-missing', message: 'the resource has no id' }
  const recordId = deps.keys.publicId(source, type, id)
  let patientId = recordId
  if (type === 'Medication') patientId = deps.keys.publicId(source, sharedOwner)
  else if (type !== 'Patient') {
    const subject = subjectOf(resource)
    const reference = /^Patient\/([A-Za-z0-9\-.]{1,64})$/.exec(subject ?? '')
    if (!reference) {
      const code = subject === null ? 'subject-missing' : 'subject-unresolved'
      return { path, code, message: 'no patient that this record belongs to can be made out' }
    }
    patientId = deps.keys.publicId(source, 'Patient', reference[1] as string)
  }
  const text = JSON.stringify(resource)
  return { path, resource, id: recordId, patientId, text, fingerprint: deps.keys.lookup('fingerprint', text) }
}

/**
 * Two imports of one person go one after the other; ordered, so that they never wait for each other. A drug of the formulary
 * may move prescriptions of anybody, so it goes alone.
 */
async function lockPeople(tx: Tx, arrivals: Arrival[]): Promise<void> {
  await lockIngest(tx, arrivals.some(({ resource }) => resource.resourceType === 'Medication') ? 'alone' : 'together')
  const people = [...new Set(arrivals.map(({ patientId }) => patientId))].sort()
  await sql`select pg_advisory_xact_lock(hashtextextended(p, 0)) from unnest(${people}::text[]) with ordinality as l (p, n)`.execute(
    tx,
  )
}

/** Bringing in goes on together; what reaches over many people's files goes alone. Held until the transaction ends. */
export async function lockIngest(tx: Tx, how: 'alone' | 'together'): Promise<void> {
  const lock = sql.raw(how === 'alone' ? 'pg_advisory_xact_lock' : 'pg_advisory_xact_lock_shared')
  await sql`select ${lock}(hashtextextended('zhiqing ingest', 0))`.execute(tx)
}

interface Fresh extends Arrival {
  held: Held
}

async function sift(work: Settling, arrivals: Arrival[]): Promise<{ fresh: Fresh[]; unchanged: number; refused: ImportError[] }> {
  const rows = new Map((await work.rows(arrivals.map(({ id }) => id))).map((row) => [row.id, row]))
  const held = new Map((await work.held([...rows.keys()])).map((one) => [one.id, one]))
  const fresh: Fresh[] = []
  const refused: ImportError[] = []
  let unchanged = 0
  for (const arrival of arrivals) {
    const row = rows.get(arrival.id)
    if (row && row.patient_id !== arrival.patientId) {
      const message = 'this type and id already belong to another person; use --source to keep two hospitals apart'
      refused.push({ path: arrival.path, code: 'key-of-another-person', message })
    } else if (row?.fingerprint.equals(arrival.fingerprint)) unchanged += 1
    else {
      const { id, patientId, resource, text, fingerprint } = arrival
      const known = held.get(id)
      fresh.push({
        ...arrival,
        held: {
          id,
          patientId,
          type: resource.resourceType,
          table: known?.table ?? null,
          version: known?.version ?? 0,
          label: known?.label ?? null,
          changed: true,
          incoming: { resource, text, fingerprint },
        },
      })
    }
  }
  return { fresh, unchanged, refused }
}

/** Index entries of persons. Answers the ids that are refused because they would turn one person into another. */
async function storePeople(work: Settling, people: Fresh[], errors: ImportError[]): Promise<string[]> {
  const { tx, deps } = work
  const refused: string[] = []
  for (const { id, path, resource } of people) {
    let identity = readIdentity(resource, deps.profile, deps.now())
    const row = await tx.selectFrom('patient').select('identity').where('id', '=', id).executeTakeFirst()
    if (row) {
      const known = JSON.parse(unsealText(await work.key(id), row.identity, identityPlace(id))) as PersonIdentity
      if (isAnotherPerson(known, identity)) {
        refused.push(id)
        const message = 'this id already belongs to another person; use --source to keep two hospitals apart'
        errors.push({ path, code: 'identity-conflict', message })
        continue
      }
      identity = keepKnown(known, identity)
    }
    const sealed = await work.seal(id, JSON.stringify(identity), identityPlace(id))
    await tx
      .insertInto('patient')
      .values({ id, identity: sealed, updated_at: deps.now() })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ identity: sealed, updated_at: deps.now() }))
      .execute()
    await tx.deleteFrom('patient_lookup').where('patient_id', '=', id).execute()
    const lookups = identity.phones.map((phone) => ({
      kind: 'phone' as const,
      hash: deps.keys.lookup('phone', phone),
      patient_id: id,
    }))
    const numbers =
      identity.identityNumber === null
        ? []
        : [
            {
              kind: 'identity-number' as const,
              hash: deps.keys.lookup('identity-number', identity.identityNumber),
              patient_id: id,
            },
          ]
    if (lookups.length + numbers.length > 0) {
      await tx
        .insertInto('patient_lookup')
        .values([...lookups, ...numbers])
        .execute()
    }
  }
  return refused
}

async function storeLinks(work: Settling, source: string, records: Held[]): Promise<void> {
  const { tx, deps } = work
  const rows: { from: string; to: string; role: string; patient: string; position: number }[] = []
  for (const { id, patientId, incoming } of records) {
    if (!incoming) continue
    const links = linksOf(incoming.resource).map(({ role, to }) => {
      const [type, target] = to.split('/') as [string, string]
      return { role: role as string, to: deps.keys.publicId(source, type, target) }
    })
    const group = groupOf(deps, patientId, incoming.resource)
    if (group !== null) links.push({ role: 'group', to: group })
    for (const [position, { role, to }] of links.entries()) rows.push({ from: id, to, role, patient: patientId, position })
  }
  await sql`delete from record_reference where from_id = any(${records.map(({ id }) => id)})`.execute(tx)
  if (rows.length === 0) return
  await sql`
    insert into record_reference (from_id, to_id, role, patient_id, position)
    select * from unnest(${rows.map(({ from }) => from)}::text[], ${rows.map(({ to }) => to)}::text[],
      ${rows.map(({ role }) => role)}::text[], ${rows.map(({ patient }) => patient)}::text[],
      ${rows.map(({ position }) => position)}::integer[])
    on conflict do nothing`.execute(tx)
}
