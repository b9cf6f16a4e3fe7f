import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Browser, Page } from '@playwright/test'
import { testPassword } from '../support/gateway-words.ts'
import { expect, freePort, test } from './fixture.ts'

/** Everything a person with this phone can see and everything their browser keeps. */
async function walk(browser: Browser, origin: string, phone: string): Promise<string[]> {
  const context = await browser.newContext({
    viewport: { width: 360, height: 760 },
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
  })
  const page = await context.newPage()
  // The same browser time for both: only the hospital differs.
  await page.clock.install({ time: new Date('2026-05-31T07:30:00Z') })
  const seen: string[] = []
  const look = async (name: string) => {
    await expect(page.locator('h1').first()).toBeVisible()
    await expect(page.locator('[aria-busy=true]')).toHaveCount(0)
    seen.push(`${name}\n${await page.locator('body').innerText()}`)
  }
  await page.goto(`${origin}/sign-in`)
  await page.getByLabel('手机号').fill(phone)
  await page.getByLabel('密码', { exact: true }).fill(testPassword)
  await page.getByRole('button', { name: '下一步' }).click()
  await page.getByLabel('6 位验证码').waitFor()
  const outbox = (await (await fetch(`${origin}/demo/outbox`)).json()) as { text: string }[]
  await page.getByLabel('6 位验证码').fill(/\d{6}/.exec(outbox[0]?.text ?? '')?.[0] ?? '')
  await page.getByRole('button', { name: '登录' }).click()
  await expect(page.getByRole('heading', { name: '近 3 个月的报告' })).toBeVisible()
  const more = page.getByRole('button', { name: '显示更多' })
  for (let pages = 0; pages < 5 && (await more.count()) > 0; pages += 1) await more.click()
  await look('reports')
  const reports = await page
    .locator('main a[href^="/reports/"]')
    .evaluateAll((links) => links.map((link) => link.getAttribute('href')))
  for (const href of reports) {
    await page.goto(origin + href)
    await look(href as string)
  }
  for (const path of ['/medications', '/access-log', '/me']) {
    await page.goto(origin + path)
    await look(path)
  }
  seen.push(`stores\n${JSON.stringify(await storesOf(page), null, 1)}`)
  await context.close()
  return seen
}

/** Cache Storage, IndexedDB, local and session storage, with what is in them. */
const storesOf = (page: Page) =>
  page.evaluate(async () => {
    const cached: Record<string, string[]> = {}
    for (const name of (await caches.keys()).sort()) {
      const keys = await (await caches.open(name)).keys()
      cached[name] = keys.map(({ url }) => new URL(url).pathname).sort()
    }
    const databases = (await indexedDB.databases()).map(({ name, version }) => `${name} ${version}`).sort()
    const text = (storage: Storage) => Object.entries({ ...storage }).sort()
    return { cached, databases, local: text(localStorage), session: text(sessionStorage) }
  })

test('[VW-3] five pairs of twins look the same on every screen and in every store of the browser', async ({ browser }) => {
  test.setTimeout(300_000)
  for (let seed = 1000; seed < 1005; seed += 1) {
    const port = await freePort()
    const walks: string[][] = []
    for (const side of ['with', 'without'] as const) {
      const script = new URL('./twin-gateway.ts', import.meta.url).pathname
      const child = spawn(process.execPath, [script, String(port), String(seed), side], { stdio: ['ignore', 'pipe', 'inherit'] })
      try {
        const [phone] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string]
        walks.push(await walk(browser, `http://localhost:${port}`, phone.trim()))
      } finally {
        child.kill('SIGTERM')
        if (child.exitCode === null) await once(child, 'exit')
      }
    }
    expect(walks[0]?.length, `seed ${seed}: enough to see`).toBeGreaterThan(8)
    expect(walks[0], `seed ${seed}`).toEqual(walks[1])
  }
})
