import { mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { open } from '../../server/open.ts'
import { readConfig } from '../../server/platform/config.ts'
import { testDatabases } from '../support/postgres.ts'
import { freePort, GatewayProcess, launch, runCommand, Visitor } from './gateway-process.ts'

const folder = mkdtempSync(join(tmpdir(), 'zhiqing-start-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)

describe('one folder, one process', () => {
  const data = join(folder, 'demo')
  let env: Record<string, string>
  let gateway: GatewayProcess

  beforeAll(async () => {
    env = { ZHIQING_DATA: data, PORT: String(await freePort()) }
    const first = launch(['serve', '--demo'], env)
    await new Promise<void>((resolve) => first.stderr?.on('data', (part: string) => part.includes('seeding') && resolve()))
    await sleep(1000)
    first.kill('SIGKILL')
    await first.ended
    gateway = await GatewayProcess.start(env)
  }, 60_000)
  afterAll(() => gateway.end('SIGKILL'))

  test('[SE-6] a demo that was killed while it was made is made to its end', async () => {
    const { json } = await new Visitor(gateway.origin).ask('GET', '/demo/people')
    const people = json as { registered: boolean; phone: string; password: string }[]
    const registered = people.filter((person) => person.registered)
    expect(registered.length).toBeGreaterThanOrEqual(3)
    const visitor = new Visitor(gateway.origin)
    await visitor.signIn(registered[0]!.phone, registered[0]!.password)
    expect((await visitor.ask('GET', '/api/people/self/reports')).json.items.length).toBeGreaterThan(5)
  })

  test('a second process is refused with words, and the first goes on', async () => {
    const second = await runCommand(['serve', '--demo'], { ...env, PORT: String(await freePort()) })
    expect(second.code).toBe(1)
    expect(second.err).toBe(
      `zhiqing: ${data} is in use by another process. Stop that one first, or set ZHIQING_DATA to another folder.\n`,
    )
    expect((await new Visitor(gateway.origin).ask('GET', '/readyz')).json).toEqual({ ready: true })
  })

  test('[SE-5] nobody else on the machine gets in: folder 0700, key and socket 0600', () => {
    expect(modeOf(data)).toBe('700')
    expect(modeOf(join(data, 'store'))).toBe('700')
    expect(modeOf(join(data, 'keys/master.key'))).toBe('600')
    expect(modeOf(join(data, 'control.sock'))).toBe('600')
  })

  test('a port in use and a clock before the last event are refused with words, and kill -9 frees the folder', async () => {
    await gateway.end('SIGKILL')
    const early = await runCommand(['serve', '--demo'], { ...env, ZHIQING_NOW: '2020-01-01T00:00:00+08:00' })
    expect([early.code, early.err]).toEqual([
      2,
      expect.stringMatching(/^zhiqing: the clock says 2019-12-31T16:00:00.000Z, .* set the clock right, or ZHIQING_NOW later\n$/),
    ])
    const key = join(data, 'keys/master.key')
    renameSync(key, `${key}.away`)
    const keyless = await runCommand(['serve', '--demo'], env)
    expect([keyless.code, keyless.err]).toEqual([2, `zhiqing: ${key} is missing: without it the store cannot be read\n`])
    writeFileSync(key, `${'ab'.repeat(32)}\n`, { mode: 0o600 })
    const foreign = await runCommand(['serve', '--demo'], env)
    expect([foreign.code, foreign.err]).toEqual([2, expect.stringContaining('not the one this store was made with')])
    renameSync(`${key}.away`, key)
    gateway = await GatewayProcess.start(env)
    const crowded = await runCommand(['serve', '--demo'], { ...env, ZHIQING_DATA: join(folder, 'other') })
    expect([crowded.code, crowded.err]).toEqual([2, expect.stringContaining(`port ${env.PORT} is in use`)])
  }, 60_000)
})

test('the demo is refused in production, and production without its settings, each named', async () => {
  const demo = await runCommand(['serve', '--demo'], { ZHIQING_DATA: join(folder, 'none'), NODE_ENV: 'production' })
  expect([demo.code, demo.err]).toEqual([2, 'zhiqing: --demo is refused with NODE_ENV=production\n'])
  const real = await runCommand(['serve'], { ZHIQING_DATA: join(folder, 'none') })
  expect(real.code).toBe(2)
  for (const setting of ['DATABASE_URL', 'ZHIQING_MASTER_KEY_FILE', 'ZHIQING_HOSPITAL_FILE', 'ZHIQING_ORIGIN']) {
    expect(real.err).toContain(setting)
  }
})

test('a demo store stays a demo, a real one stays real', async (context) => {
  const databases = testDatabases()
  if ('absent' in databases) return context.skip(databases.absent)
  const words = { 'zh-Hans': 'A', 'zh-Hant': 'A', en: 'A' }
  const hospital = join(folder, 'hospital.json')
  writeFileSync(hospital, JSON.stringify({ name: words, inPersonPlace: words, inPersonPhone: '1' }))
  const settings = async (url: string) => ({
    DATABASE_URL: url,
    ZHIQING_DATA: join(folder, 'marks'),
    ZHIQING_MASTER_KEY: 'cd'.repeat(32),
    ZHIQING_HOSPITAL_FILE: hospital,
    ZHIQING_ORIGIN: 'https://my.hospital.example',
    PORT: String(await freePort()),
  })
  const [demo, real] = [await databases.createDatabase(), await databases.createDatabase()]
  try {
    for (const [database, mode] of [
      [demo, 'demo'],
      [real, 'serve'],
    ] as const) {
      await (await open(readConfig(await settings(database.url), mode))).store.close()
    }
    const wrong = await runCommand(['serve'], await settings(demo.url))
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('stays a demo for ever')])
    const worse = await runCommand(['serve', '--demo'], await settings(real.url))
    expect([worse.code, worse.err]).toEqual([2, expect.stringContaining('this store holds real patients')])
  } finally {
    await demo.drop()
    await real.drop()
  }
})
