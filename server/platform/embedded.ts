import { chmodSync, closeSync, fdatasyncSync, fsyncSync, mkdirSync, openSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { PGlite } from '@electric-sql/pglite'
import { NodeFS } from '@electric-sql/pglite/nodefs'

/** NodeFS that really syncs: PGlite's own has no fsync, and an acknowledged commit would be lost with the power. */
class SyncedNodeFS extends NodeFS {
  override async init(...[pg, options]: Parameters<NodeFS['init']>) {
    const { emscriptenOpts } = await super.init(pg, options)
    const mendSync = (module: unknown) => {
      const { NODEFS } = module as { NODEFS: { stream_ops: { fsync?: (stream: { nfd: number }) => number } } }
      NODEFS.stream_ops.fsync = (stream) => {
        try {
          fdatasyncSync(stream.nfd)
        } catch (error) {
          // After a failed sync nobody knows what is on disk; going on would acknowledge what may be lost.
          process.stderr.write(`fsync failed (${(error as NodeJS.ErrnoException).code}); stopping at once\n`)
          process.abort()
        }
        return 0
      }
    }
    return { emscriptenOpts: { ...emscriptenOpts, preRun: [...(emscriptenOpts.preRun ?? []), mendSync] } }
  }
}

const lockFile = 'lock.db'

function syncTree(directory: string): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name)
    // Closing any descriptor of the lock's file would drop the lock that this process holds on it.
    if (entry.name.startsWith(lockFile)) continue
    if (entry.isDirectory()) syncTree(path)
    else if (entry.isFile()) syncPath(path)
  }
  syncPath(directory)
}

function syncPath(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

export class DirectoryInUse extends Error {
  constructor(directory: string) {
    super(`${directory} is in use by another process. Stop that one first, or set ZHIQING_DATA to another folder.`)
  }
}

/** An exclusive lock on a folder that frees itself on kill -9: SQLite holds an OS lock on lock.db. */
export function lockDirectory(directory: string): { release(): void } {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  chmodSync(directory, 0o700)
  const lock = new DatabaseSync(join(directory, lockFile))
  try {
    lock.exec('pragma busy_timeout = 0')
    lock.exec('begin exclusive')
  } catch (error) {
    lock.close()
    throw (error as { errcode?: number }).errcode === 5 ? new DirectoryInUse(directory) : error
  }
  return { release: () => lock.close() }
}

/**
 * Every statement of ours has its index. A plan that was made while the tables were empty reads them whole, and would be kept
 * while they grow: importing 40 MB took ten minutes.
 */
const byIndex = ['-c', 'enable_seqscan=off']

/** Opens the embedded store under `directory`/store. The caller holds the directory's lock. */
export async function openEmbedded(directory: string): Promise<PGlite> {
  const path = join(directory, 'store')
  const first = !readdirSync(directory).includes('store')
  mkdirSync(path, { recursive: true, mode: 0o700 })
  const lite = new PGlite({
    fs: new SyncedNodeFS(path),
    startParams: [
      ...PGlite.defaultStartParams.filter((parameter) => parameter !== '-F'),
      '-c',
      'wal_sync_method=fsync',
      '-c',
      'shared_buffers=16MB',
      ...byIndex,
    ],
  })
  await lite.waitReady
  if (first) syncTree(directory)
  return lite
}
