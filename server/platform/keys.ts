import { createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import { sql } from 'kysely'
import type { Db, Tx } from './db.ts'
import { seal, unseal } from './seal.ts'

export type Random = (purpose: string, bytes: number) => Buffer

const systemKeyNames = ['id', 'lookup', 'session', 'cursor', 'code'] as const
type SystemKeyName = (typeof systemKeyNames)[number]

/** The keys of one store: the master key (apart from the database), and the system keys it wraps. */
export class Keys {
  readonly #wrapping: KeyObject
  readonly #system: Record<SystemKeyName, KeyObject>
  readonly #opened = new Map<string, KeyObject>()

  constructor(master: Buffer, system: Record<SystemKeyName, Buffer>) {
    this.#wrapping = wrappingKey(master)
    this.#system = Object.fromEntries(systemKeyNames.map((name) => [name, createSecretKey(system[name])])) as Record<
      SystemKeyName,
      KeyObject
    >
  }

  #keyed(name: SystemKeyName, parts: readonly string[]): Buffer {
    const hmac = createHmac('sha256', this.#system[name])
    // Lengths keep ('ab','c') and ('a','bc') apart.
    for (const part of parts) hmac.update(`${Buffer.byteLength(part)}:`).update(part)
    return hmac.digest()
  }

  /** 128 keyed bits: the same for the same parts, telling nothing of them. Source | type | id for a resource. */
  publicId(...parts: string[]): string {
    return this.#keyed('id', parts).subarray(0, 16).toString('base64url')
  }

  /** Keyed hash under which a number, a text or a limit's subject is found again. */
  lookup(...parts: string[]): Buffer {
    return this.#keyed('lookup', parts)
  }

  sessionHash(secret: string): Buffer {
    return this.#keyed('session', [secret])
  }

  codeHash(...parts: string[]): Buffer {
    return this.#keyed('code', parts)
  }

  /** Opaque and deterministic (the nonce is a keyed hash of the text): the same position gives the same cursor. */
  sealCursor(text: string, place: string): string {
    return seal(this.#system.cursor, text, place, this.#keyed('cursor', [place, text]).subarray(0, 12)).toString('base64url')
  }

  /** Throws SealBroken for a cursor of another list or person. */
  openCursor(cursor: string, place: string): string {
    return unseal(this.#system.cursor, Buffer.from(cursor, 'base64url'), place).toString('utf8')
  }

  wrap(dataKey: Buffer, owner: string, retention: string, nonce: Buffer): Buffer {
    return seal(this.#wrapping, dataKey, `data_key|${owner}|${retention}`, nonce)
  }

  /** Opened keys are kept by their wrapped bytes: once a row is gone or destroyed, nothing asks for its key any more. */
  unwrap(wrapped: Buffer, owner: string, retention: string): KeyObject {
    // With the owner: wrapped bytes that were copied to another row must not open from memory either.
    const at = `${owner}|${retention}|${wrapped.toString('latin1')}`
    const known = this.#opened.get(at)
    if (known) return known
    const key = createSecretKey(unseal(this.#wrapping, wrapped, `data_key|${owner}|${retention}`))
    if (this.#opened.size >= 20_000) this.#opened.delete(this.#opened.keys().next().value as string)
    this.#opened.set(at, key)
    return key
  }
}

const wrappingKey = (master: Buffer): KeyObject =>
  createSecretKey(Buffer.from(hkdfSync('sha256', master, '', 'zhiqing master wrapping', 32)))

/** Reads the system keys, making them at the store's first start. A master key that is not this store's is refused. */
export async function openKeys(db: Db, master: Buffer, random: Random): Promise<Keys> {
  if (master.length !== 32) throw new Error('the master key must be 32 bytes')
  const wrapping = wrappingKey(master)
  for (const name of systemKeyNames) {
    const fresh = seal(wrapping, random(`system-key:${name}`, 32), `system_key|${name}`, random('nonce', 12))
    await db
      .insertInto('system_key')
      .values({ name, wrapped: fresh })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .execute()
  }
  const rows = await db.selectFrom('system_key').selectAll().execute()
  const open = (name: SystemKeyName): Buffer => {
    const row = rows.find((candidate) => candidate.name === name)
    if (!row) throw new Error(`the store has no system key ${name}`)
    try {
      return unseal(wrapping, row.wrapped, `system_key|${name}`)
    } catch (cause) {
      throw new Error('the master key is not the one this store was made with', { cause })
    }
  }
  return new Keys(master, Object.fromEntries(systemKeyNames.map((name) => [name, open(name)])) as Record<SystemKeyName, Buffer>)
}

/** Retention classes: what is destroyed together. `audit-YYYY-MM` is one month of a person's log. */
export type RetentionClass = 'clinical' | 'account' | 'message' | `audit-${string}`

/**
 * The data key of an owner and class, made where there is none yet. One statement either way: how many there are must not
 * tell whether a person is known. Throws when it was destroyed.
 */
export async function dataKey(
  tx: Tx | Db,
  deps: { keys: Keys; random: Random; now(): Date },
  owner: string,
  retention: RetentionClass,
): Promise<KeyObject> {
  const fresh = deps.keys.wrap(deps.random('data-key', 32), owner, retention, deps.random('nonce', 12))
  const { rows } = await sql<{ wrapped: Buffer | null }>`
    with made as (
      insert into data_key (owner, class, wrapped, created_at) values (${owner}, ${retention}, ${fresh}, ${deps.now()})
      on conflict (owner, class) do nothing returning wrapped
    )
    select wrapped from made union all select wrapped from data_key where owner = ${owner} and class = ${retention}`.execute(tx)
  // Neither made nor seen: another transaction made it after this statement began.
  const row =
    rows[0] ??
    (await tx
      .selectFrom('data_key')
      .select('wrapped')
      .where('owner', '=', owner)
      .where('class', '=', retention)
      .executeTakeFirst())
  if (!row?.wrapped) throw new KeyDestroyed(owner)
  return deps.keys.unwrap(row.wrapped, owner, retention)
}

export class KeyDestroyed extends Error {
  constructor(owner: string) {
    super(`the data key of ${owner} was destroyed`)
  }
}

/** Destroys a data key for ever; what it sealed is unreadable from now on. */
export async function destroyDataKey(tx: Tx, now: Date, owner: string, retention: RetentionClass): Promise<void> {
  await tx
    .updateTable('data_key')
    .set({ wrapped: null, destroyed_at: now })
    .where('owner', '=', owner)
    .where('class', '=', retention)
    .where('destroyed_at', 'is', null)
    .execute()
}
