import type { KeyObject } from 'node:crypto'
import { sql } from 'kysely'
import { isRefusal, type Refusal, refuse } from '../../shared/contract/errors.ts'
import type { ReportLine } from '../../shared/contract/reports.ts'
import { windowStart } from '../../shared/policy/clocks.ts'
import { type Asked, decide, type Relation } from '../../shared/policy/decide.ts'
import type { Profile } from '../../shared/policy/profile.ts'
import type { AuditEvent, AuditGroups } from '../evidence/audit.ts'
import type { Viewer } from '../identity/viewer.ts'
import type { Db } from '../platform/db.ts'
import type { Deps } from '../platform/deps.ts'
import { SealBroken, unseal, unsealText } from '../platform/seal.ts'
import { fillTrends, type Point, readingPlace } from './readings.ts'

export type Query = { what: 'reports' | 'medications'; cursor: string | undefined } | { what: 'report'; id: string }

export type Releasing = Pick<Deps, 'keys' | 'profile' | 'now'> & { audit: AuditGroups }

const pageSize = 20
const mostTrendReports = 200

/** `self` or one's own id; anybody else's is nobody's. Guardians and delegates join here. */
export const relationOf = (viewer: Viewer, subject: string): Relation => (subject === viewer.patientId ? 'self' : 'none')

/** The event that a viewer's act is recorded by. */
export const eventOf = (viewer: Viewer, operation: AuditEvent['operation'], more: Partial<AuditEvent> = {}): AuditEvent => ({
  operation,
  outcome: 'done',
  subject: viewer.patientId,
  actor: viewer.accountId,
  purpose: 'own-use',
  address: viewer.address,
  device: viewer.device,
  session: viewer.session,
  ...more,
})

/**
 * The one function that lets a record out. Reads visible rows only (in-person rows lie where the patient role cannot
 * read), decides, and answers reply text by the contract once the event is durable. "Absent", "hidden", "not yours" and
 * "too old" are one refusal.
 */
export async function release(
  db: Db,
  deps: Releasing,
  viewer: Viewer,
  subject: string,
  query: Query,
): Promise<string | Buffer | Refusal> {
  const now = deps.now()
  const windowFrom = windowFromOf(deps.profile, now)
  const asked: Omit<Asked, 'at'> = { relation: relationOf(viewer, subject), windowFrom, now }
  const answer =
    asked.relation === 'none'
      ? refuse('not-found')
      : query.what === 'report'
        ? await readOne(db, deps, subject, query.id, asked)
        : await readPage(db, deps, subject, query, asked)
  const operations = { reports: 'reports-listed', medications: 'medications-listed', report: 'report-read' } as const
  if (isRefusal(answer)) {
    await deps.audit.write(
      eventOf(viewer, 'refused', { outcome: 'refused', detail: `${operations[query.what]} ${answer.refused}` }),
    )
    return answer
  }
  await deps.audit.write(eventOf(viewer, operations[query.what], query.what === 'report' ? { about: query.id } : {}))
  return answer
}

let windowKnown = { of: '', from: new Date(0) }

/** The window's first instant. It moves at a local midnight alone, and every zone's lies on a quarter of an hour. */
export function windowFromOf({ zone, viewing }: Profile, now: Date): Date {
  const of = `${zone} ${viewing.windowMonths} ${Math.floor(now.getTime() / 900_000)}`
  if (windowKnown.of !== of) windowKnown = { of, from: windowStart(zone, now, viewing.windowMonths as number) }
  return windowKnown.from
}

interface CardRow {
  id: string
  at: Date
  card: Buffer
  wrapped: Buffer | null
}

interface Position {
  at: number
  id: string
}

async function readPage(
  db: Db,
  deps: Releasing,
  subject: string,
  query: { what: 'reports' | 'medications'; cursor: string | undefined },
  asked: Omit<Asked, 'at'>,
): Promise<Buffer | Refusal> {
  const place = `${query.what}|${subject}`
  const after = query.cursor === undefined ? null : openPosition(deps, query.cursor, place)
  if (after === 'broken') return refuse('cursor-invalid')
  const kind = query.what === 'reports' ? 'report' : 'medication'
  const { rows } = await sql<CardRow>`
    select r.id, r.at, r.card, k.wrapped
    from reading r join data_key k on k.owner = r.patient_id and k.class = 'clinical'
    where r.patient_id = ${subject} and r.kind = ${kind} and r.at >= ${asked.windowFrom}
      and r.at <= ${after === null ? asked.now : new Date(after.at)}
      and (r.at < ${after === null ? asked.now : new Date(after.at)} or r.id > ${after?.id ?? ''})
    order by r.at desc, r.id
    limit ${pageSize + 1}`.execute(db)
  const readable = rows.filter(({ at, wrapped }) => wrapped !== null && decide({ ...asked, at }).permit)
  const page = readable.slice(0, pageSize)
  // One person's cards lie under one key. Each was checked against the contract when it was composed and is authentic, so it
  // passes as the bytes it is.
  const key = page[0] ? keyOf(deps, page[0].wrapped, subject) : null
  const parts: Buffer[] = [Buffer.from(`{"window":${windowText(asked)},"items":[`)]
  for (const [index, { id, card }] of page.entries()) {
    if (index > 0) parts.push(comma)
    parts.push(unseal(key as KeyObject, card, readingPlace(id, 'card')))
  }
  const last = page.at(-1)
  const next = readable.length > pageSize && last ? sealPosition(deps, { at: last.at.getTime(), id: last.id }, place) : null
  parts.push(Buffer.from(`],"next":${JSON.stringify(next)}}`))
  return Buffer.concat(parts)
}

const comma = Buffer.from(',')

const windowText = ({ windowFrom, now }: Omit<Asked, 'at'>) =>
  JSON.stringify({ from: windowFrom.toISOString(), to: now.toISOString() })

const keyOf = (deps: Releasing, wrapped: Buffer | null, subject: string): KeyObject =>
  deps.keys.unwrap(wrapped as Buffer, subject, 'clinical')

/** The cursor of a page's last row. `place` binds it to one list and person. */
export const sealPosition = (deps: Releasing, { at, id }: Position, place: string) => deps.keys.sealCursor(`${at} ${id}`, place)

export function openPosition(deps: Releasing, cursor: string, place: string): Position | 'broken' {
  try {
    const [at, id] = deps.keys.openCursor(cursor, place).split(' ')
    return { at: Number(at), id: id as string }
  } catch (error) {
    if (error instanceof SealBroken) return 'broken'
    throw error
  }
}

interface PartRow {
  id: string
  part: 'detail' | 'points'
  sealed: Buffer
  at: Date
  wrapped: Buffer | null
}

async function readOne(
  db: Db,
  deps: Releasing,
  subject: string,
  id: string,
  asked: Omit<Asked, 'at'>,
): Promise<string | Refusal> {
  const { rows } = await sql<PartRow>`
    with one as (
      select r.* from reading r
      where r.id = ${id} and r.patient_id = ${subject} and r.kind = 'report'
        and r.at >= ${asked.windowFrom} and r.at <= ${asked.now}
    ), part as (
      select id, 'detail' as part, detail as sealed, at, patient_id from one
      union all
      (select r.id, 'points', r.points, r.at, r.patient_id from reading r, one
       where r.patient_id = one.patient_id and r.kind = 'report' and r.points is not null and one.points is not null
         and r.at >= ${asked.windowFrom} and r.at <= ${asked.now}
       order by r.at desc limit ${mostTrendReports})
    )
    select p.id, p.part, p.sealed, p.at, k.wrapped from part p join data_key k on k.owner = p.patient_id and k.class = 'clinical'`.execute(
    db,
  )
  const found = rows.find(({ part }) => part === 'detail')
  if (!found?.wrapped || !decide({ ...asked, at: found.at }).permit) return refuse('not-found')
  const key = keyOf(deps, found.wrapped, subject)
  const open = ({ id: row, part, sealed }: PartRow) => unsealText(key, sealed, readingPlace(row, part))
  const points = new Map<string, ReportLine['trend']>()
  for (const row of rows) {
    if (row.part !== 'points' || !decide({ ...asked, at: row.at }).permit) continue
    for (const { series, number, at } of JSON.parse(open(row)) as Point[]) {
      const known = points.get(series)
      if (known) known.push({ at, number, here: row.id === id })
      else points.set(series, [{ at, number, here: row.id === id }])
    }
  }
  return fillTrends(open(found), (series) => {
    const trend = points.get(series) ?? []
    return trend.length < 2
      ? '[]'
      : JSON.stringify(trend.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.number - b.number)))
  })
}
