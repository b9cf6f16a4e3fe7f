import { fork } from 'node:child_process'
import { readdirSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import type { Result } from './harness.ts'

const usage = 'npm run bench [-- NAME...]    figures of tests/bench/NAME.bench.ts as one JSON document on stdout'
const folder = import.meta.dirname
const minutes = 15

const there = readdirSync(folder)
  .filter((name) => name.endsWith('.bench.ts'))
  .map((name) => name.replace('.bench.ts', ''))
  .sort()

const asked = process.argv.slice(2)
if (asked.includes('--help')) {
  console.log(usage)
  process.exit(0)
}
const unknown = asked.filter((name) => !there.includes(name))
if (unknown.length > 0 || there.length === 0) {
  console.error(`no such bench: ${unknown.join(', ')}; there are: ${there.join(', ')}\n${usage}`)
  process.exit(2)
}

/** Runs one bench; what it prints goes to stderr. */
function run(name: string): Promise<Result[]> {
  return new Promise((resolve, reject) => {
    const child = fork(join(folder, 'one.ts'), [name, join(folder, `${name}.bench.ts`)], { stdio: ['ignore', 2, 2, 'ipc'] })
    const limit = setTimeout(() => child.kill('SIGKILL'), minutes * 60_000)
    let said: { results?: Result[]; error?: string } = {}
    child.once('message', (message) => {
      said = message as typeof said
    })
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      clearTimeout(limit)
      if (code === 0 && said.results) resolve(said.results)
      else
        reject(
          new Error(
            signal ? `ended by ${signal} (the limit is ${minutes} minutes)` : (said.error ?? `exit ${code} without a result`),
          ),
        )
    })
  })
}

const results: Result[] = []
const errors: { bench: string; error: string }[] = []
for (const name of asked.length > 0 ? asked : there) {
  console.error(`bench ${name} ...`)
  try {
    const figures = await run(name)
    results.push(...figures)
    for (const { name: what, value, unit, met } of figures) {
      console.error(`  ${what}: ${value.toPrecision(4)} ${unit}${met === false ? ', goal missed' : ''}`)
    }
  } catch (error) {
    errors.push({ bench: name, error: (error as Error).message })
    console.error(`  failed: ${(error as Error).message}`)
  }
}

const cpus = os.cpus()
const machine = {
  cpu: cpus[0]?.model ?? 'unknown',
  cores: cpus.length,
  memoryMb: Math.round(os.totalmem() / 2 ** 20),
  load: os.loadavg()[0],
  os: `${os.type()} ${os.release()} ${os.arch()}`,
  node: process.versions.node,
  openssl: process.versions.openssl,
}
console.log(JSON.stringify({ date: new Date().toISOString(), machine, results, errors }, null, 2))
process.exitCode = errors.length > 0 ? 1 : 0
