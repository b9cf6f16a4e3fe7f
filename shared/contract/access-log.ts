import * as v from 'valibot'
import { Cursor, Day, Instant, PublicId, Subject, typed } from './primitives.ts'
import { route } from './route.ts'

/** What a person may read of an event: closed words only (AU-2). */
export const LogAct = v.picklist([
  'registered',
  'signed-in',
  'sign-in-refused',
  'signed-out',
  'reports-listed',
  'report-read',
  'medications-listed',
  'log-read',
  'log-questioned',
  'identity-read',
  'identifier-revealed',
  'refused',
  'chart-opened',
  'desk-code-made',
])
export type LogActCode = v.InferOutput<typeof LogAct>

export const LogEntry = v.object({
  id: PublicId,
  day: Day,
  /** `unknown`: nobody proved who they were, such as at a sign-in that was refused. */
  who: v.picklist(['self', 'doctor', 'nurse', 'staff', 'unknown']),
  purpose: v.picklist(['own-use', 'treatment', 'care', 'administration']),
  act: LogAct,
  /** Only for the viewer's own acts: instant, network address, device and, where it is still visible, the report's title. */
  own: v.nullable(
    v.object({ at: Instant, address: v.string(), device: v.string(), title: v.nullable(v.string()), thisSession: v.boolean() }),
  ),
  /** When the person questioned this entry. */
  questionedAt: v.nullable(Instant),
})
export type LogEntry = v.InferOutput<typeof LogEntry>

/** Newest first. */
export const listAccessLog = route({
  method: 'GET',
  path: '/api/people/:person/access-log',
  access: 'signed-in',
  audit: 'log-read',
  params: v.object({ person: Subject }),
  query: v.object({ cursor: v.optional(Cursor) }),
  reply: v.object({ items: v.array(LogEntry), next: v.nullable(Cursor) }),
})
export type AccessLog = v.InferOutput<typeof listAccessLog.reply>

/** "I do not recognise this": idempotent per entry. */
export const questionEntry = route({
  method: 'POST',
  path: '/api/people/:person/access-log/:id/question',
  access: 'signed-in',
  audit: 'log-questioned',
  params: v.object({ person: Subject, id: PublicId }),
  body: v.object({ text: v.optional(typed(500)) }),
  reply: v.object({ questionedAt: Instant }),
})
