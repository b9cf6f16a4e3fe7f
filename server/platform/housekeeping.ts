import type { Deps } from './deps.ts'

/** Removes what has expired: sessions, codes, limit windows, spent assertions. Nothing that anybody was promised. */
export async function tidy(deps: Deps): Promise<void> {
  const now = deps.now()
  const db = deps.store.owner
  await db.deleteFrom('session').where('expires_at', '<', now).execute()
  await db.deleteFrom('one_time_code').where('expires_at', '<', now).execute()
  await db.deleteFrom('limit_window').where('expires_at', '<', now).execute()
  await db.deleteFrom('ingest_token_seen').where('expires_at', '<', now).execute()
  await db.deleteFrom('desk_code').where('expires_at', '<', now).execute()
  await db.deleteFrom('data_key').where('class', '=', 'message').where('destroyed_at', 'is not', null).execute()
}
