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

/** SE-4: a caller over `perSecond` requests in any second is cut off for `penaltySeconds`. Per process, in memory. */
export class Throttle {
  readonly #callers = new Map<string, { hits: number[]; until: number }>()
  readonly #perSecond: number
  readonly #penaltyMs: number

  constructor(perSecond: number, penaltySeconds = 10) {
    this.#perSecond = perSecond
    this.#penaltyMs = penaltySeconds * 1000
  }

  /** 'pass'; 'cut' once when the caller goes over; 'still-cut' until the penalty ends. `now` in ms, monotonic. */
  see(caller: string, now: number): 'pass' | 'cut' | 'still-cut' {
    const state = this.#callers.get(caller) ?? { hits: [], until: 0 }
    if (now < state.until) return 'still-cut'
    // Last used, last forgotten: a crowd of new callers pushes out the quiet ones, not who is cut off now.
    this.#callers.delete(caller)
    this.#callers.set(caller, state)
    if (this.#callers.size > mostCallers) this.#callers.delete(this.#callers.keys().next().value as string)
    while (state.hits[0] !== undefined && state.hits[0] <= now - 1000) state.hits.shift()
    if (state.hits.length < this.#perSecond) {
      state.hits.push(now)
      return 'pass'
    }
    state.hits = []
    state.until = now + this.#penaltyMs
    return 'cut'
  }
}

/** The names added last, so many at most. */
export class Recent {
  readonly #names = new Set<string>()
  readonly #most: number

  constructor(most: number) {
    this.#most = most
  }

  add(name: string): void {
    this.#names.delete(name)
    this.#names.add(name)
    if (this.#names.size > this.#most) this.#names.delete(this.#names.values().next().value as string)
  }

  has(name: string): boolean {
    return this.#names.has(name)
  }
}

const mostCallers = 100_000
