import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { temporaryCluster } from '../support/postgres.ts'
import type { Answered, Task } from './gateway/load.ts'
import type { Serving } from './gateway/serving.ts'
import type { Figure } from './harness.ts'

const seconds = 5
const rounds = 3
const connections = 32

/** The real gateway with sessions, decryption and an audit event that each answer waits for; both stores with real fsync. */
export default async function gateway(): Promise<Figure[]> {
  const load = fork(join(import.meta.dirname, 'gateway/load.ts'), { stdio: ['ignore', 2, 2, 'ipc'] })
  const folder = mkdtempSync(join(tmpdir(), 'zhiqing-bench-'))
  const cluster = await temporaryCluster()
  try {
    const plain = await measure(load, 'plain', {}, ['lists'])
    const reference = { name: 'bare node:http answering 5 KB', value: plain.lists as number }
    const figures: Figure[] = []
    const add = async (store: string, env: NodeJS.ProcessEnv, listGoal: number) => {
      const rates = await measure(load, store, env, ['lists', 'details'])
      const unit = 'requests per CPU second of the gateway'
      figures.push({
        name: `list of reports, ${store}`,
        unit,
        value: rates.lists as number,
        goal: { atLeast: listGoal },
        reference,
      })
      figures.push({ name: `report with trends, ${store}`, unit, value: rates.details as number, reference })
    }
    await add('embedded', { ZHIQING_DATA: join(folder, 'embedded') }, 800)
    if ('absent' in cluster) throw new Error(cluster.absent)
    const { url } = await cluster.createDatabase()
    await add('PostgreSQL', { ZHIQING_DATA: join(folder, 'postgres'), DATABASE_URL: url }, 2500)
    return figures
  } finally {
    load.disconnect()
    if (!('absent' in cluster)) await cluster.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The median of some rounds of requests per second of the serving process's CPU time. */
async function measure(load: ChildProcess, store: string, env: NodeJS.ProcessEnv, what: ('lists' | 'details')[]) {
  const profile = process.env.ZHIQING_BENCH_PROFILE
  const execArgv = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`, `--cpu-prof-name=${store}.cpuprofile`]
  const child = fork(join(import.meta.dirname, 'gateway/serving.ts'), [store === 'plain' ? 'plain' : 'store'], {
    env: { ...process.env, NODE_ENV: 'test', ...env },
    execArgv,
    stdio: ['ignore', 2, 2, 'ipc'],
  })
  try {
    const serving = await heard<Serving>(child)
    const rates: Partial<Record<'lists' | 'details', number>> = {}
    // A session counts for itself only after it was found once; until then for its address, which may ask 50 times a second.
    load.send({ port: serving.port, requests: serving.lists, connections: 1, seconds: 0, once: 40 } satisfies Task)
    await heard(load)
    for (const kind of what) {
      const ask = async (time: number) => {
        load.send({ port: serving.port, requests: serving[kind], connections, seconds: time } satisfies Task)
        const answered = await heard<Answered | { error: string }>(load)
        if ('error' in answered) throw new Error(`${store}, ${kind}: ${answered.error}`)
        return answered
      }
      await ask(2)
      const found: number[] = []
      for (let round = 0; round < rounds; round += 1) {
        const before = await cpuOf(child)
        const { count, bytes, p50, p99 } = await ask(seconds)
        const spent = (await cpuOf(child)) - before
        found.push(count / spent)
        const times = `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`
        const size = `${Math.round(bytes / count)} bytes each`
        console.error(
          `  ${store}, ${kind}: ${Math.round(count / seconds)} a second, ${Math.round(count / spent)} a CPU second, ${times}, ${size}`,
        )
      }
      rates[kind] = found.sort((a, b) => a - b)[Math.floor(rounds / 2)] as number
    }
    return rates
  } finally {
    if (child.exitCode === null) {
      const gone = once(child, 'exit')
      child.send('close')
      await gone
    }
  }
}

async function cpuOf(child: ChildProcess): Promise<number> {
  child.send('cpu')
  const { user, system } = await heard<NodeJS.CpuUsage>(child)
  return (user + system) / 1e6
}

/** The child's next message; an error when it ends instead. */
function heard<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = () => reject(new Error('the process ended'))
    child.once('exit', end)
    child.once('message', (message) => {
      child.off('exit', end)
      resolve(message as T)
    })
  })
}
