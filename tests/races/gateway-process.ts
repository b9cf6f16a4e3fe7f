import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

// The gateway as people run it: a process of its own, asked over HTTP, killed without a word.

const root = join(import.meta.dirname, '../..')
const command = join(root, 'server/cli.ts')
// Starting takes half the time when the code is compiled already.
const compiled = join(tmpdir(), 'zhiqing-test-compiled')

export interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  out: string
  err: string
}

/** The command with exactly this environment beside PATH; what runs when the test's process ends is killed. */
export function launch(args: string[], env: Record<string, string>): ChildProcess & { ended: Promise<Ended> } {
  const child = spawn(process.execPath, [command, ...args], {
    cwd: root,
    env: { PATH: process.env.PATH ?? '', TZ: 'America/St_Johns', NODE_COMPILE_CACHE: compiled, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const killIt = () => child.kill('SIGKILL')
  process.once('exit', killIt)
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    out += part
  })
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    err += part
  })
  const ended = once(child, 'close').then(([code, signal]) => {
    process.off('exit', killIt)
    return { code, signal, out, err } as Ended
  })
  return Object.assign(child, { ended })
}

/** Runs a command to its end; `input` goes to its stdin. */
export function runCommand(args: string[], env: Record<string, string>, input = ''): Promise<Ended> {
  const child = launch(args, env)
  child.stdin?.end(input)
  return child.ended
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}

export class GatewayProcess {
  readonly origin: string
  readonly #child: ReturnType<typeof launch>

  private constructor(origin: string, child: ReturnType<typeof launch>) {
    this.origin = origin
    this.#child = child
  }

  /** Starts the demo with these settings (PORT among them) and waits until it listens; throws with its words when it ends instead. */
  static async start(env: Record<string, string>): Promise<GatewayProcess> {
    const child = launch(['serve', '--demo'], env)
    const listens = new Promise<void>((resolve) => {
      child.stderr?.on('data', (part: string) => part.includes('Zhiqing listens') && resolve())
    })
    const failed = child.ended.then(({ code, err }) => {
      throw new Error(`the gateway ended with ${code}: ${err}`)
    })
    await Promise.race([listens, failed])
    failed.catch(() => {})
    return new GatewayProcess(`http://localhost:${env.PORT}`, child)
  }

  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<Ended> {
    this.#child.kill(signal)
    return this.#child.ended
  }
}

/** A browser's cookies and origin over real HTTP. Throws where no answer comes. */
export class Visitor {
  readonly #origin: string
  readonly #cookies = new Map<string, string>()

  constructor(origin: string) {
    this.#origin = origin
  }

  // biome-ignore lint/suspicious/noExplicitAny: replies of every route; tests look at what they expect.
  async ask(method: 'GET' | 'POST', path: string, body?: unknown): Promise<{ status: number; json: any }> {
    const answer = await fetch(this.#origin + path, {
      method,
      headers: {
        origin: this.#origin,
        cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      this.#cookies.set(name, value)
    }
    return { status: answer.status, json: text === '' ? null : JSON.parse(text) }
  }

  async signIn(phone: string, password: string): Promise<void> {
    await this.ask('POST', '/api/sign-in/password', { phone, password })
    const { json } = await this.ask('GET', '/demo/outbox')
    const sent = (json as { to: string; text: string }[]).find(({ to, text }) => to.endsWith(phone) && /\d{6}/.test(text))
    const { status } = await this.ask('POST', '/api/sign-in/code', { code: /\d{6}/.exec(sent?.text ?? '')?.[0] ?? '' })
    if (status !== 200) throw new Error(`sign-in: ${status}`)
  }
}
