import type { KeyObject } from 'node:crypto'
import { sql } from 'kysely'
import type { FhirResource } from '../../shared/contract/fhir.ts'
import type { Db, Tx } from '../platform/db.ts'
import type { Deps } from '../platform/deps.ts'
import { dataKey } from '../platform/keys.ts'
import { seal, unsealText } from '../platform/seal.ts'
import { isHidden, type Node, ownLabel, type StoredLabel, settleAlong } from './labelled.ts'

type StoreDeps = Pick<Deps, 'keys' | 'random' | 'now' | 'profile'>

export type RecordTable = 'record' | 'record_in_person'

/** A record as it stands in the store, or is about to. */
export interface Held {
  id: string
  patientId: string
  type: string
  table: RecordTable | null
  version: number
  label: StoredLabel | null
  /** To be written whether or not its table changes. */
  changed: boolean
  /** Present where the record came in now. */
  incoming: { resource: FhirResource; text: string; fingerprint: Buffer } | null
}

interface StoredRow {
  id: string
  patient_id: string
  type: string
  label: Buffer
  fingerprint: Buffer
  version: number
  body?: Buffer
  in_person: boolean
}

/** Everything one transaction settles: keys per person, rows read once. */
export class Settling {
  readonly tx: Tx
  readonly deps: StoreDeps
  readonly #keys = new Map<string, KeyObject>()

  constructor(tx: Tx, deps: StoreDeps) {
    this.tx = tx
    this.deps = deps
  }

  async key(patientId: string): Promise<KeyObject> {
    let key = this.#keys.get(patientId)
    if (!key) {
      key = await dataKey(this.tx, this.deps, patientId, 'clinical')
      this.#keys.set(patientId, key)
    }
    return key
  }

  async seal(patientId: string, text: string, place: string): Promise<Buffer> {
    return seal(await this.key(patientId), text, place, this.deps.random('nonce', 12))
  }

  readonly #identities = new Map<string, Buffer | null>()

  /** The sealed index entry of a person, or null where the hospital has sent none yet. */
  async identityRow(patientId: string): Promise<Buffer | null> {
    const known = this.#identities.get(patientId)
    if (known !== undefined) return known
    const row = await this.tx.selectFrom('patient').select('identity').where('id', '=', patientId).executeTakeFirst()
    this.#identities.set(patientId, row?.identity ?? null)
    return row?.identity ?? null
  }

  async rows(ids: string[], withBody = false): Promise<StoredRow[]> {
    if (ids.length === 0) return []
    const body = withBody ? sql`, body` : sql``
    const columns = sql`id, patient_id, type, label, fingerprint, version ${body}`
    const result = await sql<StoredRow>`
      select ${columns}, false as in_person from record where id = any(${ids})
      union all select ${columns}, true from record_in_person where id = any(${ids})`.execute(this.tx)
    return result.rows
  }

  async held(ids: string[]): Promise<Held[]> {
    const held: Held[] = []
    for (const row of await this.rows(ids)) held.push(await this.#toHeld(row))
    return held
  }

  async #toHeld(row: StoredRow): Promise<Held> {
    const label = JSON.parse(unsealText(await this.key(row.patient_id), row.label, recordPlace(row.id, 'label'))) as StoredLabel
    return {
      id: row.id,
      patientId: row.patient_id,
      type: row.type,
      table: row.in_person ? 'record_in_person' : 'record',
      version: row.version,
      label,
      changed: false,
      incoming: null,
    }
  }

  /** The FHIR resources of these records, hidden or not. */
  async resources(ids: string[]): Promise<Map<string, FhirResource>> {
    const found = new Map<string, FhirResource>()
    for (const row of await this.rows(ids, true)) {
      const text = unsealText(await this.key(row.patient_id), row.body as Buffer, recordPlace(row.id, 'body'))
      found.set(row.id, JSON.parse(text) as FhirResource)
    }
    return found
  }
}

export const recordPlace = (id: string, column: 'body' | 'label'): string => `record|${column}|${id}`

export interface Reference {
  from_id: string
  to_id: string
  role: 'member' | 'container' | 'follows' | 'drug' | 'group'
  /** Whose record `from_id` is. What it names may be another person's by mistake or malice: then it counts for nothing. */
  patient_id: string
}

export async function referencesFrom(tx: Tx | Db, ids: string[]): Promise<Reference[]> {
  if (ids.length === 0) return []
  const result = await sql<Reference>`
    select from_id, to_id, role, patient_id from record_reference where from_id = any(${ids}) order by from_id, position`.execute(
    tx,
  )
  return result.rows
}

export async function referencesTo(tx: Tx | Db, ids: string[]): Promise<Reference[]> {
  if (ids.length === 0) return []
  const result =
    await sql<Reference>`select from_id, to_id, role, patient_id from record_reference where to_id = any(${ids})`.execute(tx)
  return result.rows
}

/**
 * Decides which of the changed records, and of those hanging on them now or before (`former`), are told in person only, and
 * puts each in its table. References of the changed records are already written. Answers every record whose reading may be
 * another now.
 */
export async function settle(work: Settling, changed: Map<string, Held>, former: string[] = []): Promise<Map<string, Held>> {
  const affected = await withDependents(work, changed, former)
  const ids = [...affected.keys()]
  const from = await referencesFrom(work.tx, ids)
  const memberships = (await referencesTo(work.tx, ids)).filter(({ role }) => role === 'member')
  await relabel(work, affected, from)

  const above = [...from.map(({ to_id }) => to_id), ...memberships.map(({ from_id }) => from_id)]
  const outside = new Map((await work.held([...new Set(above.filter((id) => !affected.has(id)))])).map((held) => [held.id, held]))
  const ownerOf = (id: string) => (affected.get(id) ?? outside.get(id))?.patientId
  const nodes = new Map<string, Node>()
  for (const { id, label } of affected.values()) if (label) nodes.set(id, { label, containers: [], follows: [], reports: [] })
  for (const { from_id, to_id, role, patient_id } of from) {
    if (ownerOf(to_id) !== patient_id) continue
    if (role === 'container') nodes.get(from_id)?.containers.push(to_id)
    if (role === 'follows') nodes.get(from_id)?.follows.push(to_id)
  }
  for (const { from_id, to_id, patient_id } of memberships) {
    if (ownerOf(to_id) === patient_id) nodes.get(to_id)?.reports.push(from_id)
  }
  const along = settleAlong(nodes, (id) => outside.get(id)?.label ?? undefined)

  const writes: Held[] = []
  for (const held of affected.values()) {
    if (!held.label) continue
    const before = held.label.along
    held.label = { ...held.label, along: along.get(held.id) ?? false }
    const table: RecordTable = isHidden(held.label) ? 'record_in_person' : 'record'
    if (held.changed || table !== held.table || before !== held.label.along) writes.push(held)
  }
  await write(work, writes)
  return affected
}

/**
 * The changed records and, over and over, what hangs on them: their visits' and orders' records, dispenses, results. Only
 * within one person's file; a shared drug alone reaches the prescriptions of many.
 */
async function withDependents(work: Settling, changed: Map<string, Held>, former: string[]): Promise<Map<string, Held>> {
  const affected = new Map(changed)
  for (const held of await work.held(former.filter((id) => !affected.has(id)))) affected.set(held.id, held)
  let edge = [...affected.keys()]
  while (edge.length > 0) {
    const owners = new Map<string, string>()
    for (const { from_id, to_id, role, patient_id } of await referencesTo(work.tx, edge)) {
      const within = role === 'drug' || (role !== 'member' && role !== 'group' && affected.get(to_id)?.patientId === patient_id)
      if (within) owners.set(from_id, patient_id)
    }
    for (const { to_id, role, patient_id } of await referencesFrom(work.tx, edge))
      if (role === 'member') owners.set(to_id, patient_id)
    const fresh = [...owners.keys()].filter((id) => !affected.has(id))
    const held = (await work.held(fresh)).filter(({ id, patientId }) => owners.get(id) === patientId)
    for (const one of held) affected.set(one.id, one)
    edge = held.map(({ id }) => id)
  }
  return affected
}

/** Labels what came in, and prescriptions again whose drug came in: a drug's words are its prescription's own content. */
async function relabel(work: Settling, affected: Map<string, Held>, from: Reference[]): Promise<void> {
  const drugs = new Map<string, string[]>()
  for (const { from_id, to_id, role } of from) if (role === 'drug') drugs.set(from_id, [...(drugs.get(from_id) ?? []), to_id])
  const again = [...affected.values()].filter(
    ({ id, changed }) => changed || (drugs.get(id) ?? []).some((drug) => affected.get(drug)?.changed),
  )
  const stored = await work.resources([
    ...again.filter(({ incoming }) => incoming === null).map(({ id }) => id),
    ...again.flatMap(({ id }) => drugs.get(id) ?? []).filter((drug) => !affected.get(drug)?.incoming),
  ])
  const resourceOf = (id: string) => affected.get(id)?.incoming?.resource ?? stored.get(id)
  for (const held of again) {
    const resource = resourceOf(held.id)
    if (!resource) continue
    const referenced = (drugs.get(held.id) ?? []).map(resourceOf).filter((drug) => drug !== undefined)
    held.label = { ...ownLabel(resource, work.deps.profile, referenced), along: held.label?.along ?? false }
    held.changed = true
  }
}

async function write(work: Settling, records: Held[]): Promise<void> {
  const { tx, deps } = work
  const moved = records.filter(({ table, label }) => table !== null && table !== tableFor(label))
  const kept = new Map(
    (
      await work.rows(
        moved.map(({ id }) => id),
        true,
      )
    ).map((row) => [row.id, row]),
  )
  for (const table of ['record', 'record_in_person'] as const) {
    const leaving = moved.filter((held) => held.table === table).map(({ id }) => id)
    if (leaving.length > 0) await sql`delete from ${sql.table(table)} where id = any(${leaving})`.execute(tx)
  }
  for (const table of ['record', 'record_in_person'] as const) {
    const rows = records.filter(({ label }) => tableFor(label) === table)
    const full: Held[] = []
    const bodies: Buffer[] = []
    const prints: Buffer[] = []
    const labels: Buffer[] = []
    const relabelled: Held[] = []
    const newLabels: Buffer[] = []
    for (const held of rows) {
      const label = await work.seal(held.patientId, JSON.stringify(held.label), recordPlace(held.id, 'label'))
      const old = kept.get(held.id)
      if (!held.incoming && !old) {
        relabelled.push(held)
        newLabels.push(label)
        continue
      }
      full.push(held)
      labels.push(label)
      bodies.push(
        held.incoming ? await work.seal(held.patientId, held.incoming.text, recordPlace(held.id, 'body')) : (old?.body as Buffer),
      )
      prints.push(held.incoming?.fingerprint ?? (old?.fingerprint as Buffer))
      if (held.incoming) held.version += 1
    }
    if (full.length > 0) {
      await sql`
        insert into ${sql.table(table)} (id, patient_id, type, body, label, fingerprint, version, updated_at)
        select *, ${deps.now()}::timestamptz from unnest(${full.map(({ id }) => id)}::text[], ${full.map(({ patientId }) => patientId)}::text[],
          ${full.map(({ type }) => type)}::text[], ${bodies}::bytea[], ${labels}::bytea[], ${prints}::bytea[],
          ${full.map(({ version }) => version)}::integer[])
        on conflict (id) do update set body = excluded.body, label = excluded.label, fingerprint = excluded.fingerprint,
          version = excluded.version, updated_at = excluded.updated_at`.execute(tx)
    }
    if (relabelled.length > 0) {
      await sql`
        update ${sql.table(table)} as r set label = n.label
        from unnest(${relabelled.map(({ id }) => id)}::text[], ${newLabels}::bytea[]) as n (id, label) where r.id = n.id`.execute(
        tx,
      )
    }
    for (const held of rows) held.table = table
  }
}

const tableFor = (label: StoredLabel | null): RecordTable => (label && isHidden(label) ? 'record_in_person' : 'record')
