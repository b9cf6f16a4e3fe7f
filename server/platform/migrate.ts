import { readdirSync, readFileSync } from 'node:fs'
import { sql } from 'kysely'
import { type Db, patientRole } from './db.ts'

const folder = new URL('../migrations/', import.meta.url)

/** Runs the migrations that this store has not seen, each in its own transaction; several gateways may start at once. */
export async function migrate(db: Db): Promise<void> {
  await ensureRole(db)
  await sql`create table if not exists migration (name text primary key, run_at timestamptz not null default now())`.execute(db)
  for (const name of readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .sort()) {
    await db.transaction().execute(async (tx) => {
      await sql`lock table migration in exclusive mode`.execute(tx)
      const seen = await sql`select 1 from migration where name = ${name}`.execute(tx)
      if (seen.rows.length > 0) return
      await sql.raw(readFileSync(new URL(name, folder), 'utf8')).execute(tx)
      await sql`insert into migration (name) values (${name})`.execute(tx)
    })
  }
}

/** Roles belong to the cluster, not to the database: another store may have made it, perhaps at this moment. */
async function ensureRole(db: Db): Promise<void> {
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
    .execute(db)
}
