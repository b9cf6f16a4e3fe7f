import { sql } from 'kysely'
import type { Tx } from './db.ts'
import { type Deps, randomId } from './deps.ts'
import { dataKey, destroyDataKey } from './keys.ts'
import { seal, unsealText } from './seal.ts'

/** Does the work of one job inside the transaction that removes it: exactly once, or not at all. */
export type JobHandler = (tx: Tx, payload: unknown) => Promise<void>

const place = (id: string) => `job|payload|${id}`
const owner = (id: string) => `job:${id}`
const mostTries = 8

/** Adds a job with the transaction that gives rise to it; its payload lies under a key of its own, destroyed with it. */
export async function enqueue(tx: Tx, deps: Deps, kind: string, payload: unknown, dueAt = deps.now()): Promise<void> {
  const id = randomId(deps, 'job')
  const key = await dataKey(tx, deps, owner(id), 'message')
  const sealed = seal(key, JSON.stringify(payload), place(id), deps.random('nonce', 12))
  await tx.insertInto('job').values({ id, kind, payload: sealed, due_at: dueAt }).execute()
}

/** Runs due jobs, one at a time per process; any number of processes share the table. */
export class Jobs {
  readonly #deps: Deps
  readonly #handlers: Record<string, JobHandler>
  readonly #report: (kind: string, error: unknown) => void
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | null = null
  #again = false
  #stopped = false

  constructor(deps: Deps, handlers: Record<string, JobHandler>, report: (kind: string, error: unknown) => void) {
    this.#deps = deps
    this.#handlers = handlers
    this.#report = report
  }

  start(everyMs = 1000): void {
    this.#timer = setInterval(() => this.poke(), everyMs)
    this.#timer.unref()
  }

  /** Looks for due jobs now. */
  poke(): void {
    if (this.#stopped) return
    this.#again = true
    this.#running ??= this.#run().finally(() => {
      this.#running = null
    })
  }

  async stop(): Promise<void> {
    this.#stopped = true
    clearInterval(this.#timer)
    await this.#running
  }

  /** Resolves when no job is due any more. */
  async settled(): Promise<void> {
    this.poke()
    while (this.#running) await this.#running
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false
      try {
        while (!this.#stopped && (await this.#one()));
      } catch (error) {
        this.#report('jobs', error)
      }
    }
  }

  async #one(): Promise<boolean> {
    const { store, now, keys } = this.#deps
    let failed: { id: string; kind: string; tries: number; error: unknown } | null = null
    const found = await store.owner
      .transaction()
      .execute(async (tx) => {
        const { rows } = await sql<{ id: string; kind: string; payload: Buffer; tries: number }>`
          select id, kind, payload, tries from job where due_at <= ${now()} order by due_at, id
          for update skip locked limit 1`.execute(tx)
        const job = rows[0]
        if (!job) return false
        failed = { id: job.id, kind: job.kind, tries: job.tries, error: null }
        const handler = this.#handlers[job.kind]
        if (!handler) throw new Error(`no handler for job ${job.kind}`)
        const key = await dataKey(tx, { keys, now, random: this.#deps.random }, owner(job.id), 'message')
        await handler(tx, JSON.parse(unsealText(key, job.payload, place(job.id))))
        await tx.deleteFrom('job').where('id', '=', job.id).execute()
        await destroyDataKey(tx, now(), owner(job.id), 'message')
        failed = null
        return true
      })
      .catch((error: unknown) => {
        if (!failed) throw error
        failed.error = error
        return true
      })
    if (failed) await this.#putOff(failed)
    return found
  }

  /** A job that failed is tried again after 1, 2, 4 .. minutes; after the last try it stays, a year away, for people to see. */
  async #putOff({ id, kind, tries, error }: { id: string; kind: string; tries: number; error: unknown }): Promise<void> {
    this.#report(kind, error)
    const minutes = tries + 1 >= mostTries ? 525_600 : 2 ** tries
    const due = new Date(this.#deps.now().getTime() + minutes * 60_000)
    await this.#deps.store.owner
      .updateTable('job')
      .set({ due_at: due, tries: tries + 1 })
      .where('id', '=', id)
      .execute()
  }
}
