import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { temporaryCluster } from '../support/postgres.ts'
import { type Figure, perCpuSecond } from './harness.ts'
import { personLines, writeLines } from './import/lines.ts'

const command = join(import.meta.dirname, '../../server/cli.ts')
/** 200 MB with ZHIQING_BENCH_IMPORT_MB=200; the bound on memory is the same for any size. */
const megabytes = Number(process.env.ZHIQING_BENCH_IMPORT_MB ?? 20)

/** `zhiqing import` of NDJSON into an initialised store: resources a second by the clock, and the most memory it took. */
export default async function imports(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'zhiqing-bench-import-'))
  const cluster = await temporaryCluster()
  try {
    const file = join(folder, 'hospital.ndjson')
    const count = await writeLines(file, megabytes * 1e6)
    const texts = [...personLines(1)].map((resource) => JSON.stringify(resource))
    let next = 0
    const value = perCpuSecond(() => JSON.stringify(JSON.parse(texts[next++ % texts.length] as string)))
    const reference = { name: 'JSON.parse and JSON.stringify of the same', value }
    const figures: Figure[] = []
    const measure = async (store: string, env: Record<string, string>) => {
      const first = join(folder, 'first.json')
      writeFileSync(first, JSON.stringify({ resourceType: 'Patient', id: 'first' }))
      await run(['import', first], env)
      const began = performance.now()
      const peak = await run(['import', file], env)
      const rate = (count * 1000) / (performance.now() - began)
      figures.push({ name: `import, ${store}`, unit: 'resources per second', value: rate, reference })
      if (peak !== null)
        figures.push({ name: `memory of ${megabytes} MB, ${store}`, unit: 'MB at most', value: peak, goal: { atMost: 500 } })
    }
    await measure('embedded', { ZHIQING_DATA: join(folder, 'data') })
    if ('absent' in cluster) throw new Error(cluster.absent)
    const { url } = await cluster.createDatabase()
    await measure('PostgreSQL', { ZHIQING_DATA: join(folder, 'none'), DATABASE_URL: url, ZHIQING_MASTER_KEY: 'ab'.repeat(32) })
    return figures
  } finally {
    if (!('absent' in cluster)) await cluster.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Runs the command; answers its peak resident memory in MB where the system tells (Linux). */
async function run(args: string[], env: Record<string, string>): Promise<number | null> {
  const child = spawn(process.execPath, [command, ...args], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 2],
  })
  let peak: number | null = null
  const watch = setInterval(() => {
    peak = peakOf(child.pid as number) ?? peak
  }, 200)
  child.stdout?.on('data', (part: Buffer) => process.stderr.write(part))
  const [code] = (await once(child, 'close')) as [number | null]
  clearInterval(watch)
  if (code !== 0) throw new Error(`import ended with ${code}`)
  return peak
}

function peakOf(pid: number): number | null {
  try {
    const kilobytes = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return kilobytes === undefined ? null : Number(kilobytes) / 1024
  } catch {
    return null
  }
}
