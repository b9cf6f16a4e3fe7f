import { sql } from 'kysely'
import type { Db, Tx } from './db.ts'
import type { Keys } from './keys.ts'

export interface Limit {
  /** What is counted and for whom, e.g. ['sms', 'number', '+8613900000000']. Only its keyed hash is stored. */
  of: string[]
  most: number
  minutes: number
}

/**
 * Counts one hit in an exact sliding window; true when it is within the limit. One statement, so that any number of
 * processes together let exactly `most` pass in any `minutes`.
 */
export async function hit(tx: Tx | Db, keys: Keys, now: Date, limit: Limit): Promise<boolean> {
  const at = now.getTime()
  const from = at - limit.minutes * 60_000
  const expires = new Date(at + limit.minutes * 60_000)
  const recent = sql`array(select h from unnest(limit_window.hits) as h where h > ${from}::bigint)`
  const result = await sql`
    insert into limit_window (key, hits, expires_at)
    values (${keys.lookup('limit', ...limit.of)}, array[${at}::bigint], ${expires})
    on conflict (key) do update
      set hits = ${recent} || ${at}::bigint, expires_at = excluded.expires_at
      where cardinality(${recent}) < ${limit.most}
    returning 1`.execute(tx)
  return result.rows.length === 1
}

/** Counts a hit against every limit until one is reached; answers the minutes to wait, or null when all let it pass. */
export async function hitAll(tx: Tx | Db, keys: Keys, now: Date, limits: Limit[]): Promise<number | null> {
  for (const limit of limits) if (!(await hit(tx, keys, now, limit))) return limit.minutes
  return null
}

/** SE-4: a caller over `perSecond` requests in one second is cut off for `penaltySeconds`. Per process, in memory. */
export class Throttle {
  readonly #callers = new Map<string, { from: number; count: number; until: number }>()
  readonly #perSecond: number
  readonly #penaltyMs: number

  constructor(perSecond: number, penaltySeconds = 10) {
    this.#perSecond = perSecond
    this.#penaltyMs = penaltySeconds * 1000
  }

  /** 'pass'; 'cut' once when the caller goes over; 'still-cut' until the penalty ends. `now` in ms, monotonic. */
  see(caller: string, now: number): 'pass' | 'cut' | 'still-cut' {
    let state = this.#callers.get(caller)
    if (!state || (now - state.from >= 1000 && now >= state.until)) {
      if (this.#callers.size >= 100_000) this.#callers.clear()
      state = { from: now, count: 0, until: 0 }
      this.#callers.set(caller, state)
    }
    if (now < state.until) return 'still-cut'
    state.count += 1
    if (state.count <= this.#perSecond) return 'pass'
    state.until = now + this.#penaltyMs
    return 'cut'
  }
}
