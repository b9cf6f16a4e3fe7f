import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, test } from 'vitest'
import { type Cluster, temporaryCluster, testDatabases } from '../support/postgres.ts'
import { freePort, GatewayProcess, Visitor } from './gateway-process.ts'
import type { Database } from './look-inside.ts'
import { type Acknowledged, askCode, importBundle, missing, nothingYet, question, readLists, reveal, write } from './writers.ts'

const kills = 20
const folder = mkdtempSync(join(tmpdir(), 'zhiqing-kill-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Person {
  phone: string
  password: string | null
  registered: boolean
}

/** Everyone who can sign in, signed in; their sessions are acknowledged too, and must live through every kill. */
async function visitors(origin: string): Promise<[Visitor, Visitor, Visitor]> {
  const { json } = await new Visitor(origin).ask('GET', '/demo/people')
  const people = (json as Person[]).filter(({ registered }) => registered).slice(0, 3)
  const signedIn = await Promise.all(
    people.map(async ({ phone, password }) => {
      const visitor = new Visitor(origin)
      await visitor.signIn(phone, password as string)
      return visitor
    }),
  )
  return signedIn as [Visitor, Visitor, Visitor]
}

/** Starts every writer; the answer stops them, once the gateway is gone. */
function writeEverything(done: Acknowledged, [one, two, three]: [Visitor, Visitor, Visitor], env: Database, round: number) {
  const stop = new AbortController()
  const stranger = new Visitor(originOf(env))
  let number = 0
  const acts = [
    () => readLists(done, one),
    () => reveal(done, two),
    () => question(done, three),
    async () => {
      // One network may ask for 120 codes in an hour (ID-10).
      if (number < 5) await askCode(done, stranger, `164${String(round).padStart(4, '0')}${String(number++).padStart(4, '0')}`)
    },
  ]
  if (env.DATABASE_URL === undefined) {
    const socket = join(env.ZHIQING_DATA as string, 'control.sock')
    acts.push(() =>
      importBundle(
        done,
        socket,
        ['a', 'b', 'c'].map((name) => `${round}-${number}-${name}-${importing++}`),
      ),
    )
  }
  const writers = acts.map((act) => write(done, stop.signal, act))
  return async () => {
    stop.abort()
    await Promise.all(writers)
  }
}

let importing = 0

const originOf = (env: Database) => `http://localhost:${env.PORT}`

async function codesSent(origin: string): Promise<string[]> {
  const { json } = await new Visitor(origin).ask('GET', '/demo/outbox')
  return (json as { to: string; purpose: string }[])
    .filter(({ purpose }) => purpose === 'sms.registration-code')
    .map(({ to }) => to.slice(-11))
}

/** Each round every kind of writer gets on at least once, and then the gateway dies at some moment. */
async function killOften(env: Database): Promise<void> {
  const done = nothingYet()
  let gateway = await GatewayProcess.start(env)
  const people = await visitors(gateway.origin)
  for (let round = 0; round < kills; round += 1) {
    const stop = writeEverything(done, people, env, round)
    await grown(done, env.DATABASE_URL === undefined ? 5 : 4)
    await sleep((round * 67) % 250)
    await gateway.end('SIGKILL')
    await stop()
    gateway = await GatewayProcess.start(env)
  }
  const codes = await codesSent(gateway.origin)
  await gateway.end('SIGTERM')
  expect(await missing(done, env, codes)).toEqual([])
}

const amounts = ({ lists, reveals, questions, codes, imported }: Acknowledged) => [
  lists,
  reveals,
  questions.size,
  codes.length,
  imported.length,
]

/** Waits until every kind of writer had something acknowledged again; a writer that never does fails its round. */
async function grown(done: Acknowledged, kinds = amounts(done).length): Promise<void> {
  const before = amounts(done).slice(0, kinds)
  for (const until = Date.now() + 10_000; ; await sleep(20)) {
    const now = amounts(done)
    if (before.every((amount, kind) => (now[kind] ?? 0) > amount)) return
    if (Date.now() > until) throw new Error(`some writer gets nothing acknowledged: ${before} to ${now}`)
  }
}

describe.concurrent('kill -9 of the gateway, 20 times under writing', () => {
  test('[SE-6] embedded: what was acknowledged is there', async () => {
    const env = { ZHIQING_DATA: join(folder, 'embedded'), PORT: String(await freePort()) }
    await killOften(env)
  }, 150_000)

  test('[SE-6] PostgreSQL: what was acknowledged is there', async (context) => {
    const databases = testDatabases()
    if ('absent' in databases) return context.skip(databases.absent)
    const { url, drop } = await databases.createDatabase()
    try {
      const env = { ZHIQING_DATA: join(folder, 'postgres'), PORT: String(await freePort()), DATABASE_URL: url }
      await killOften(env)
    } finally {
      await drop()
    }
  }, 150_000)
})

test('[SE-6] kill -9 of PostgreSQL under writing: the gateway says it cannot, comes back by itself, and nothing is lost', async (context) => {
  const cluster = await temporaryCluster()
  if ('absent' in cluster) return context.skip(cluster.absent)
  try {
    await killPostgres(cluster)
  } finally {
    await cluster.stop()
  }
}, 90_000)

async function killPostgres(cluster: Cluster): Promise<void> {
  const { url } = await cluster.createDatabase()
  const env = { ZHIQING_DATA: join(folder, 'cluster'), PORT: String(await freePort()), DATABASE_URL: url }
  const gateway = await GatewayProcess.start(env)
  const done = nothingYet()
  const people = await visitors(gateway.origin)
  const stop = writeEverything(done, people, env, 0)
  await grown(done, 4)
  await cluster.kill()
  const { status, json } = await people[0].ask('GET', '/api/people/self/reports')
  expect([status, json.code]).toEqual([503, 'unavailable'])
  await cluster.start()
  await grown(done, 3)
  await stop()
  const codes = await codesSent(gateway.origin)
  await gateway.end('SIGTERM')
  expect(await missing(done, env, codes)).toEqual([])
}
