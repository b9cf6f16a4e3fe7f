import type { PGlite } from '@electric-sql/pglite'
import { createPgConfig } from '@electric-sql/pglite/node-postgres'
import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient, type Transaction } from 'kysely'
import pg from 'pg'
import type { Schema } from './schema.ts'

/** `owner` imports, migrates and runs jobs; `patient` serves the patient routes and has no right on in-person records. */
export type Role = 'owner' | 'patient'
export type Db = Kysely<Schema>
export type Tx = Transaction<Schema>

export interface Store {
  readonly kind: 'embedded' | 'postgres'
  readonly owner: Db
  readonly patient: Db
  close(): Promise<void>
}

export const patientRole = 'zhiqing_patient'

const names = new Map<string, string>()

/** A client whose statements are prepared under a name: the second run of a text skips parsing and planning. */
class NamingClient extends pg.Client {
  // biome-ignore lint/suspicious/noExplicitAny: pg's overloads cannot be restated; only the (text, values) form is touched.
  override query(...all: any[]): any {
    const [text, values] = all
    if (typeof text !== 'string' || !Array.isArray(values) || values.length === 0 || text.length > 4000)
      return Reflect.apply(super.query, this, all)
    let name = names.get(text)
    if (name === undefined && names.size < 400) {
      name = `s${names.size}`
      names.set(text, name)
    }
    return Reflect.apply(super.query, this, [name === undefined ? { text, values } : { name, text, values }, ...all.slice(2)])
  }
}

const roleOf = new WeakMap<object, Role>()

/** The same pool seen under one role: whatever a connection did before, it is handed out with this role set. */
function poolFor(pool: pg.Pool, role: Role): PostgresPool {
  return {
    async connect() {
      const client = await pool.connect()
      if ((roleOf.get(client) ?? 'owner') !== role) {
        try {
          await client.query(role === 'patient' ? `set role ${patientRole}` : 'reset role')
          roleOf.set(client, role)
        } catch (error) {
          client.release(true)
          throw error
        }
      }
      return client as unknown as PostgresPoolClient
    },
    options: pool.options,
    end: async () => {},
  }
}

// bigint columns hold sequence numbers and milliseconds, both below 2^53.
pg.types.setTypeParser(pg.types.builtins.INT8, Number)
// Lists are full of times; the engine parses the usual form three times faster than pg's own parser.
const parseTimestamp = pg.types.getTypeParser(pg.types.builtins.TIMESTAMPTZ) as (text: string) => Date
pg.types.setTypeParser(pg.types.builtins.TIMESTAMPTZ, (text: string) =>
  /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,3})?[+-]\d\d$/.test(text)
    ? new Date(`${text.replace(' ', 'T')}:00`)
    : parseTimestamp(text),
)
pg.types.setTypeParser(1016 as number, (text: string) => (text === '{}' ? [] : text.slice(1, -1).split(',').map(Number)))

function build(kind: Store['kind'], pool: pg.Pool, end: () => Promise<void>): Store {
  pool.on('error', () => {
    // An idle connection was lost; the pool drops it and the next query opens another.
  })
  // One that is lost in use fails its query; the event that tells of it as well would end the process if nobody listened.
  pool.on('connect', (client) => client.on('error', () => {}))
  const under = (role: Role) => new Kysely<Schema>({ dialect: new PostgresDialect({ pool: poolFor(pool, role) }) })
  return { kind, owner: under('owner'), patient: under('patient'), close: end }
}

export function storeOnPostgres(url: string, connections = 12): Store {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: 5000,
    statement_timeout: 30_000,
    idle_in_transaction_session_timeout: 30_000,
    // As in embedded.ts: a plan made while the tables were empty must not stay.
    options: '-c enable_seqscan=off',
    Client: NamingClient,
  })
  return build('postgres', pool, () => pool.end())
}

/** One connection: PGlite is one session. Waiting for it is bounded, or a forgotten transaction would hang everything. */
export function storeOnEmbedded(lite: PGlite, release: () => void): Store {
  const pool = new pg.Pool({
    ...(createPgConfig(lite) as unknown as pg.PoolConfig),
    max: 1,
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: 30_000,
    Client: NamingClient,
  })
  return build('embedded', pool, async () => {
    await pool.end()
    await lite.close()
    release()
  })
}
