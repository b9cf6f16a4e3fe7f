import type { FastifyReply, FastifyRequest } from 'fastify'
import { sql } from 'kysely'
import { type Refusal, refuse } from '../../shared/contract/errors.ts'
import type { Db, Tx } from '../platform/db.ts'
import { type Deps, randomId } from '../platform/deps.ts'

/**
 * Sessions live in the store; the browser holds 256 random bits, of which the store keeps a keyed hash. Every change of
 * privilege makes a new one. Passkeys and step-up (part B) hang on `state` and on the session's row.
 */
export interface Session {
  idHash: Buffer
  publicId: string
  state: 'anonymous' | 'code' | 'signed-in'
  accountId: string | null
  patientId: string | null
}

export const sessionCookie = '__Host-zhiqing'
export const deviceCookie = '__Host-zhiqing-device'

const cookiePattern = (name: string) => new RegExp(`(?:^|;\\s*)${name}=([A-Za-z0-9_-]{43})(?:;|$)`)
const patterns = { [sessionCookie]: cookiePattern(sessionCookie), [deviceCookie]: cookiePattern(deviceCookie) }

export const readCookie = (request: FastifyRequest, name: typeof sessionCookie | typeof deviceCookie): string | null =>
  patterns[name]?.exec(request.headers.cookie ?? '')?.[1] ?? null

/** `maxAge` in seconds; null = until the browser closes. */
function setCookie(reply: FastifyReply, name: string, value: string, maxAge: number | null): void {
  const age = maxAge === null ? '' : `; Max-Age=${maxAge}`
  // Fastify adds a cookie to those that are set already.
  reply.header('set-cookie', `${name}=${value}; Path=/; Secure; HttpOnly; SameSite=Strict${age}`)
}

interface Row {
  id_hash: Buffer
  public_id: string
  state: Session['state']
  account_id: string | null
  patient_id: string | null
  seen_at: Date
  expires_at: Date
}

const touchEveryMs = 60_000

interface Asked {
  idHash: Buffer
  resolve(row: Row | undefined): void
  reject(error: unknown): void
}

const waiting = new WeakMap<Db, Asked[]>()

/** Sessions that are asked for while one statement runs are read with the next: a statement each would be most of a request's cost. */
function readSession(db: Db, idHash: Buffer): Promise<Row | undefined> {
  return new Promise((resolve, reject) => {
    const queue = waiting.get(db)
    if (queue) return void queue.push({ idHash, resolve, reject })
    waiting.set(db, [{ idHash, resolve, reject }])
    void readWaiting(db)
  })
}

async function readWaiting(db: Db): Promise<void> {
  for (let group = waiting.get(db); group && group.length > 0; group = waiting.get(db)) {
    waiting.set(db, [])
    try {
      const { rows } = await sql<Row>`
        select id_hash, public_id, state, account_id, patient_id, seen_at, expires_at from session
        where id_hash = any(${group.map(({ idHash }) => idHash)}::bytea[])`.execute(db)
      for (const { idHash, resolve } of group) resolve(rows.find(({ id_hash }) => id_hash.equals(idHash)))
    } catch (error) {
      for (const { reject } of group) reject(error)
    }
  }
  waiting.delete(db)
}

/** The live session of a request. Ended by its time, by idleness (server time), by sign-out, or by an account that is gone. */
export async function findSession(db: Db, deps: Deps, request: FastifyRequest): Promise<Session | Refusal> {
  const secret = readCookie(request, sessionCookie)
  if (secret === null) return refuse('not-signed-in')
  const idHash = deps.keys.sessionHash(secret)
  const row = await readSession(db, idHash)
  const now = deps.now().getTime()
  const idleMs = (deps.profile.session.idleMinutes as number) * 60_000
  if (!row || row.expires_at.getTime() <= now || row.seen_at.getTime() + idleMs <= now) return refuse('session-ended')
  if (row.seen_at.getTime() + touchEveryMs <= now) {
    await db.updateTable('session').set({ seen_at: deps.now() }).where('id_hash', '=', idHash).execute()
  }
  return { idHash, publicId: row.public_id, state: row.state, accountId: row.account_id, patientId: row.patient_id }
}

/** Ends the request's session, if any, and begins another with new secret and name. */
export async function rotateSession(
  tx: Tx,
  deps: Deps,
  request: FastifyRequest,
  reply: FastifyReply,
  next: { state: 'anonymous' | 'code' } | { state: 'signed-in'; accountId: string; patientId: string },
): Promise<Session> {
  await endSession(tx, deps, request)
  const secret = deps.random('session', 32).toString('base64url')
  const idHash = deps.keys.sessionHash(secret)
  const now = deps.now()
  const signedIn = next.state === 'signed-in' ? next : null
  const minutes = signedIn ? (deps.profile.session.hours as number) * 60 : (deps.profile.codes.minutes as number) * 3
  const session: Session = {
    idHash,
    publicId: randomId(deps, 'session-name'),
    state: next.state,
    accountId: signedIn?.accountId ?? null,
    patientId: signedIn?.patientId ?? null,
  }
  await tx
    .insertInto('session')
    .values({
      id_hash: idHash,
      public_id: session.publicId,
      state: session.state,
      account_id: session.accountId,
      patient_id: session.patientId,
      created_at: now,
      seen_at: now,
      expires_at: new Date(now.getTime() + minutes * 60_000),
    })
    .execute()
  setCookie(reply, sessionCookie, secret, null)
  return session
}

export async function endSession(tx: Tx, deps: Deps, request: FastifyRequest): Promise<void> {
  const secret = readCookie(request, sessionCookie)
  if (secret !== null) await tx.deleteFrom('session').where('id_hash', '=', deps.keys.sessionHash(secret)).execute()
}

export function forgetCookie(reply: FastifyReply): void {
  setCookie(reply, sessionCookie, '', 0)
}

const deviceSeconds = 400 * 24 * 3600

/** Names this browser for limits per device; made at its first try. */
export function deviceOf(deps: Deps, request: FastifyRequest, reply: FastifyReply): string {
  const known = readCookie(request, deviceCookie)
  if (known !== null) return known
  const fresh = deps.random('device', 32).toString('base64url')
  setCookie(reply, deviceCookie, fresh, deviceSeconds)
  return fresh
}

/** Network for limits: an IPv4 /24 or an IPv6 /56. */
export function networkOf(address: string): string {
  const v4 = /^(?:::ffff:)?(\d+\.\d+\.\d+)\.\d+$/.exec(address)
  if (v4) return `${v4[1]}.0/24`
  const [head = '', tail = ''] = address.split('%')[0]?.split('::') ?? []
  const left = head === '' ? [] : head.split(':')
  const right = tail === '' ? [] : tail.split(':')
  const groups = [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right]
  const bits = groups.slice(0, 4).map((group) => Number.parseInt(group, 16) || 0)
  return `${bits.map((group, index) => (index === 3 ? group & 0xff00 : group).toString(16)).join(':')}::/56`
}

/** One caller for the pace of requests: an IPv4 address, or all of an IPv6 /56, which one subscriber has. */
export const callerAt = (address: string): string => (/^(?:::ffff:)?[\d.]+$/.test(address) ? address : networkOf(address))

/** Browser and system in names that are the same in every language, from what the browser says of itself. */
export function deviceName(userAgent: string | undefined): string {
  const agent = (userAgent ?? '').slice(0, 400)
  const browsers: [RegExp, string][] = [
    [/MicroMessenger/, 'WeChat'],
    [/HuaweiBrowser/, 'Huawei Browser'],
    [/Edg(e|A|iOS)?\//, 'Edge'],
    [/Firefox|FxiOS/, 'Firefox'],
    [/Chrome|CriOS/, 'Chrome'],
    [/Safari/, 'Safari'],
  ]
  const systems: [RegExp, string][] = [
    [/HarmonyOS|OpenHarmony/, 'HarmonyOS'],
    [/Android/, 'Android'],
    [/iPhone|iPad/, 'iOS'],
    [/Windows/, 'Windows'],
    [/Mac OS X/, 'macOS'],
    [/Linux/, 'Linux'],
  ]
  const find = (list: [RegExp, string][]) => list.find(([pattern]) => pattern.test(agent))?.[1]
  return [find(browsers), find(systems)].filter((name) => name !== undefined).join(' · ') || '–'
}
