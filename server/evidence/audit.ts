import type { KeyObject } from 'node:crypto'
import { sql } from 'kysely'
import type { Db, Tx } from '../platform/db.ts'
import { type Deps, randomId } from '../platform/deps.ts'
import { dataKey, KeyDestroyed, type RetentionClass } from '../platform/keys.ts'
import { seal } from '../platform/seal.ts'

/** Everything that is put on record. Patient-readable ones are LogAct of the contract. */
export type Operation =
  | 'code-asked'
  | 'registration-asked'
  | 'registered'
  | 'registration-refused'
  | 'sign-in-asked'
  | 'signed-in'
  | 'sign-in-refused'
  | 'signed-out'
  | 'reports-listed'
  | 'report-read'
  | 'medications-listed'
  | 'identity-read'
  | 'identifier-revealed'
  | 'log-read'
  | 'log-questioned'
  | 'refused'
  | 'cut-off'
  | 'ingested'
  | 'imported'
  | 'relabelled'
  | 'desk-code-made'

export interface AuditEvent {
  operation: Operation
  outcome: 'done' | 'refused'
  /** Whose data, or null where no person is known. */
  subject: string | null
  /** Account id, system name, or null for an unknown caller. */
  actor: string | null
  purpose: 'own-use' | 'treatment' | 'care' | 'administration'
  address: string
  device: string
  /** Public id of the session. */
  session: string | null
  /** Public id of the record or entry concerned. */
  about?: string
  /** A closed code: why refused, which field, how many. */
  detail?: string
}

/** The event of an act done on the hospital's own machine, by a command, an engine or the gateway itself. */
export const localEvent = (
  operation: Operation,
  actor: string,
  more: Pick<AuditEvent, 'detail'> & { subject?: string } = {},
): AuditEvent => ({
  operation,
  outcome: 'done',
  subject: null,
  actor,
  purpose: 'administration',
  address: 'local',
  device: 'gateway',
  session: null,
  ...more,
})

interface Row {
  id: string
  at: Date
  operation: string
  outcome: string
  subject: string | null
  key_owner: string
  key_class: string
  body: Buffer
}

type AuditDeps = Pick<Deps, 'keys' | 'random' | 'now'>

export const auditPlace = (id: string): string => `audit_event|body|${id}`

const monthOf = (at: Date): RetentionClass => `audit-${at.toISOString().slice(0, 7)}`

function toRow(deps: AuditDeps, event: AuditEvent, at: Date, key: KeyObject, owner: string): Row {
  const { operation, outcome, subject, ...body } = event
  const id = randomId(deps, `event:${owner}`)
  return {
    id,
    at,
    operation,
    outcome,
    subject,
    key_owner: owner,
    key_class: monthOf(at),
    body: seal(key, JSON.stringify(body), auditPlace(id), deps.random('nonce', 12)),
  }
}

const ownerOf = (event: AuditEvent): string => event.subject ?? 'nobody'

async function insertRows(tx: Tx | Db, rows: Row[]): Promise<void> {
  const column = <K extends keyof Row>(name: K) => rows.map((row) => row[name])
  await sql`
    insert into audit_event (id, at, operation, outcome, subject, key_owner, key_class, body)
    select * from unnest(${column('id')}::text[], ${column('at')}::timestamptz[], ${column('operation')}::text[],
      ${column('outcome')}::text[], ${column('subject')}::text[], ${column('key_owner')}::text[],
      ${column('key_class')}::text[], ${column('body')}::bytea[])`.execute(tx)
}

/** No event, no answer (AU-1): whatever kept the event from being written, the caller may come again. */
export class EventNotWritten extends Error {
  readonly statusCode = 503
  readonly code = 'EVENT_NOT_WRITTEN'

  constructor(cause: unknown) {
    super('an event could not be written', { cause })
  }
}

/** Writes the event in the transaction of what it tells of. Answers its id. Throws EventNotWritten. */
export async function append(tx: Tx, deps: AuditDeps, event: AuditEvent): Promise<string> {
  const at = deps.now()
  const owner = ownerOf(event)
  try {
    const row = toRow(deps, event, at, await dataKey(tx, deps, owner, monthOf(at)), owner)
    await insertRows(tx, [row])
    return row.id
  } catch (cause) {
    throw new EventNotWritten(cause)
  }
}

interface Waiting {
  event: AuditEvent
  resolve(): void
  reject(error: unknown): void
}

/** A person whose key is gone is refused alone; the others of the group are not. */
const whereDestroyed = (one: Waiting) => (error: unknown) => {
  if (!(error instanceof KeyDestroyed)) throw error
  one.reject(new EventNotWritten(error))
}

/**
 * Group commit: what waits is written with one insert; `write` resolves when its group is durable. Never call it from
 * inside a transaction: the embedded store has one connection.
 */
export class AuditGroups {
  readonly #deps: AuditDeps
  readonly #db: Db
  readonly #keys = new Map<string, KeyObject>()
  #waiting: Waiting[] = []
  #writing: Promise<void> | null = null

  constructor(deps: AuditDeps, db: Db) {
    this.#deps = deps
    this.#db = db
  }

  write(event: AuditEvent): Promise<void> {
    const written = new Promise<void>((resolve, reject) => this.#waiting.push({ event, resolve, reject }))
    this.#writing ??= this.#drain()
    return written
  }

  async #drain(): Promise<void> {
    // One turn of the loop: requests answered in the same turn join this group.
    await new Promise(setImmediate)
    while (this.#waiting.length > 0) {
      const group = this.#waiting.splice(0, 500)
      try {
        const at = this.#deps.now()
        const rows: Row[] = []
        const written: Waiting[] = []
        for (const one of group) {
          const owner = ownerOf(one.event)
          const key = await this.#key(owner, at).catch(whereDestroyed(one))
          if (!key) continue
          rows.push(toRow(this.#deps, one.event, at, key, owner))
          written.push(one)
        }
        await insertRows(this.#db, rows)
        for (const one of written) one.resolve()
      } catch (error) {
        for (const one of group) one.reject(new EventNotWritten(error))
      }
    }
    this.#writing = null
  }

  async #key(owner: string, at: Date): Promise<KeyObject> {
    const name = `${owner}|${monthOf(at)}`
    let key = this.#keys.get(name)
    if (!key) {
      key = await dataKey(this.#db, this.#deps, owner, monthOf(at))
      if (this.#keys.size >= 20_000) this.#keys.clear()
      this.#keys.set(name, key)
    }
    return key
  }

  /** Resolves when nothing waits any more. */
  async settled(): Promise<void> {
    while (this.#writing) await this.#writing
  }
}
