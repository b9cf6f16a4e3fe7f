import type { Deps } from './deps.ts'
import { destroyDataKey } from './keys.ts'

/** Messages hold numbers and codes: kept no longer than somebody may ask what was sent. */
const messageDays = 7

/** Removes what has expired: sessions, codes, limit windows, spent assertions. Nothing that anybody was promised. */
export async function tidy(deps: Deps): Promise<void> {
  const now = deps.now()
  const db = deps.store.owner
  await db.deleteFrom('session').where('expires_at', '<', now).execute()
  await db.deleteFrom('one_time_code').where('expires_at', '<', now).execute()
  await db.deleteFrom('limit_window').where('expires_at', '<', now).execute()
  await db.deleteFrom('ingest_token_seen').where('expires_at', '<', now).execute()
  await db.deleteFrom('desk_code').where('expires_at', '<', now).execute()
  const old = new Date(now.getTime() - messageDays * 24 * 3_600_000)
  await db.transaction().execute(async (tx) => {
    const gone = await tx.deleteFrom('outbox').where('created_at', '<', old).returning('id').execute()
    for (const { id } of gone) await destroyDataKey(tx, now, `message:${id}`, 'message')
  })
  await db.deleteFrom('data_key').where('class', '=', 'message').where('destroyed_at', 'is not', null).execute()
}
