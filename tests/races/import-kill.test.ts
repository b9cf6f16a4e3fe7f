import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { testDatabases } from '../support/postgres.ts'
import { launch, runCommand } from './gateway-process.ts'
import { type Database, databaseRows } from './look-inside.ts'

const folder = mkdtempSync(join(tmpdir(), 'zhiqing-import-kill-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const entries = 800
const moments = [100, 350, 600]
const ids = Array.from({ length: entries }, (_, index) => `o${index}`)

const observation = (id: string) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { text: 'Heart rate' },
  subject: { reference: 'Patient/p' },
  effectiveDateTime: '2026-11-01T08:00:00+08:00',
  valueQuantity: { value: 70, unit: '/min' },
})

/** Kills the command at several moments after it has the store open: each time the bundle is there whole or not at all. */
async function killImports(env: Database): Promise<void> {
  const file = join(folder, 'bundle.json')
  const entry = ids.map((id) => ({ resource: observation(id) }))
  writeFileSync(file, JSON.stringify({ resourceType: 'Bundle', type: 'collection', entry }))
  const opener = join(folder, 'a.json')
  writeFileSync(opener, JSON.stringify({ resourceType: 'Patient', id: 'p', name: [{ text: 'Lin' }], birthDate: '1980-01-01' }))
  const ends: (string | null)[] = []
  for (const moment of moments) {
    const importer = launch(['import', opener, file], env)
    // The first file's counts say that the store is open and the bundle is next.
    await new Promise<void>((resolve) => {
      importer.stdout?.once('data', () => resolve())
      void importer.ended.then(() => resolve())
    })
    await sleep(moment)
    importer.kill('SIGKILL')
    ends.push((await importer.ended).signal)
    const { records } = await databaseRows(env, 'hospital', ids)
    expect([0, entries]).toContain(records.size)
  }
  expect(ends).toContain('SIGKILL')
  const whole = await runCommand(['import', file], env)
  expect(whole.code).toBe(0)
  const { stored, unchanged } = JSON.parse(whole.out) as { stored: number; unchanged: number }
  expect(stored + unchanged).toBe(entries)
  expect((await databaseRows(env, 'hospital', ids)).records.size).toBe(entries)
}

test(
  '[SE-6] embedded: kill -9 in the middle of a bundle leaves all of it or nothing',
  () => killImports({ ZHIQING_DATA: join(folder, 'data') }),
  90_000,
)

test('[SE-6] PostgreSQL: kill -9 in the middle of a bundle leaves all of it or nothing', async (context) => {
  const databases = testDatabases()
  if ('absent' in databases) return context.skip(databases.absent)
  const { url, drop } = await databases.createDatabase()
  try {
    await killImports({ ZHIQING_DATA: join(folder, 'none'), DATABASE_URL: url, ZHIQING_MASTER_KEY: 'ab'.repeat(32) })
  } finally {
    await drop()
  }
}, 90_000)
