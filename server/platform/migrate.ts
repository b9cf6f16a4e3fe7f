import { readdirSync, readFileSync } from 'node:fs'
import { sql } from 'kysely'
import { type Db, patientRole, type Tx } from './db.ts'

const folder = new URL('../migrations/', import.meta.url)

/** Runs the migrations that this store has not seen, all or none; gateways that start at once go one after the other. */
export async function migrate(db: Db): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(hashtextextended('zhiqing migrate', 0))`.execute(tx)
    await ensureRole(tx)
    await sql`create table if not exists migration (name text primary key, run_at timestamptz not null default now())`.execute(tx)
    const files = readdirSync(folder).filter((file) => file.endsWith('.sql'))
    for (const name of files.sort()) {
      const seen = await sql`select 1 from migration where name = ${name}`.execute(tx)
      if (seen.rows.length > 0) continue
      await sql.raw(readFileSync(new URL(name, folder), 'utf8')).execute(tx)
      await sql`insert into migration (name) values (${name})`.execute(tx)
    }
  })
}

/** Roles belong to the cluster, not to the database: another store may have made it, perhaps at this moment. */
async function ensureRole(tx: Tx): Promise<void> {
  await sql
    .raw(
      `do $$ begin
         if not exists (select from pg_roles where rolname = '${patientRole}') then
           begin create role ${patientRole} nologin; exception when duplicate_object or unique_violation then null; end;
         end if;
         -- From PostgreSQL 16 on, who makes a role may hand it out but not take it on: being a member is not enough.
         begin
           set local role ${patientRole};
           reset role;
         exception when insufficient_privilege then
           execute format('grant ${patientRole} to %I', session_user);
         end;
       end $$`,
    )
    .execute(tx)
}
