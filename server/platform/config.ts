import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import * as v from 'valibot'
import { findProfile, missingFields, type Profile, profileIds } from '../../shared/policy/profile.ts'
import type { Hospital } from './deps.ts'

/** What the environment asks for was refused: the sentence says which setting to mend. Exit code 2. */
export class BadConfig extends Error {}

export interface Config {
  mode: Mode
  port: number
  /** Address to listen on; the demo is bound to loopback whatever is asked. */
  host: string
  databaseUrl: string | null
  dataDirectory: string
  /** The origin that browsers see, e.g. https://my.hospital.cn */
  origin: string
  profile: Profile
  master: Buffer
  hospital: Hospital | null
  /** Proxies whose X-Forwarded-For is believed (CIDR list). */
  proxies: string[]
  ingestClientsFile: string | null
  breachedPasswordsFile: string | null
  /** Where the clock starts (demo and tests). */
  startAt: Date | null
}

const Words = v.object({ 'zh-Hans': v.string(), 'zh-Hant': v.string(), en: v.string() })
const HospitalFile = v.object({ name: Words, inPersonPlace: Words, inPersonPhone: v.string() })

type Env = Record<string, string | undefined>

/** A setting, or the content of the file its _FILE variant names. */
function secret(env: Env, name: string): string | null {
  const file = env[`${name}_FILE`]
  if (file !== undefined) {
    try {
      return readFileSync(file, 'utf8').trim()
    } catch (error) {
      throw new BadConfig(`${name}_FILE: ${file} cannot be read (${(error as NodeJS.ErrnoException).code})`)
    }
  }
  return env[name] ?? null
}

function integer(env: Env, name: string, fallback: number): number {
  const text = env[name]
  if (text === undefined || text === '') return fallback
  const number = Number(text)
  if (!Number.isInteger(number) || number < 0 || number > 65535)
    throw new BadConfig(`${name} must be a port number, not "${text}"`)
  return number
}

function parseMaster(text: string): Buffer {
  const bytes = /^[0-9a-f]{64}$/i.test(text) ? Buffer.from(text, 'hex') : Buffer.from(text, 'base64')
  if (bytes.length !== 32) throw new BadConfig('ZHIQING_MASTER_KEY must be 32 bytes as 64 hex digits or base64')
  return bytes
}

/** The embedded store's master key: a 0600 file beside the store's folder, made at the first start. */
export function embeddedMaster(directory: string): Buffer {
  const path = join(directory, 'keys', 'master.key')
  if (!existsSync(path)) {
    if (existsSync(join(directory, 'store'))) throw new BadConfig(`${path} is missing: without it the store cannot be read`)
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    writeFileSync(path, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx', flush: true })
  }
  if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600)
  return parseMaster(readFileSync(path, 'utf8').trim())
}

/** `serve` is production, `demo` the demo hospital, `command` a command on a store that a gateway serves or will serve. */
export type Mode = 'serve' | 'demo' | 'command'

/** Reads and judges the environment for what the command line asked for. */
export function readConfig(env: Env, mode: Mode): Config {
  const demo = mode === 'demo'
  if (demo && env.NODE_ENV === 'production') throw new BadConfig('--demo is refused with NODE_ENV=production')
  const dataDirectory = resolve(env.ZHIQING_DATA ?? './data')
  const databaseUrl = secret(env, 'DATABASE_URL')
  const masterText = secret(env, 'ZHIQING_MASTER_KEY')
  if (mode === 'command' && databaseUrl !== null && masterText === null) {
    throw new BadConfig('with DATABASE_URL, ZHIQING_MASTER_KEY_FILE is needed too')
  }
  if (mode === 'serve') {
    const missing = [
      databaseUrl === null && 'DATABASE_URL (PostgreSQL)',
      masterText === null && 'ZHIQING_MASTER_KEY_FILE (32 bytes, kept apart from the database)',
      env.ZHIQING_HOSPITAL_FILE === undefined && 'ZHIQING_HOSPITAL_FILE (name, in-person place and telephone)',
      env.ZHIQING_ORIGIN === undefined && 'ZHIQING_ORIGIN (the address that browsers use)',
    ].filter((line) => line !== false)
    if (missing.length > 0) throw new BadConfig(`serve needs ${missing.join(', ')}. To try the demo hospital: npm start`)
  }
  const profileId = env.ZHIQING_PROFILE ?? 'CN'
  const profile = findProfile(profileId)
  if (!profile) throw new BadConfig(`ZHIQING_PROFILE "${profileId}" is unknown; there are ${profileIds.join(', ')}`)
  const missing = missingFields(profile)
  if (missing.length > 0) throw new BadConfig(`profile ${profileId} has fields without a source yet: ${missing.join(', ')}`)
  const port = integer(env, 'PORT', 8080)
  const origin = env.ZHIQING_ORIGIN ?? `http://localhost:${port}`
  if (!URL.canParse(origin) || new URL(origin).origin !== origin) {
    throw new BadConfig(`ZHIQING_ORIGIN must be an origin such as https://my.hospital.cn, not "${origin}"`)
  }
  return {
    mode,
    port,
    host: demo ? 'localhost' : (env.HOST ?? '127.0.0.1'),
    databaseUrl,
    dataDirectory,
    origin,
    profile,
    master: masterText === null ? Buffer.alloc(0) : parseMaster(masterText),
    hospital: env.ZHIQING_HOSPITAL_FILE === undefined ? null : readHospital(env.ZHIQING_HOSPITAL_FILE),
    proxies: readProxies(env.ZHIQING_PROXIES ?? ''),
    breachedPasswordsFile: env.ZHIQING_BREACHED_PASSWORDS_FILE ?? null,
    ingestClientsFile: env.ZHIQING_INGEST_CLIENTS_FILE ?? null,
    startAt: readStart(env.ZHIQING_NOW, mode !== 'serve' && env.NODE_ENV !== 'production'),
  }
}

/** Addresses or ranges; names such as `loopback` are not taken, so that nobody trusts more than was written. */
function readProxies(text: string): string[] {
  const parts = text.split(',').map((part) => part.trim())
  return parts
    .filter((part) => part !== '')
    .map((part) => {
      const [address = '', bits, more] = part.split('/')
      const version = isIP(address)
      const range = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
      if (version === 0 || !range || more !== undefined) throw new BadConfig(`ZHIQING_PROXIES: "${part}" is no address or range`)
      return part
    })
}

function readHospital(path: string): Hospital {
  try {
    return v.parse(HospitalFile, JSON.parse(readFileSync(path, 'utf8')))
  } catch (error) {
    const why = v.isValiError(error) ? `${v.getDotPath(error.issues[0])}: ${error.issues[0].message}` : (error as Error).message
    throw new BadConfig(`ZHIQING_HOSPITAL_FILE ${path}: ${why}`)
  }
}

function readStart(text: string | undefined, allowed: boolean): Date | null {
  if (text === undefined || text === '') return null
  if (!allowed) throw new BadConfig('ZHIQING_NOW is for the demo only')
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text) || Number.isNaN(Date.parse(text))) {
    throw new BadConfig(`ZHIQING_NOW must be an instant with its offset, such as 2026-11-20T10:00:00+08:00, not "${text}"`)
  }
  return new Date(text)
}

/** A clock that starts at `start` and runs on; null = the machine's. */
export function clock(start: Date | null, machine: () => number = Date.now): () => Date {
  if (start === null) return () => new Date(machine())
  const offset = start.getTime() - machine()
  return () => new Date(machine() + offset)
}
