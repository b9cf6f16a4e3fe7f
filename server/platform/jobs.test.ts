import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { onBothStores } from '../../tests/hostile/on-both-stores.ts'
import type { Tx } from './db.ts'
import { enqueue, type JobHandler, Jobs } from './jobs.ts'

const minute = 60_000

onBothStores('jobs', {}, (place) => {
  const add = (kind: string, payload: unknown, dueAt?: Date) =>
    place.test.store.owner.transaction().execute((tx) => enqueue(tx, place.gateway.deps, kind, payload, dueAt))
  const runner = (handlers: Record<string, JobHandler>, failed: string[] = []) =>
    new Jobs(place.gateway.deps, handlers, (kind, error) => failed.push(`${kind}: ${(error as Error).message}`))
  const left = () => place.test.store.owner.selectFrom('job').select(['kind', 'tries', 'due_at']).orderBy('kind').execute()
  /** An effect in the job's own transaction. */
  const mark = (tx: Tx, name: string) => sql`insert into meta (name, value) values (${name}, 'done')`.execute(tx)

  test('[SE-6] each job is done exactly once, however many run, and its payload is unreadable afterwards', async () => {
    const done: number[] = []
    const handler: JobHandler = async (tx, payload) => {
      const { n } = payload as { n: number }
      await mark(tx, `once-${n}`)
      done.push(n)
    }
    for (let n = 0; n < 20; n += 1) await add('once', { n })
    const payloads = await place.test.store.owner.selectFrom('job').select('payload').execute()
    expect(payloads.some(({ payload }) => payload.includes('"n"'))).toBe(false)
    const runners = [1, 2, 3].map(() => runner({ once: handler }))
    await Promise.all(runners.map((jobs) => jobs.settled()))
    expect(done.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n))
    expect(await left()).toEqual([])
    const keys = await sql<{ wrapped: Buffer | null }>`select wrapped from data_key where owner like 'job:%'`.execute(
      place.test.store.owner,
    )
    expect(keys.rows.length).toBeGreaterThanOrEqual(20)
    expect(keys.rows.every(({ wrapped }) => wrapped === null)).toBe(true)
  })

  test('[SE-6] a job that fails undoes its effect, waits 1, 2, 4 .. minutes, and the others go on', async () => {
    const failed: string[] = []
    let fails = true
    const jobs = runner(
      {
        flaky: async (tx) => {
          await mark(tx, 'flaky')
          if (fails) throw new Error('not today')
        },
        other: (tx) => mark(tx, 'other').then(() => {}),
      },
      failed,
    )
    await add('flaky', {})
    await add('other', {})
    await jobs.settled()
    expect(failed).toEqual(['flaky: not today'])
    const start = place.gateway.clock.now().getTime()
    expect(await left()).toEqual([{ kind: 'flaky', tries: 1, due_at: new Date(start + minute) }])
    const marks = await sql`select name from meta where name in ('flaky', 'other')`.execute(place.test.store.owner)
    expect(marks.rows).toEqual([{ name: 'other' }])
    await jobs.settled()
    expect(failed, 'not before its time').toHaveLength(1)
    place.gateway.clock.advance(minute)
    await jobs.settled()
    expect(await left()).toMatchObject([{ tries: 2, due_at: new Date(start + minute + 2 * minute) }])
    fails = false
    place.gateway.clock.advance(2 * minute)
    await jobs.settled()
    expect(await left()).toEqual([])
  })

  test('[SE-6] a poisoned job ends up out of the way, kept for people to see; an unknown kind and a broken payload too', async () => {
    const failed: string[] = []
    const jobs = runner({ poison: async () => Promise.reject(new Error('poison')), broken: async () => {} }, failed)
    await add('poison', {})
    await add('unknown', {})
    await add('broken', {})
    await place.test.store.owner
      .updateTable('job')
      .set({ payload: Buffer.alloc(60) })
      .where('kind', '=', 'broken')
      .execute()
    for (let tries = 0; tries < 12; tries += 1) {
      await jobs.settled()
      place.gateway.clock.advance(2 ** 8 * minute)
    }
    const rows = await left()
    expect(rows.map(({ kind, tries }) => [kind, tries])).toEqual([
      ['broken', 8],
      ['poison', 8],
      ['unknown', 8],
    ])
    expect(rows.every(({ due_at }) => due_at.getTime() > place.gateway.clock.now().getTime() + 300 * 24 * 60 * minute)).toBe(true)
    expect(failed).toHaveLength(24)
    expect(failed).toContain('unknown: no handler for job unknown')
    await place.test.store.owner.deleteFrom('job').execute()
  })

  test('[SE-6] a job is there with its transaction or not at all, waits for its time, and none is begun after the stop', async () => {
    const done: string[] = []
    const jobs = runner({ later: async () => void done.push('later') })
    const rolledBack = place.test.store.owner.transaction().execute(async (tx) => {
      await enqueue(tx, place.gateway.deps, 'later', {})
      throw new Error('rolled back')
    })
    await expect(rolledBack).rejects.toThrow('rolled back')
    expect(await left()).toEqual([])
    await add('later', {}, new Date(place.gateway.clock.now().getTime() + minute))
    await jobs.settled()
    expect(done).toEqual([])
    place.gateway.clock.advance(minute)
    await jobs.stop()
    await jobs.settled()
    expect(done).toEqual([])
    await runner({ later: async () => void done.push('later') }).settled()
    expect(done).toEqual(['later'])
  })
})
