import { sql } from 'kysely'
import * as v from 'valibot'
import type { FhirResource } from '../../shared/contract/fhir.ts'
import { Medication, ReportCard, ReportDetail } from '../../shared/contract/reports.ts'
import { identityPlace, type PersonIdentity } from '../identity/person.ts'
import type { Deps } from '../platform/deps.ts'
import { unsealText } from '../platform/seal.ts'
import { composeGroup, composeReport } from './compose.ts'
import { containerOf, type Who } from './compose-fhir.ts'
import { kindOf } from './compose-kind.ts'
import { composeMedication } from './compose-medication.ts'
import { type Held, recordPlace, referencesFrom, referencesTo, type Settling } from './settle.ts'

export type ReadingColumn = 'card' | 'detail' | 'points'

export const readingPlace = (id: string, column: ReadingColumn): string => `reading|${column}|${id}`

/** Numbers of a report for trends: which measurement, when, how much. */
export interface Point {
  series: string
  number: number
  at: string
}

/** A detail as stored: trends are filled in at reading, by `series` of each line. */
export interface StoredDetail {
  detail: ReportDetail
  series: (string | null)[]
}

const reportTypes = new Set(['DiagnosticReport', 'DocumentReference'])
const medicationTypes = new Set(['MedicationRequest', 'MedicationStatement'])
const mostNesting = 4

/**
 * Observations of no report are read together by category and visit, hour by hour: the vital signs of one round. Null for
 * what is never read alone.
 */
export function groupOf(deps: Pick<Deps, 'keys'>, patientId: string, resource: FhirResource): string | null {
  if (resource.resourceType !== 'Observation' || Array.isArray(resource.hasMember)) return null
  const at = resource.effectiveDateTime ?? resource.effectiveInstant ?? period(resource.effectivePeriod) ?? resource.issued
  if (typeof at !== 'string') return null
  const hour = at.length > 10 && !Number.isNaN(Date.parse(at)) ? new Date(at).toISOString().slice(0, 13) : at
  const visit = (resource.encounter as { reference?: unknown } | undefined)?.reference
  return deps.keys.publicId('group', patientId, categoryOf(resource), typeof visit === 'string' ? visit : '', hour)
}

const period = (value: unknown) => (value as { start?: unknown; end?: unknown } | undefined)?.start

function categoryOf(resource: FhirResource): string {
  const categories = resource.category as { coding?: { code?: string }[]; text?: string }[] | undefined
  return categories?.[0]?.coding?.[0]?.code ?? categories?.[0]?.text ?? ''
}

interface Reading {
  id: string
  patientId: string
  kind: 'report' | 'medication'
  at: string
  card: string
  detail: string | null
  points: string | null
}

/**
 * Composes anew what the affected records are read in, from visible records alone. `people` are those whose index entry
 * changed: ranges depend on age and sex.
 */
export async function rewriteReadings(work: Settling, affected: Map<string, Held>, people: Set<string>): Promise<void> {
  const targets = await findTargets(work, affected, people)
  const ids = [...targets]
  const members = await membersBelow(work, ids)
  const grouped = new Map<string, string[]>()
  for (const { from_id, to_id, role } of await referencesTo(work.tx, ids)) {
    if (role === 'group') grouped.set(to_id, [...(grouped.get(to_id) ?? []), from_id])
  }
  const drugs = new Map<string, string>()
  for (const { from_id, to_id, role } of await referencesFrom(work.tx, ids)) if (role === 'drug') drugs.set(from_id, to_id)
  const wanted = new Set([...ids, ...[...members.values()].flat(), ...[...grouped.values()].flat(), ...drugs.values()])
  const visible = await visibleRecords(work, [...wanted])
  const inReports = await listedInVisibleReports(work, [...wanted])
  const readings: Reading[] = []
  for (const id of ids) {
    const reading = await compose(work, id, { visible, members, grouped, drugs, inReports })
    if (reading) readings.push(reading)
  }
  await replaceReadings(work, ids, readings)
}

async function findTargets(work: Settling, affected: Map<string, Held>, people: Set<string>): Promise<Set<string>> {
  const targets = new Set<string>()
  const ids = [...affected.keys()]
  const down = await referencesFrom(work.tx, ids)
  const results = down.filter(({ role }) => role === 'member')
  for (const { id, type } of affected.values()) if (reportTypes.has(type) || medicationTypes.has(type)) targets.add(id)
  for (const { from_id } of results) targets.add(from_id)
  // Whatever lists an affected result, at any depth, and the group it stands in when nothing visible lists it.
  let edge = [...new Set([...ids, ...results.map(({ to_id }) => to_id)])]
  for (const { to_id, role } of await referencesFrom(work.tx, edge)) if (role === 'group') targets.add(to_id)
  for (let depth = 0; depth < mostNesting && edge.length > 0; depth += 1) {
    edge = (await referencesTo(work.tx, edge)).filter(({ role }) => role === 'member').map(({ from_id }) => from_id)
    for (const id of edge) targets.add(id)
  }
  if (people.size > 0) {
    const theirs = await sql<{ id: string }>`select id from reading where patient_id = any(${[...people]})`.execute(work.tx)
    for (const { id } of theirs.rows) targets.add(id)
  }
  return targets
}

/** Results of each report in order, those of nested panels after their panel. */
async function membersBelow(work: Settling, ids: string[]): Promise<Map<string, string[]>> {
  const direct = new Map<string, string[]>()
  let edge = ids
  for (let depth = 0; depth < mostNesting && edge.length > 0; depth += 1) {
    const next: string[] = []
    for (const { from_id, to_id, role } of await referencesFrom(work.tx, edge)) {
      if (role !== 'member') continue
      const list = direct.get(from_id) ?? []
      if (!list.includes(to_id)) direct.set(from_id, [...list, to_id])
      if (!direct.has(to_id)) next.push(to_id)
    }
    edge = [...new Set(next)]
  }
  const flat = (id: string, seen: Set<string>): string[] =>
    (direct.get(id) ?? []).flatMap((member) => {
      if (seen.has(member)) return []
      seen.add(member)
      return [member, ...flat(member, seen)]
    })
  return new Map(ids.map((id) => [id, flat(id, new Set([id]))]))
}

interface Visible {
  patientId: string
  type: string
  resource: FhirResource
}

async function visibleRecords(work: Settling, ids: string[]): Promise<Map<string, Visible>> {
  const found = new Map<string, Visible>()
  if (ids.length === 0) return found
  const rows = await sql<{ id: string; patient_id: string; type: string; body: Buffer }>`
    select id, patient_id, type, body from record where id = any(${ids})`.execute(work.tx)
  for (const { id, patient_id, type, body } of rows.rows) {
    const text = unsealText(await work.key(patient_id), body, recordPlace(id, 'body'))
    found.set(id, { patientId: patient_id, type, resource: JSON.parse(text) as FhirResource })
  }
  return found
}

async function listedInVisibleReports(work: Settling, ids: string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set()
  const rows = await sql<{ to_id: string }>`
    select distinct f.to_id from record_reference f join record r on r.id = f.from_id
    where f.to_id = any(${ids}) and f.role = 'member'`.execute(work.tx)
  return new Set(rows.rows.map(({ to_id }) => to_id))
}

interface Material {
  visible: Map<string, Visible>
  members: Map<string, string[]>
  grouped: Map<string, string[]>
  drugs: Map<string, string>
  inReports: Set<string>
}

async function compose(work: Settling, id: string, material: Material): Promise<Reading | null> {
  const { visible, members, grouped, drugs, inReports } = material
  const { zone } = work.deps.profile
  const group = grouped.get(id)
  if (group) {
    const alone = group
      .filter((member) => visible.has(member) && !inReports.has(member))
      .map((member) => visible.get(member) as Visible)
    const patientId = alone[0]?.patientId
    if (patientId === undefined) return null
    const observations = alone.map(({ resource }) => resource)
    const first = containerOf(observations[0] as FhirResource)
    const kind = first === null ? 'document' : kindOf(first, [])
    return toReport(id, patientId, composeGroup(observations, kind, await whoIs(work, patientId), zone))
  }
  const held = visible.get(id)
  if (!held) return null
  if (medicationTypes.has(held.type)) {
    const drug = visible.get(drugs.get(id) ?? '')?.resource ?? null
    const medication = composeMedication(held.resource, drug, zone)
    if (!medication) return null
    const card = JSON.stringify(v.parse(Medication, { id, ...medication }))
    return { id, patientId: held.patientId, kind: 'medication', at: medication.at, card, detail: null, points: null }
  }
  if (inReports.has(id)) return null
  const lines = (members.get(id) ?? []).map((member) => visible.get(member)?.resource).filter((line) => line !== undefined)
  return toReport(id, held.patientId, composeReport(held.resource, lines, await whoIs(work, held.patientId), zone))
}

function toReport(id: string, patientId: string, composed: ReturnType<typeof composeReport>): Reading | null {
  if (!composed) return null
  const detail: StoredDetail = { detail: v.parse(ReportDetail, { id, ...composed.detail }), series: composed.lineSeries }
  return {
    id,
    patientId,
    kind: 'report',
    at: composed.card.at,
    card: JSON.stringify(v.parse(ReportCard, { id, ...composed.card })),
    detail: JSON.stringify(detail),
    points: composed.points.length === 0 ? null : JSON.stringify(composed.points),
  }
}

async function whoIs(work: Settling, patientId: string): Promise<Who> {
  const row = await work.identityRow(patientId)
  if (!row) return { sex: null, birthDate: null }
  const identity = JSON.parse(unsealText(await work.key(patientId), row, identityPlace(patientId))) as PersonIdentity
  return { sex: identity.sex, birthDate: identity.birthDate }
}

async function replaceReadings(work: Settling, targets: string[], readings: Reading[]): Promise<void> {
  const kept = new Set(readings.map(({ id }) => id))
  const gone = targets.filter((id) => !kept.has(id))
  if (gone.length > 0) await sql`delete from reading where id = any(${gone})`.execute(work.tx)
  if (readings.length === 0) return
  const sealed = async (reading: Reading, column: ReadingColumn) => {
    const text = reading[column]
    return text === null ? null : work.seal(reading.patientId, text, readingPlace(reading.id, column))
  }
  const columns: Record<ReadingColumn, (Buffer | null)[]> = { card: [], detail: [], points: [] }
  for (const reading of readings) {
    for (const column of ['card', 'detail', 'points'] as const) columns[column].push(await sealed(reading, column))
  }
  await sql`
    insert into reading (id, patient_id, kind, at, card, detail, points)
    select * from unnest(${readings.map(({ id }) => id)}::text[], ${readings.map(({ patientId }) => patientId)}::text[],
      ${readings.map(({ kind }) => kind)}::text[], ${readings.map(({ at }) => new Date(at))}::timestamptz[],
      ${columns.card}::bytea[], ${columns.detail}::bytea[], ${columns.points}::bytea[])
    on conflict (id) do update set at = excluded.at, kind = excluded.kind, card = excluded.card, detail = excluded.detail,
      points = excluded.points`.execute(work.tx)
}
