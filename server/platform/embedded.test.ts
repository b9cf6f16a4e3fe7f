import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lockDirectory, openEmbedded } from './embedded.ts'

/** Locks are a process's: only another process can say whether one holds. */
function tryFromOutside(directory: string): string {
  const script = `import { lockDirectory } from ${JSON.stringify(new URL('./embedded.ts', import.meta.url).href)}
    try { lockDirectory(${JSON.stringify(directory)}); console.log('had it') } catch (error) { console.log(error.message) }`
  return spawnSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' }).stdout.trim()
}

test('[SE-6] a folder is one process alone’s from the very run that makes its store until it lets go', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'zhiqing-lock-'))
  try {
    const lock = lockDirectory(directory)
    const lite = await openEmbedded(directory)
    expect(tryFromOutside(directory)).toContain('in use by another process')
    expect(statSync(directory).mode & 0o777).toBe(0o700)
    await lite.close()
    lock.release()
    expect(tryFromOutside(directory)).toBe('had it')
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
})
