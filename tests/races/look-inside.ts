import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { open } from '../../server/open.ts'
import { readConfig } from '../../server/platform/config.ts'

/** The environment of a gateway. */
export type Database = Record<string, string>

/** What the store holds, read by opening it as a command does: nobody else may have it open. */
export async function databaseRows(env: Database, source: string, ids: string[]) {
  const deps = await open(readConfig(withMaster(env), 'command'))
  try {
    const db = deps.store.owner
    const events = await sql<{ operation: string; count: number }>`
      select operation, count(*)::int as count from audit_event where outcome = 'done' group by operation`.execute(db)
    const asked = await db.selectFrom('question').select(['event_id', 'asked_at']).execute()
    const held = await sql<{ id: string }>`select id from record union all select id from record_in_person`.execute(db)
    const present = new Set(held.rows.map(({ id }) => id))
    const records = new Set(ids.filter((id) => present.has(deps.keys.publicId(source, 'Observation', id))))
    return {
      count: (operation: string) => events.rows.find((row) => row.operation === operation)?.count ?? 0,
      questions: new Map(asked.map(({ event_id, asked_at }) => [event_id, asked_at.toISOString()])),
      records,
    }
  } finally {
    await deps.store.close()
  }
}

/** A command on PostgreSQL is told the master key; the demo keeps it in its folder. */
export function withMaster(env: Database): Database {
  if (env.DATABASE_URL === undefined || env.ZHIQING_MASTER_KEY !== undefined) return env
  return { ...env, ZHIQING_MASTER_KEY: readFileSync(join(env.ZHIQING_DATA as string, 'keys/master.key'), 'utf8').trim() }
}
