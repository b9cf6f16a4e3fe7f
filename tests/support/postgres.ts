import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, chownSync, closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'

export interface Database {
  /** A connection string for `pg`, `psql` and DATABASE_URL alike; its user is the cluster's superuser. */
  url: string
  drop(): Promise<void>
}
export interface Databases {
  url(database: string): string
  /** An empty database of its own. Roles belong to the cluster: they are shared. */
  createDatabase(): Promise<Database>
}
export interface Cluster extends Databases {
  /** Ends PostgreSQL in order and deletes its folder. */
  stop(): Promise<void>
  /** kill -9 of the postmaster, which takes the sessions down with it. The folder stays. */
  kill(): Promise<void>
  /** Starts it again after `kill`, on the same address. */
  start(): Promise<void>
}
export interface Absent {
  absent: string
}

const superuser = 'zhiqing_test'
const install = 'needs PostgreSQL 15 or newer (Debian: apt-get install postgresql; macOS: brew install postgresql)'

/** The newest server programs: Debian's, Homebrew's, else what PATH or pg_config name. */
function findPrograms(): string | undefined {
  const versions = (folder: string, pattern: RegExp) =>
    (existsSync(folder) ? readdirSync(folder) : [])
      .flatMap((name) => ({ name, version: Number(pattern.exec(name)?.[1] ?? 0) }))
      .filter(({ version }) => version >= 15)
      .sort((a, b) => b.version - a.version)
      .map(({ name }) => join(folder, name, 'bin'))
  const candidates = [
    ...versions('/usr/lib/postgresql', /^(\d+)$/),
    ...['/opt/homebrew/opt', '/usr/local/opt'].flatMap((folder) => versions(folder, /^postgresql@(\d+)$/)),
    ...(process.env.PATH ?? '').split(delimiter),
  ]
  try {
    candidates.push(execFileSync('pg_config', ['--bindir'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim())
  } catch {
    // No pg_config: one place fewer to look in.
  }
  return candidates.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')))
}

/** initdb and postgres refuse root, so root runs them as the system's `postgres` user. */
function identity(): { uid: number; gid: number } | Absent | undefined {
  if (process.getuid?.() !== 0) return undefined
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith('postgres:'))
  if (!line) return { absent: 'needs PostgreSQL to have a system user "postgres", because it refuses to run as root' }
  const [, , uid, gid] = line.split(':')
  return { uid: Number(uid), gid: Number(gid) }
}

/** Stops PostgreSQL and deletes its folder when this process dies without doing so: the pipe on stdin closes with it. */
const watchdog = `cat >/dev/null; pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null) &&
  ps -o args= -p "$pid" | grep -q -F "$1" && kill -QUIT "$pid" && sleep 1
rm -rf "$1"`

/**
 * A PostgreSQL of its own in a fresh folder. It listens on a socket inside that 0700 folder and on no port, so `trust` lets in nobody but
 * this user (and root): no password to pass around, no race for a free port, nothing that another user of the machine can reach.
 * `fast` switches fsync off: that loses nothing on kill -9, only when the machine dies; whoever measures leaves it on.
 */
export async function temporaryCluster({ fast = false } = {}): Promise<Cluster | Absent> {
  const programs = findPrograms()
  if (!programs) return { absent: install }
  const who = identity()
  if (who && 'absent' in who) return who
  const folder = mkdtempSync(join(tmpdir(), 'zhiqing-pg-'))
  chmodSync(folder, 0o700)
  if (who) chownSync(folder, who.uid, who.gid)
  const guard = spawn('sh', ['-c', watchdog, 'sh', folder], {
    ...who,
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
  })
  guard.unref()
  ;(guard.stdin as typeof guard.stdin & { unref?(): void }).unref?.()

  const data = join(folder, 'data')
  const log = join(folder, 'log')
  try {
    const encoding = ['--encoding=UTF8', '--locale=C.UTF-8']
    const init = ['-D', data, '-U', superuser, '--auth=trust', '--no-instructions', ...encoding, ...(fast ? ['--no-sync'] : [])]
    execFileSync(join(programs, 'initdb'), init, { ...who, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
  } catch (error) {
    guard.stdin.end()
    const said = (error as { stderr?: Buffer }).stderr?.toString() ?? ''
    throw new Error(`initdb failed: ${said}`, { cause: error })
  }

  const settings = {
    listen_addresses: '',
    unix_socket_directories: folder,
    unix_socket_permissions: '0700',
    max_connections: '100',
    fsync: fast ? 'off' : 'on',
    timezone: 'UTC',
  }
  const options = Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`])
  let server: ChildProcess | undefined
  const databases = databasesAt(folder)

  /** Resolves when queries are answered; false when the server ended first. */
  const launch = async (): Promise<boolean> => {
    const output = openSync(log, 'a')
    const child = spawn(join(programs, 'postgres'), ['-D', data, ...options], {
      ...who,
      cwd: folder,
      stdio: ['ignore', output, output],
    })
    closeSync(output)
    server = child
    for (const until = Date.now() + 60_000; Date.now() < until; await sleep(50)) {
      if (child.exitCode !== null || child.signalCode !== null) return false
      if (await answers(databases.url('postgres'))) return true
    }
    throw new Error(`PostgreSQL did not answer within a minute:\n${readFileSync(log, 'utf8')}`)
  }
  const end = async (signal: NodeJS.Signals) => {
    const child = server
    server = undefined
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill(signal)
    await gone
  }
  const cluster: Cluster = {
    ...databases,
    async start() {
      if (server) throw new Error('PostgreSQL runs already')
      // Sessions of a killed postmaster hold its shared memory for a moment; until they are gone it refuses to start.
      for (const until = Date.now() + 30_000; ; await sleep(200)) {
        if (await launch()) return
        server = undefined
        if (Date.now() > until) throw new Error(`PostgreSQL does not start:\n${readFileSync(log, 'utf8').slice(-2000)}`)
      }
    },
    kill: () => end('SIGKILL'),
    async stop() {
      await end('SIGINT')
      rmSync(folder, { recursive: true, force: true })
      guard.stdin.end()
    },
  }
  try {
    await cluster.start()
  } catch (error) {
    await cluster.stop()
    throw error
  }
  return cluster
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 })
  client.on('error', () => {})
  try {
    await client.connect()
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => {})
  }
}

function databasesAt(folder: string): Databases {
  const url = (database: string) => `postgresql:///${database}?host=${encodeURIComponent(folder)}&user=${superuser}`
  const run = async (sql: string) => {
    const client = new pg.Client({ connectionString: url('postgres') })
    await client.connect()
    try {
      await client.query(sql)
    } finally {
      await client.end()
    }
  }
  return {
    url,
    async createDatabase() {
      const name = `t_${randomBytes(6).toString('hex')}`
      await run(`create database ${name}`)
      return { url: url(name), drop: () => run(`drop database if exists ${name} with (force)`) }
    },
  }
}

const folderSetting = 'ZHIQING_TEST_PG'
const absentSetting = 'ZHIQING_TEST_PG_ABSENT'

/** Tells the processes that run the tests where the cluster of this run is, by their environment. */
export function announce(cluster: Cluster | Absent): void {
  if ('absent' in cluster) process.env[absentSetting] = cluster.absent
  else process.env[folderSetting] = new URL(cluster.url('postgres')).searchParams.get('host')!
}

/** The cluster that vitest started for this run, or why there is none: `context.skip('absent' in databases, databases.absent)`. */
export function testDatabases(): Databases | Absent {
  const folder = process.env[folderSetting]
  return folder
    ? databasesAt(folder)
    : { absent: process.env[absentSetting] ?? 'needs vitest, which starts PostgreSQL for a run' }
}
