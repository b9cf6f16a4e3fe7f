import { sql } from 'kysely'
import * as v from 'valibot'
import { type AccessLog, LogAct, type LogEntry } from '../../shared/contract/access-log.ts'
import { type Refusal, refuse } from '../../shared/contract/errors.ts'
import type { ReportCard } from '../../shared/contract/reports.ts'
import { dayIn } from '../../shared/policy/clocks.ts'
import { decide } from '../../shared/policy/decide.ts'
import { type AuditEvent, append, auditPlace } from '../evidence/audit.ts'
import type { Viewer } from '../identity/viewer.ts'
import type { Db } from '../platform/db.ts'
import type { Deps } from '../platform/deps.ts'
import { dataKey } from '../platform/keys.ts'
import { seal, unsealText } from '../platform/seal.ts'
import { readingPlace } from './readings.ts'
import { eventOf, openPosition, type Releasing, relationOf, sealPosition, windowFromOf } from './release.ts'

const pageSize = 40

interface Row {
  id: string
  at: Date
  operation: string
  body: Buffer
  key_owner: string
  key_class: string
  wrapped: Buffer | null
  asked_at: Date | null
}

type Body = Omit<AuditEvent, 'operation' | 'outcome' | 'subject'>

/** Who looked, when and for what, in closed words (AU-2): titles, addresses and devices of the viewer's own acts alone. */
export async function readAccessLog(
  db: Db,
  deps: Releasing,
  viewer: Viewer,
  subject: string,
  cursor: string | undefined,
): Promise<AccessLog | Refusal> {
  const answer = relationOf(viewer, subject) === 'none' ? refuse('not-found') : await readPage(db, deps, viewer, subject, cursor)
  const refused = 'refused' in answer
  const detail = refused ? { outcome: 'refused' as const, detail: `log-read ${answer.refused}` } : {}
  await deps.audit.write(eventOf(viewer, refused ? 'refused' : 'log-read', detail))
  return answer
}

async function readPage(
  db: Db,
  deps: Releasing,
  viewer: Viewer,
  subject: string,
  cursor: string | undefined,
): Promise<AccessLog | Refusal> {
  const place = `log|${subject}`
  const after = cursor === undefined ? null : openPosition(deps, cursor, place)
  if (after === 'broken') return refuse('cursor-invalid')
  const until = after === null ? deps.now() : new Date(after.at)
  const { rows } = await sql<Row>`
    select e.id, e.at, e.operation, e.body, e.key_owner, e.key_class, k.wrapped, q.asked_at
    from audit_event e
    join data_key k on k.owner = e.key_owner and k.class = e.key_class
    left join question q on q.event_id = e.id
    where e.subject = ${subject} and e.operation = any(${LogAct.options as unknown as string[]})
      and e.at <= ${until} and (e.at < ${until} or e.id > ${after?.id ?? ''})
    order by e.at desc, e.id
    limit ${pageSize + 1}`.execute(db)
  const page = rows.slice(0, pageSize)
  const bodies = new Map<string, Body>()
  for (const row of page) {
    // A month whose key is destroyed is past its term: the event stays in the chain of evidence, its words are gone.
    if (!row.wrapped) continue
    const key = deps.keys.unwrap(row.wrapped, row.key_owner, row.key_class)
    bodies.set(row.id, JSON.parse(unsealText(key, row.body, auditPlace(row.id))) as Body)
  }
  const about = [...bodies.values()].map((body) => body.about).filter((id) => id !== undefined)
  const titles = await visibleTitles(db, deps, viewer, subject, about)
  const items = page.flatMap((row) => {
    const body = bodies.get(row.id)
    return body ? [toEntry(row, body, viewer, deps.profile.zone, titles)] : []
  })
  const last = page.at(-1)
  const next = rows.length > pageSize && last ? sealPosition(deps, { at: last.at.getTime(), id: last.id }, place) : null
  return { items, next }
}

function toEntry(row: Row, body: Body, viewer: Viewer, zone: string, titles: Map<string, string>): LogEntry {
  const own = body.actor === viewer.accountId
  return {
    id: row.id,
    day: dayIn(zone, row.at),
    who: own ? 'self' : body.actor === null ? 'unknown' : 'staff',
    purpose: body.purpose,
    act: v.parse(LogAct, row.operation),
    own: own
      ? {
          at: row.at.toISOString(),
          address: body.address,
          device: body.device,
          title: titles.get(body.about ?? '') ?? null,
          thisSession: body.session === viewer.session,
        }
      : null,
    questionedAt: row.asked_at?.toISOString() ?? null,
  }
}

/** Titles of reports that this viewer can read now: a title must not outlive the right to read it. */
async function visibleTitles(
  db: Db,
  deps: Releasing,
  viewer: Viewer,
  subject: string,
  ids: string[],
): Promise<Map<string, string>> {
  const titles = new Map<string, string>()
  if (ids.length === 0) return titles
  const now = deps.now()
  const windowFrom = windowFromOf(deps.profile, now)
  const { rows } = await sql<{ id: string; at: Date; card: Buffer; wrapped: Buffer | null }>`
    select r.id, r.at, r.card, k.wrapped
    from reading r join data_key k on k.owner = r.patient_id and k.class = 'clinical'
    where r.id = any(${[...new Set(ids)]}) and r.patient_id = ${subject} and r.kind = 'report'`.execute(db)
  for (const { id, at, card, wrapped } of rows) {
    if (!wrapped || !decide({ relation: relationOf(viewer, subject), at, windowFrom, now }).permit) continue
    const text = unsealText(deps.keys.unwrap(wrapped, subject, 'clinical'), card, readingPlace(id, 'card'))
    titles.set(id, (JSON.parse(text) as ReportCard).title)
  }
  return titles
}

export const questionPlace = (eventId: string): string => `question|text|${eventId}`

/** "I do not recognise this": kept for staff, once per entry; asking again answers the first time. */
export async function questionEntry(
  db: Db,
  deps: Deps,
  viewer: Viewer,
  subject: string,
  eventId: string,
  text: string | undefined,
): Promise<{ questionedAt: string } | Refusal> {
  return db.transaction().execute(async (tx) => {
    const event =
      relationOf(viewer, subject) === 'none'
        ? undefined
        : await tx
            .selectFrom('audit_event')
            .select('id')
            .where('id', '=', eventId)
            .where('subject', '=', subject)
            .where('operation', 'in', [...LogAct.options])
            .executeTakeFirst()
    if (!event) {
      await append(tx, deps, eventOf(viewer, 'refused', { outcome: 'refused', detail: 'log-questioned not-found' }))
      return refuse('not-found')
    }
    const sealed =
      text === undefined
        ? null
        : seal(await dataKey(tx, deps, subject, 'clinical'), text, questionPlace(eventId), deps.random('nonce', 12))
    const written = await tx
      .insertInto('question')
      .values({ event_id: eventId, patient_id: subject, text: sealed, asked_at: deps.now() })
      .onConflict((conflict) => conflict.column('event_id').doNothing())
      .returning('asked_at')
      .executeTakeFirst()
    if (written) await append(tx, deps, eventOf(viewer, 'log-questioned', { about: eventId }))
    const row =
      written ?? (await tx.selectFrom('question').select('asked_at').where('event_id', '=', eventId).executeTakeFirstOrThrow())
    return { questionedAt: row.asked_at.toISOString() }
  })
}
