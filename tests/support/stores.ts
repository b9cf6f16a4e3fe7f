import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Store, storeOnEmbedded, storeOnPostgres } from '../../server/platform/db.ts'
import { lockDirectory, openEmbedded } from '../../server/platform/embedded.ts'
import { migrate } from '../../server/platform/migrate.ts'
import { testDatabases } from './postgres.ts'

export type StoreKind = 'embedded' | 'postgres'

/** Both kinds of store, each with how to open an empty migrated one; `absent` says why a kind cannot be had here. */
export interface StoreMaker {
  kind: StoreKind
  absent: string | null
  make(): Promise<TestStore>
}

export interface TestStore {
  store: Store
  /** Folder of the embedded store, or the database's URL. */
  at: string
  drop(): Promise<void>
}

/** A migrated embedded store, made once per machine and migration set, and copied: initdb takes seconds. */
async function template(): Promise<string> {
  const migrations = new URL('../../server/migrations/', import.meta.url)
  const { readdirSync, readFileSync } = await import('node:fs')
  const hash = createHash('sha256')
  for (const name of readdirSync(migrations).sort()) hash.update(name).update(readFileSync(new URL(name, migrations)))
  const path = join(tmpdir(), `zhiqing-test-template-${hash.digest('hex').slice(0, 16)}-${process.getuid?.() ?? 0}`)
  if (existsSync(path)) return path
  const fresh = mkdtempSync(join(tmpdir(), 'zhiqing-test-fresh-'))
  const lock = lockDirectory(fresh)
  const store = storeOnEmbedded(await openEmbedded(fresh), () => lock.release())
  await migrate(store.owner)
  await store.close()
  rmSync(join(fresh, 'lock.db'), { force: true })
  try {
    renameSync(fresh, path)
  } catch {
    // Another test file was faster.
    rmSync(fresh, { recursive: true, force: true })
  }
  return path
}

async function makeEmbedded(): Promise<TestStore> {
  const at = mkdtempSync(join(tmpdir(), 'zhiqing-test-store-'))
  const source = await template()
  mkdirSync(at, { recursive: true })
  cpSync(source, at, { recursive: true })
  const lock = lockDirectory(at)
  const store = storeOnEmbedded(await openEmbedded(at), () => lock.release())
  return {
    store,
    at,
    async drop() {
      await store.close()
      rmSync(at, { recursive: true, force: true })
    },
  }
}

async function makePostgres(): Promise<TestStore> {
  const databases = testDatabases()
  if ('absent' in databases) throw new Error(databases.absent)
  const database = await databases.createDatabase()
  const store = storeOnPostgres(database.url)
  await migrate(store.owner)
  return {
    store,
    at: database.url,
    async drop() {
      await store.close()
      await database.drop()
    },
  }
}

const databases = testDatabases()

export const stores: StoreMaker[] = [
  { kind: 'embedded', absent: null, make: makeEmbedded },
  { kind: 'postgres', absent: 'absent' in databases ? databases.absent : null, make: makePostgres },
]
