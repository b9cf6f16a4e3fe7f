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

/**
 * A detail as stored: the series of its lines, a line break (which JSON text never holds), and the reply's text with every
 * trend still empty. Trends are filled in at reading without taking the text apart.
 */
export const storedDetail = (detail: ReportDetail, series: (string | null)[]): string =>
  `${JSON.stringify(series)}\n${JSON.stringify(detail)}`

/** Within JSON text a quotation mark of a person's own words is escaped, so this stands once per line and nowhere else. */
const emptyTrend = '"trend":[]'

/** The reply's text; `trendOf` gives the trend of a line's series as JSON text. */
export function fillTrends(stored: string, trendOf: (series: string) => string): string {
  const end = stored.indexOf('\n')
  const series = JSON.parse(stored.slice(0, end)) as (string | null)[]
  const pieces = stored.slice(end + 1).split(emptyTrend)
  return pieces.reduce((text, piece, index) => {
    const of = series[index - 1]
    return `${text}${of == null ? emptyTrend : `"trend":${trendOf(of)}`}${piece}`
  })
}

const medicationTypes = new Set(['MedicationRequest', 'MedicationStatement'])
/** What is read by itself; an Observation only where it is a panel of its own. */
const readTypes = new Set(['DiagnosticReport', 'DocumentReference', 'Observation', ...medicationTypes])

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
 * Composes anew what the affected records are read in, from visible records alone. `people`: whose index entry changed, as
 * ranges depend on age and sex. `groups`: where changed records stood until now.
 */
export async function rewriteReadings(
  work: Settling,
  affected: Map<string, Held>,
  also: { people: string[]; groups: string[] },
): Promise<void> {
  const ids = [...(await findTargets(work, affected, also))]
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

async function findTargets(
  work: Settling,
  affected: Map<string, Held>,
  { people, groups }: { people: string[]; groups: string[] },
): Promise<Set<string>> {
  const targets = new Set(groups)
  const ids = [...affected.keys()]
  const results = (await referencesFrom(work.tx, ids)).filter(({ role }) => role === 'member').map(({ to_id }) => to_id)
  for (const { id, type } of affected.values()) if (readTypes.has(type)) targets.add(id)
  // Whatever lists an affected result, at any depth, and the group it stands in when nothing visible lists it.
  let edge = [...new Set([...ids, ...results])]
  for (const { to_id, role } of await referencesFrom(work.tx, edge)) if (role === 'group') targets.add(to_id)
  const seen = new Set(edge)
  while (edge.length > 0) {
    const above = (await referencesTo(work.tx, edge)).filter(({ role }) => role === 'member').map(({ from_id }) => from_id)
    edge = [...new Set(above)].filter((id) => !seen.has(id))
    for (const id of above) targets.add(id)
    for (const id of edge) seen.add(id)
  }
  if (people.length > 0) {
    const theirs = await sql<{ id: string }>`select id from reading where patient_id = any(${people})`.execute(work.tx)
    for (const { id } of theirs.rows) targets.add(id)
  }
  return targets
}

/** Results of each report in order, those of nested panels after their panel. */
async function membersBelow(work: Settling, ids: string[]): Promise<Map<string, string[]>> {
  const direct = new Map<string, string[]>()
  const seen = new Set(ids)
  let edge = ids
  while (edge.length > 0) {
    const next = new Set<string>()
    for (const { from_id, to_id, role } of await referencesFrom(work.tx, edge)) {
      if (role !== 'member') continue
      direct.set(from_id, [...(direct.get(from_id) ?? []), to_id])
      if (!seen.has(to_id)) next.add(to_id)
    }
    for (const id of next) seen.add(id)
    edge = [...next]
  }
  // Not by recursion: a hostile chain of panels would overflow the stack.
  const flat = (id: string): string[] => {
    const before = new Set([id])
    const waiting = (direct.get(id) ?? []).toReversed()
    const listed: string[] = []
    for (let member = waiting.pop(); member !== undefined; member = waiting.pop()) {
      if (before.has(member)) continue
      before.add(member)
      listed.push(member)
      for (const below of (direct.get(member) ?? []).toReversed()) waiting.push(below)
    }
    return listed
  }
  return new Map(ids.map((id) => [id, flat(id)]))
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
    select distinct f.to_id from record_reference f
      join record r on r.id = f.from_id
      join record m on m.id = f.to_id and m.patient_id = r.patient_id
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
    // Sorted, so that what is composed never follows the order in which the store happens to give rows.
    const alone = group
      .filter((member) => visible.has(member) && !inReports.has(member))
      .sort()
      .map((member) => visible.get(member) as Visible)
    const patientId = alone[0]?.patientId
    if (patientId === undefined) return null
    const observations = alone.map(({ resource }) => resource)
    const first = containerOf(observations[0] as FhirResource)
    const kind = first === null ? 'document' : kindOf(first, [])
    return toReport(id, patientId, composeGroup(observations, kind, await whoIs(work, patientId), zone))
  }
  const held = visible.get(id)
  if (!held || !readTypes.has(held.type)) return null
  const { patientId, resource } = held
  if (medicationTypes.has(held.type)) {
    const drug = visible.get(drugs.get(id) ?? '')?.resource ?? null
    const medication = composeMedication(resource, drug, zone)
    if (!medication) return null
    const card = JSON.stringify(v.parse(Medication, { id, ...medication }))
    return { id, patientId, kind: 'medication', at: medication.at, card, detail: null, points: null }
  }
  if (inReports.has(id) || (held.type === 'Observation' && !Array.isArray(resource.hasMember))) return null
  // A report that names another person's result by mistake or malice never shows it.
  const lines = (members.get(id) ?? []).map((member) => visible.get(member)).filter((line) => line?.patientId === patientId)
  const results = lines.map((line) => (line as Visible).resource)
  return toReport(id, patientId, composeReport(resource, results, await whoIs(work, patientId), zone))
}

function toReport(id: string, patientId: string, composed: ReturnType<typeof composeReport>): Reading | null {
  if (!composed) return null
  return {
    id,
    patientId,
    kind: 'report',
    at: composed.card.at,
    card: JSON.stringify(v.parse(ReportCard, { id, ...composed.card })),
    detail: storedDetail(v.parse(ReportDetail, { id, ...composed.detail }), composed.lineSeries),
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
