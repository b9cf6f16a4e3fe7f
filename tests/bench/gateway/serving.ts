import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buildApp } from '../../../server/app.ts'
import { seedDemo } from '../../../server/demo/seed.ts'
import { open } from '../../../server/open.ts'
import { readConfig } from '../../../server/platform/config.ts'
import type { Deps } from '../../../server/platform/deps.ts'

// The gateway of a bench, in a process of its own so that its CPU time is its own. Its store is the environment's.

export interface Serving {
  port: number
  /** Every list that is asked for, with a session that may. */
  lists: Request[]
  details: Request[]
}

export interface Request {
  path: string
  session: string
}

// A session that asks more than 50 times in a second is cut off (SE-4): so many may together ask 5,000 times and more.
const sessionsInAll = 120
const plainBytes = 5 * 1024

if (process.argv[2] === 'plain') {
  const text = JSON.stringify({ text: 'x'.repeat(plainBytes) })
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(text)
  })
  server.listen(0, '127.0.0.1', () => {
    const requests = [{ path: '/', session: 'x'.repeat(43) }]
    announce({ port: (server.address() as AddressInfo).port, lists: requests, details: requests }, async () => server.close())
  })
} else {
  const config = readConfig(process.env, 'demo')
  const deps = await open(config)
  await seedDemo(deps)
  const app = await buildApp(deps, {
    origin: config.origin,
    proxies: [],
    clientDirectory: null,
    ingestClients: [],
    report: (line) => console.error(line),
  })
  await app.app.listen({ port: 0, host: '127.0.0.1' })
  const port = (app.app.server.address() as AddressInfo).port
  announce({ port, ...(await requestsOf(deps)) }, async () => {
    await app.app.close()
    await deps.store.close()
  })
}

/** CPU time is told whenever it is asked for; the process ends when its parent does. */
function announce(serving: Serving, close: () => Promise<unknown>): void {
  process.on('message', (message) => {
    if (message === 'cpu') process.send!(process.cpuUsage())
    else void close().then(() => process.exit(0))
  })
  process.once('disconnect', () => process.exit(1))
  process.send!(serving)
}

/** Sessions as sign-in makes them, for everyone whose list fills a page. */
async function requestsOf(deps: Deps): Promise<Pick<Serving, 'lists' | 'details'>> {
  const accounts = await deps.store.owner.selectFrom('account').select(['id', 'patient_id']).execute()
  const readings = await deps.store.owner.selectFrom('reading').select(['id', 'patient_id', 'at', 'kind']).execute()
  const from = deps.now().getTime() - 80 * 24 * 3_600_000
  const lists: Request[] = []
  const details: Request[] = []
  for (const account of accounts) {
    if (lists.length >= sessionsInAll) break
    const reports = readings.filter(
      ({ patient_id, kind, at }) => patient_id === account.patient_id && kind === 'report' && at.getTime() > from,
    )
    if (reports.length < 20) continue
    const sessions = Array.from({ length: sessionsInAll / 2 }, () => randomBytes(32).toString('base64url'))
    await deps.store.owner
      .insertInto('session')
      .values(
        sessions.map((session) => ({
          id_hash: deps.keys.sessionHash(session),
          public_id: randomBytes(16).toString('base64url'),
          state: 'signed-in' as const,
          account_id: account.id,
          patient_id: account.patient_id,
          created_at: deps.now(),
          seen_at: deps.now(),
          expires_at: new Date(deps.now().getTime() + 3_600_000),
        })),
      )
      .execute()
    for (const [n, session] of sessions.entries()) {
      lists.push({ path: '/api/people/self/reports', session })
      details.push({ path: `/api/people/self/reports/${reports[n % reports.length]!.id}`, session })
    }
  }
  return { lists, details }
}
