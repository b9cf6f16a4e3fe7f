import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { finish } from './bench/harness.ts'
import { runProgram } from './support/house/program.ts'
import { shownBy } from './support/house/shown-by.ts'
import { addSkip, addUp, judgeRunner, lastLine, nothing, strictly, tallyJourneys, tallyUnrun } from './support/house/tally.ts'
import { temporaryCluster, testDatabases } from './support/postgres.ts'

const count = async (url: string) => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<{ count: number }>('select count(*)::int as count from kept')).rows[0]!.count
  } finally {
    await client.end()
  }
}

const write = async (url: string, ...statements: string[]) => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    for (const statement of statements) await client.query(statement)
  } finally {
    await client.end()
  }
}

describe('a PostgreSQL of its own', () => {
  test('what was committed is there after kill -9, with fsync on', async (context) => {
    const cluster = await temporaryCluster()
    if ('absent' in cluster) return context.skip(cluster.absent)
    try {
      const { url, drop } = await cluster.createDatabase()
      await write(url, 'create table kept (x int)', 'insert into kept values (1), (2)')
      await cluster.kill()
      await expect(count(url)).rejects.toThrow()
      await cluster.start()
      expect(await count(url)).toBe(2)
      await drop()
      await expect(count(url)).rejects.toThrow(/does not exist/)
    } finally {
      await cluster.stop()
    }
  })

  test('each file of a run gets a database of its own', async (context) => {
    const databases = testDatabases()
    if ('absent' in databases) return context.skip(databases.absent)
    const [one, other] = [await databases.createDatabase(), await databases.createDatabase()]
    try {
      await write(one.url, 'create table kept (x int)')
      expect(await count(one.url)).toBe(0)
      await expect(count(other.url)).rejects.toThrow(/does not exist/)
    } finally {
      await one.drop()
      await other.drop()
    }
  })
})

describe('the count hides nothing', () => {
  const passed = { ...nothing(), passed: 3 }
  test('a crash, a lost report and an empty run are failures', () => {
    expect(judgeRunner('unit', 'exit 0', passed).failed).toEqual([])
    expect(judgeRunner('unit', 'exit 1', passed).failed).toEqual(['unit: ended with exit 1 although no test failed'])
    expect(judgeRunner('unit', 'SIGKILL', undefined).failed).toEqual(['unit: ended (SIGKILL) without a report'])
    expect(judgeRunner('unit', 'exit 0', nothing()).failed).toEqual(['unit: found no tests'])
    expect(judgeRunner('unit', 'exit 1', { ...passed, failed: ['a'] }).failed).toEqual(['a'])
  })
  test('a skip has a reason or is a failure', () => {
    const tally = nothing()
    addSkip(tally, 'a', 'needs PostgreSQL')
    addSkip(tally, 'b (needs ../shared/data)', undefined)
    addSkip(tally, 'c', ' ')
    expect(tally.skipped.map(({ reason }) => reason)).toEqual(['needs PostgreSQL', 'needs ../shared/data'])
    expect(lastLine(addUp([tally, passed]))).toBe('3 passed, 1 failed, 2 skipped')
    expect(lastLine(passed)).toBe('3 passed, 0 failed')
    expect(lastLine(strictly(tally))).toBe('0 passed, 2 failed, 1 skipped')
  })
  test('journeys: flaky is failed, errors outside tests count, unrun ones are skipped', () => {
    const one = (title: string, status: 'expected' | 'flaky' | 'skipped', description?: string) => ({
      title,
      tests: [{ status, annotations: description ? [{ type: 'skip', description }] : [], results: [] }],
    })
    const specs = [one('a', 'expected'), one('b', 'flaky'), one('c', 'skipped', 'needs a camera')]
    const report = { suites: [{ title: 'x.spec.ts', suites: [{ title: 'given', specs }] }], errors: [{ message: 'no config' }] }
    const tally = tallyJourneys(report)
    expect(lastLine(tally)).toBe('1 passed, 2 failed, 1 skipped')
    expect(tally.failed).toEqual(['x.spec.ts > given > b: flaky', 'journeys: no config'])
    expect(tallyUnrun({ ...report, errors: [] }, 'needs Chromium').skipped).toHaveLength(3)
  })
  test('a program that fails, hangs, dies or is missing is told apart', async () => {
    const run = async (script: string, minutes = 1) => (await runProgram('sh', ['-c', script], { minutes, quiet: true })).exit
    expect(await run('exit 0')).toBe('exit 0')
    expect(await run('exit 3')).toBe('exit 3')
    expect(await run('kill -9 $$')).toBe('SIGKILL')
    expect(await run('sleep 60 & wait', 0.003)).toBe('ended after 0.003 minutes')
    expect((await runProgram('no-such-program', [], { minutes: 1 })).exit).toMatch(/did not start/)
  })
  test('vitest itself: passes, failures, skips, a file that does not load and an error outside tests', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'zhiqing-house-'))
    try {
      const vitest = join(import.meta.dirname, '../node_modules/vitest/dist/index.js')
      const head = `import { beforeAll, expect, test } from ${JSON.stringify(vitest)}\n`
      writeFileSync(join(folder, 'a.test.ts'), `${head}test('ok', () => {})\ntest('bad', () => expect(1).toBe(2))\n`)
      writeFileSync(join(folder, 'b.test.ts'), `${head}test('why', (c) => c.skip('needs rain'))\ntest.skip('silent', () => {})\n`)
      writeFileSync(join(folder, 'c.test.ts'), "throw new Error('does not load')\n")
      writeFileSync(
        join(folder, 'd.test.ts'),
        `${head}test('ok', () => { setTimeout(() => { throw new Error('stray') }); return new Promise((r) => setTimeout(r, 50)) })\n`,
      )
      const file = join(folder, 'report.json')
      const reporter = join(import.meta.dirname, 'support/house/unit-report.ts')
      const args = ['run', `--root=${folder}`, `--reporter=${reporter}`]
      const { exit } = await runProgram('vitest', args, { env: { ZHIQING_UNIT_REPORT: file }, minutes: 1 })
      const tally = JSON.parse(readFileSync(file, 'utf8'))
      expect(exit).toBe('exit 1')
      expect(tally.passed).toBe(2)
      expect(tally.skipped.map(({ reason }: { reason: string }) => reason)).toEqual(['needs rain'])
      expect(tally.failed).toHaveLength(4)
      for (const told of ['bad', 'silent: skipped without a reason', 'does not load', 'stray'])
        expect(tally.failed.join('\n')).toContain(told)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

test('a requirement is shown by a title, through wrappers too, and never by a test that is switched off', () => {
  const text = `test('[VW-2] hidden', () => {}); onBothStores(\`[VW-3] [AU-1] \${kind}\`, f); test.skip('[ID-1] off', () => {}); // [ID-2]`
  expect(shownBy({ path: 'a.test.ts', text }).map(({ id, title }) => `${id} ${title}`)).toEqual([
    'VW-2 [VW-2] hidden',
    'VW-3 [VW-3] [AU-1] …',
    'AU-1 [VW-3] [AU-1] …',
  ])
})

test('a bench gives figures or fails', () => {
  const figure = { name: 'reads', unit: 'per second', value: 50, goal: { atLeast: 60 }, reference: { name: 'plain', value: 100 } }
  expect(finish('x', [figure])).toEqual([{ bench: 'x', ...figure, ratio: 0.5, met: false }])
  expect(() => finish('x', [{ ...figure, value: Number.NaN }])).toThrow(/no figure/)
  expect(() => finish('x', [])).toThrow(/no figures/)
})
