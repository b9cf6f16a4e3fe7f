import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import pg from 'pg'
import { expect, test } from 'vitest'
import { storeOnEmbedded, storeOnPostgres } from '../../server/platform/db.ts'
import { lockDirectory, openEmbedded } from '../../server/platform/embedded.ts'
import { migrate } from '../../server/platform/migrate.ts'
import { type Answer, type Browser, signIn, startGateway } from '../support/gateway.ts'
import { temporaryCluster } from '../support/postgres.ts'
import { roomy } from './on-both-stores.ts'
import { admit, newPerson, reportOf } from './people.ts'

const at = '2026-11-18T01:00:00Z'

const reads = ['reports', 'medications', 'identity', 'access-log'].map((list) => `/api/people/self/${list}`)

function expectUnavailable(answer: Answer): void {
  expect(answer.status, answer.body).toBe(503)
  expect(answer.json).toMatchObject({ code: 'unavailable', retryAfter: 5 })
  expect(answer.body).not.toMatch(/血|ECONN|terminat|socket|\/tmp/)
}

const readAll = (browser: Browser) => Promise.all(reads.map((url) => browser.get(url)))

/** A connection that died while it lay idle may cost one answer more each, until the pool has noticed. */
async function worksAgain(browser: Browser): Promise<void> {
  for (let tries = 0; tries < 30; tries += 1) {
    const answer = await browser.get('/api/people/self/reports')
    if (answer.status === 200) return
    expectUnavailable(answer)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  expect.unreachable('the store is back, the answers are not')
}

test('[SE-5] [SE-6] PostgreSQL gone in mid-answer: 503 and no word of a record; back again: as before', async (context) => {
  const cluster = await temporaryCluster({ fast: true })
  if ('absent' in cluster) return context.skip(cluster.absent)
  const { url } = await cluster.createDatabase()
  const store = storeOnPostgres(url)
  try {
    await migrate(store.owner)
    const gateway = await startGateway(store, { change: roomy })
    const person = newPerson()
    const browser = await signIn(gateway, await admit(gateway, person, ...reportOf(person, 'lost-1', at)))
    const before = await browser.get('/api/people/self/reports')
    expect(before.body).toContain('血常规')

    // Connections that are cut while they answer.
    const admin = new pg.Client({ connectionString: url })
    admin.on('error', () => {})
    await admin.connect()
    await admin.query('begin')
    await admin.query('lock table audit_event in access exclusive mode')
    const waiting = readAll(browser)
    await new Promise((resolve) => setTimeout(resolve, 150))
    await admin.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname is not null',
    )
    for (const answer of await waiting) expectUnavailable(answer)
    await admin.query('rollback')
    await worksAgain(browser)
    await admin.end()

    await cluster.kill()
    // Sessions of a killed postmaster answer on for a moment.
    for (let tries = 0; tries < 100 && (await browser.get('/readyz')).status === 200; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    await new Promise((resolve) => setTimeout(resolve, 300))
    for (const answer of await readAll(browser)) expectUnavailable(answer)
    expectUnavailable(await browser.get('/readyz'))
    expect((await browser.get('/healthz')).status).toBe(200)
    await cluster.start()
    await worksAgain(browser)
    const after = await browser.get('/api/people/self/reports')
    expect(after.body.replace(/"to":"[^"]+"/, '')).toBe(before.body.replace(/"to":"[^"]+"/, ''))
    expect(gateway.reports.length).toBeGreaterThan(0)
    expect(gateway.reports.join('\n')).not.toMatch(/血|1647770|440106|select |insert /)
    await gateway.app.close()
  } finally {
    await store.close().catch(() => {})
    await cluster.stop()
  }
}, 60_000)

test('[SE-5] [SE-6] an embedded store that is closed answers 503, and opens again with everything acknowledged', async () => {
  const at_ = mkdtempSync(join(tmpdir(), 'zhiqing-test-lost-'))
  const openStore = async () => {
    const lock = lockDirectory(at_)
    return storeOnEmbedded(await openEmbedded(at_), () => lock.release())
  }
  try {
    const store = await openStore()
    await migrate(store.owner)
    const gateway = await startGateway(store, { change: roomy })
    const person = newPerson()
    const browser = await signIn(gateway, await admit(gateway, person, ...reportOf(person, 'lost-2', at)))
    const before = await browser.get('/api/people/self/reports')
    await gateway.jobs.stop()
    await store.close()
    for (const answer of await readAll(browser)) expectUnavailable(answer)
    expectUnavailable(await browser.get('/readyz'))
    expect((await browser.get('/healthz')).status).toBe(200)
    expect(gateway.reports.join('\n')).not.toMatch(/血|1647770|440106/)
    await gateway.app.close()

    const again = await openStore()
    const change = (deps: Parameters<typeof roomy>[0]) => ({
      ...roomy(deps),
      random: (_: string, bytes: number) => randomBytes(bytes),
    })
    const second = await startGateway(again, { change })
    const kept = await second.app.inject({
      url: '/api/people/self/reports',
      headers: { cookie: [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
    })
    expect(kept.body).toBe(before.body)
    expect((await sql`select 1 from audit_event where operation = 'reports-listed'`.execute(again.owner)).rows).toHaveLength(2)
    await second.app.close()
    await again.close()
  } finally {
    rmSync(at_, { recursive: true, force: true })
  }
}, 60_000)
