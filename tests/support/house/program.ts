import { spawn } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { root } from './source.ts'

export interface Ended {
  /** `exit 0`, `exit 1`, `SIGKILL`, or why it did not start or was ended. */
  exit: string
  seconds: number
}

/** Group leaders that run now: Ctrl-C of this process ends them too. */
const running = new Set<number>()
let interrupted = false
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    interrupted = true
    for (const pid of running) endGroup(pid, signal)
    process.exitCode = 1
    setTimeout(() => process.exit(1), 15_000).unref()
  })
}

function endGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch {
    // It ended by itself in between.
  }
}

/** Runs a program of node_modules/.bin (or a path) from the root, in a group of its own, and ends the whole group after `minutes`. */
export async function runProgram(
  name: string,
  args: string[],
  { env = {}, minutes, quiet = false }: { env?: Record<string, string>; minutes: number; quiet?: boolean },
): Promise<Ended> {
  if (interrupted) return { exit: 'not started: interrupted', seconds: 0 }
  const began = performance.now()
  const seconds = () => Math.round((performance.now() - began) / 100) / 10
  const path = [join(root, 'node_modules/.bin'), process.env.PATH ?? ''].join(delimiter)
  const stdio = quiet ? 'ignore' : 'inherit'
  const child = spawn(name, args, {
    cwd: root,
    detached: true,
    stdio: ['ignore', stdio, stdio],
    env: { ...process.env, ...env, PATH: path },
  })
  const { pid } = child
  if (pid) running.add(pid)
  let late = false
  const limit = setTimeout(() => {
    late = true
    if (!pid) return
    endGroup(pid, 'SIGTERM')
    setTimeout(() => endGroup(pid, 'SIGKILL'), 20_000).unref()
  }, minutes * 60_000)
  try {
    const exit = await new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(`did not start: ${error.message}`))
      child.once('close', (code, signal) => resolve(signal ?? `exit ${code}`))
    })
    return { exit: late ? `ended after ${minutes} minutes` : exit, seconds: seconds() }
  } finally {
    clearTimeout(limit)
    if (pid) running.delete(pid)
  }
}
