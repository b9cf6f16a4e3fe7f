import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, test as base, expect, type Page } from '@playwright/test'

export { expect }

export interface DemoPerson {
  id: string
  name: string
  phone: string
  identityNumber: string
  password: string | null
  registered: boolean
  roles: string[]
  twinOf: string | null
}

export interface DemoMessage {
  id: string
  at: string
  channel: string
  to: string
  purpose: string
  text: string
}

/** The real demo hospital in a process of its own, as `npm start` runs it. */
export class DemoHospital {
  readonly origin: string
  /** The adult's browser state, kept between journeys that are not about signing in. */
  kept: Awaited<ReturnType<BrowserContext['storageState']>> | null = null
  readonly #port: number
  readonly #data: string
  #process: ChildProcess | null = null

  constructor(port: number) {
    this.#port = port
    this.origin = `http://localhost:${port}`
    this.#data = mkdtempSync(join(tmpdir(), 'zhiqing-journey-'))
  }

  async start(): Promise<void> {
    const cli = new URL('../../server/cli.ts', import.meta.url).pathname
    const env = { ...process.env, PORT: String(this.#port), ZHIQING_DATA: this.#data, NODE_ENV: 'development' }
    const child = spawn(process.execPath, [cli, 'serve', '--demo'], { env, stdio: ['ignore', 'ignore', 'pipe'] })
    this.#process = child
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    const until = Date.now() + 50_000
    while (!(await this.#answers())) {
      if (child.exitCode !== null || Date.now() > until) throw new Error(`the demo did not start:\n${said}`)
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }

  async #answers(): Promise<boolean> {
    const reply = await fetch(`${this.origin}/readyz`).catch(() => null)
    return reply?.ok ?? false
  }

  /** Ends the process and waits for it; the data stays for `start`. */
  async stop(): Promise<void> {
    const child = this.#process
    this.#process = null
    if (!child || child.exitCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    await ended
  }

  async remove(): Promise<void> {
    await this.stop()
    rmSync(this.#data, { recursive: true, force: true })
  }

  async people(): Promise<DemoPerson[]> {
    return (await (await fetch(`${this.origin}/demo/people`)).json()) as DemoPerson[]
  }

  async outbox(): Promise<DemoMessage[]> {
    return (await (await fetch(`${this.origin}/demo/outbox`)).json()) as DemoMessage[]
  }

  /** The adult whose chart has sensitive results too. */
  async adult(): Promise<DemoPerson> {
    const people = await this.people()
    const twin = people.find(({ twinOf }) => twinOf !== null)
    return people.find(({ id }) => id === twin?.twinOf) as DemoPerson
  }

  /** The newest six digits that an SMS of this purpose brought to a number, no older than `since`. */
  async code(phone: string, purpose: string, since: Date): Promise<string> {
    for (let tries = 0; tries < 50; tries += 1) {
      const found = (await this.outbox()).find(
        (message) => message.to.endsWith(phone) && message.purpose === purpose && new Date(message.at) >= since,
      )
      const code = /(?<!\d)\d{6}(?!\d)/.exec(found?.text ?? '')?.[0]
      if (code !== undefined) return code
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    throw new Error(`no ${purpose} for ${phone}`)
  }
}

export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })

export const test = base.extend<object, { hospital: DemoHospital }>({
  hospital: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright wants a pattern for fixtures of none.
    async ({}, use) => {
      const hospital = new DemoHospital(await freePort())
      await hospital.start()
      await use(hospital)
      await hospital.remove()
    },
    { scope: 'worker', timeout: 90_000 },
  ],
  baseURL: async ({ hospital }, use) => {
    await use(hospital.origin)
  },
})

/** Signs a person in through the screens (zh-Hans), as far as their reports. */
export async function signIn(page: Page, hospital: DemoHospital, person: DemoPerson): Promise<void> {
  await page.goto('/sign-in')
  const since = new Date()
  await page.getByLabel('手机号').fill(person.phone)
  await page.getByLabel('密码', { exact: true }).fill(person.password as string)
  await page.getByRole('button', { name: '下一步' }).click()
  await page.getByLabel('6 位验证码').fill(await hospital.code(person.phone, 'sms.sign-in-code', since))
  await page.getByRole('button', { name: '登录' }).click()
  await expect(page.getByRole('heading', { name: '近 3 个月的报告' })).toBeVisible()
}

/** Opens the adult's reports, signing in only where no earlier journey left a session: sign-ins per number are limited. */
export async function enter(page: Page, hospital: DemoHospital): Promise<void> {
  const kept = hospital.kept
  if (kept) {
    await page.context().addCookies(kept.cookies)
    await page.goto('/')
    await page.evaluate((items) => {
      for (const { name, value } of items) if (localStorage.getItem(name) === null) localStorage.setItem(name, value)
    }, kept.origins[0]?.localStorage ?? [])
    await page.goto('/reports')
    const live = await page.evaluate(
      async () => ((await (await fetch('/api/session')).json()) as { person: unknown }).person !== null,
    )
    if (live) return expect(page.getByRole('heading', { name: '近 3 个月的报告' })).toBeVisible()
  }
  await signIn(page, hospital, await hospital.adult())
  hospital.kept = await page.context().storageState()
}
