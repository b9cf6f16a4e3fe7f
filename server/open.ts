import { randomBytes } from 'node:crypto'
import { existsSync, renameSync } from 'node:fs'
import { join } from 'node:path'

import { sql } from 'kysely'
import { demoHospitalInfo } from './demo/hospital.ts'
import { BadConfig, type Config, clock, embeddedMaster } from './platform/config.ts'
import { type Store, storeOnEmbedded, storeOnPostgres } from './platform/db.ts'
import type { Deps } from './platform/deps.ts'
import { lockDirectory, openEmbedded } from './platform/embedded.ts'
import { openKeys } from './platform/keys.ts'
import { migrate } from './platform/migrate.ts'
import { SealBroken } from './platform/seal.ts'

const random = (_purpose: string, bytes: number): Buffer => randomBytes(bytes)

/** Opens the store the environment names, migrated, with its keys and clock. The caller closes it. */
export async function open(config: Config): Promise<Deps> {
  const { store, master } = await openStore(config)
  try {
    await migrate(store.owner)
    await checkMark(store, config)
    const keys = await openKeys(store.owner, master, random).catch(sayForeignKey)
    const now = clock(config.startAt)
    await checkClock(store, now())
    return {
      store,
      keys,
      profile: config.profile,
      hospital: config.hospital ?? demoHospitalInfo,
      now,
      random,
      demo: config.mode === 'demo',
    }
  } catch (error) {
    await store.close()
    throw error
  }
}

function sayForeignKey(error: Error): never {
  if (!(error.cause instanceof SealBroken)) throw error
  throw new BadConfig('the master key is not the one this store was made with: name the right one with ZHIQING_MASTER_KEY_FILE')
}

async function openStore(config: Config): Promise<{ store: Store; master: Buffer }> {
  if (config.databaseUrl !== null) {
    const master = config.master.length > 0 ? config.master : demoMaster(config)
    return { store: storeOnPostgres(config.databaseUrl), master }
  }
  const lock = lockDirectory(config.dataDirectory)
  try {
    const master = config.master.length > 0 ? config.master : embeddedMaster(config.dataDirectory)
    const lite = await openEmbedded(config.dataDirectory)
    return { store: storeOnEmbedded(lite, () => lock.release()), master }
  } catch (error) {
    lock.release()
    throw error
  }
}

/** A demo on PostgreSQL still keeps its key apart from the database: in the data folder. */
function demoMaster(config: Config): Buffer {
  lockDirectory(config.dataDirectory).release()
  return embeddedMaster(config.dataDirectory)
}

/** A store is demo or real for ever: demo people never stand among patients. */
async function checkMark(store: Store, config: Config): Promise<void> {
  if (config.mode === 'command') return
  const wanted = config.mode === 'demo' ? 'demo' : 'real'
  await store.owner
    .insertInto('meta')
    .values({ name: 'mark', value: wanted })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute()
  const { value } = await store.owner.selectFrom('meta').select('value').where('name', '=', 'mark').executeTakeFirstOrThrow()
  if (value !== wanted) {
    throw new BadConfig(
      value === 'demo'
        ? 'this store was made by the demo and stays a demo for ever: name another database, or run npm start'
        : 'this store holds real patients: the demo needs a store of its own',
    )
  }
}

async function checkClock(store: Store, now: Date): Promise<void> {
  const { rows } = await sql<{ at: Date | null }>`select max(at) as at from audit_event`.execute(store.owner)
  const last = rows[0]?.at
  if (last && last > now) {
    throw new BadConfig(
      `the clock says ${now.toISOString()}, but the store's last event is of ${last.toISOString()}: set the clock right, or ZHIQING_NOW later`,
    )
  }
}

const demoDays = 30

export const isOldDemo = (seededAt: Date, now: Date): boolean => now.getTime() - seededAt.getTime() >= demoDays * 24 * 3_600_000

/** Moves a demo store aside, so that its people have results within the window again; keys stay. Answers where to. */
export function setAsideDemo(config: Config, now: Date): string {
  const stem = join(config.dataDirectory, `store-until-${now.toISOString().slice(0, 10)}`)
  let to = stem
  for (let n = 2; existsSync(to); n += 1) to = `${stem}-${n}`
  renameSync(join(config.dataDirectory, 'store'), to)
  return to
}
