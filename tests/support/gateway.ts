import { createHmac } from 'node:crypto'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { buildApp } from '../../server/app.ts'
import { demoHospitalInfo } from '../../server/demo/hospital.ts'
import type { AuditGroups } from '../../server/evidence/audit.ts'
import { hashPassword } from '../../server/identity/password.ts'
import { openAccount } from '../../server/identity/registration.ts'
import type { Store } from '../../server/platform/db.ts'
import type { Deps } from '../../server/platform/deps.ts'
import type { Jobs } from '../../server/platform/jobs.ts'
import { openKeys } from '../../server/platform/keys.ts'
import { readOutbox } from '../../server/platform/messages.ts'
import { importStream } from '../../server/records/import/run.ts'
import type { IngestClient } from '../../server/records/ingest-routes.ts'
import type { FhirResource } from '../../shared/contract/fhir.ts'
import { findProfile, type Profile } from '../../shared/policy/profile.ts'
import { testPassword } from './gateway-words.ts'

export { testPassword }

export const origin = 'http://localhost:8080'
export const profile = findProfile('CN') as Profile

/** Random bytes that are the same for the same seed, purpose and count: what twins share. */
export function seededRandom(seed: string): Deps['random'] {
  const drawn = new Map<string, number>()
  return (purpose, bytes) => {
    const count = drawn.get(purpose) ?? 0
    drawn.set(purpose, count + 1)
    const blocks: Buffer[] = []
    for (let block = 0; block * 32 < bytes; block += 1) {
      blocks.push(createHmac('sha256', seed).update(`${purpose}|${count}|${block}`).digest())
    }
    return Buffer.concat(blocks).subarray(0, bytes)
  }
}

export interface TestClock {
  now(): Date
  set(at: Date): void
  advance(ms: number): void
}

export function testClock(start: Date): TestClock {
  let at = start.getTime()
  return {
    now: () => new Date(at),
    set: (next) => {
      at = next.getTime()
    },
    advance: (ms) => {
      at += ms
    },
  }
}

export interface Gateway {
  app: FastifyInstance
  deps: Deps
  jobs: Jobs
  audit: AuditGroups
  clock: TestClock
  reports: string[]
}

/** The real gateway on this store, with a clock and randomness that the test holds. */
export async function startGateway(
  store: Store,
  options: { seed?: string; now?: Date; demo?: boolean; ingestClients?: IngestClient[]; change?: (deps: Deps) => Deps } = {},
): Promise<Gateway> {
  const clock = testClock(options.now ?? new Date('2026-11-20T02:00:00.000Z'))
  const random = seededRandom(options.seed ?? 'test')
  const keys = await openKeys(
    store.owner,
    createHmac('sha256', 'master')
      .update(options.seed ?? 'test')
      .digest(),
    random,
  )
  const plain: Deps = { store, keys, profile, hospital: demoHospitalInfo, now: clock.now, random, demo: options.demo ?? false }
  const deps = options.change?.(plain) ?? plain
  const reports: string[] = []
  const { app, jobs, audit } = await buildApp(deps, {
    origin,
    proxies: [],
    clientDirectory: null,
    ingestClients: options.ingestClients ?? [],
    report: (line) => void reports.push(line),
  })
  return { app, deps, jobs, audit, clock, reports }
}

/** Brings FHIR in as the command does; throws on any rejected entry. */
export async function bringIn(deps: Deps, resources: FhirResource[], source = 'hospital'): Promise<void> {
  for (const resource of resources) {
    const body = (async function* () {
      yield Buffer.from(JSON.stringify(resource))
    })()
    const importing = { source, actor: 'test', operation: 'imported' } as const
    await importStream(deps, importing, body, { name: 'test.json', shiftDays: 0 }, (error) => {
      throw new Error(`rejected: ${JSON.stringify(error)}`)
    })
  }
}

let passwordHash: Promise<string> | null = null

/** Opens an account for a patient of the store. */
export async function giveAccount(deps: Deps, patientId: string, phone: string): Promise<string> {
  passwordHash ??= hashPassword(testPassword)
  const hash = await passwordHash
  return deps.store.owner
    .transaction()
    .execute(async (tx) => (await openAccount(tx, deps, { phone, passwordHash: hash }, patientId)) as string)
}

export interface Answer {
  status: number
  headers: Record<string, unknown>
  body: string
  // biome-ignore lint/suspicious/noExplicitAny: replies of every route; tests look at what they expect.
  json: any
}

/** A browser: keeps cookies, sends its origin. */
export class Browser {
  readonly cookies = new Map<string, string>()
  readonly #app: FastifyInstance
  readonly #headers: Record<string, string>

  constructor(app: FastifyInstance, headers: Record<string, string> = {}) {
    this.#app = app
    this.#headers = headers
  }

  async send(method: 'GET' | 'POST', url: string, body?: unknown, more: Partial<InjectOptions> = {}): Promise<Answer> {
    const answer = await this.#app.inject({
      method,
      url,
      headers: {
        origin,
        cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...this.#headers,
        ...more.headers,
      },
      ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
      ...(more.remoteAddress === undefined ? {} : { remoteAddress: more.remoteAddress }),
    })
    for (const { name, value } of answer.cookies) {
      if (value === '') this.cookies.delete(name)
      else this.cookies.set(name, value)
    }
    let json: unknown = null
    try {
      json = JSON.parse(answer.body)
    } catch {
      // Not every answer is JSON; tests that expect JSON fail on null.
    }
    return { status: answer.statusCode, headers: answer.headers, body: answer.body, json }
  }

  get(url: string) {
    return this.send('GET', url)
  }

  post(url: string, body: unknown = {}) {
    return this.send('POST', url, body)
  }
}

/** The newest code that an SMS brought to this number. */
export async function codeFor({ deps, jobs }: Gateway, phone: string): Promise<string> {
  await jobs.settled()
  const message = (await readOutbox(deps, 50)).find(({ to, text }) => to === phone && /\d{6}/.test(text))
  return /\d{6}/.exec(message?.text ?? '')?.[0] ?? 'none'
}

/** Signs in with password and code. */
export async function signIn(gateway: Gateway, phone: string): Promise<Browser> {
  const browser = new Browser(gateway.app)
  await browser.post('/api/sign-in/password', { phone, password: testPassword })
  const answer = await browser.post('/api/sign-in/code', { code: await codeFor(gateway, phone) })
  if (answer.status !== 200) throw new Error(`sign-in failed: ${answer.body}`)
  return browser
}
