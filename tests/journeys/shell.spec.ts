import { enter, expect, signIn, test } from './fixture.ts'

test('[UX-3] opens offline to an honest screen, without a byte of anybody', async ({ page, hospital, context }) => {
  await enter(page, hospital)
  await page.waitForFunction(async () => (await navigator.serviceWorker.ready).active?.state === 'activated')
  const cached = await page.evaluate(async () => {
    const urls: string[] = []
    for (const name of await caches.keys()) {
      for (const request of await (await caches.open(name)).keys()) urls.push(new URL(request.url).pathname)
    }
    return urls
  })
  expect(cached.length).toBeGreaterThan(3)
  expect(cached.filter((path) => path.startsWith('/api') || path.startsWith('/demo'))).toEqual([])
  await context.setOffline(true)
  await page.goto('/reports')
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await expect(page.locator('body')).toContainText(/网络|离线/)
  await expect(page.locator('body')).not.toContainText('血常规')
  await context.setOffline(false)
  await page.reload()
  await expect(page.getByText('血常规').first()).toBeVisible()
})

test('[UX-3] typed text survives a reload, secrets do not', async ({ page }) => {
  await page.goto('/sign-in')
  await page.getByLabel('手机号').fill('16412345678')
  await page.getByLabel('密码', { exact: true }).fill('Secret.Secret.1')
  await page.reload()
  await expect(page.getByLabel('手机号')).toHaveValue('16412345678')
  await expect(page.getByLabel('密码', { exact: true })).toHaveValue('')
  const stored = await page.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage }))
  expect(stored).not.toContain('Secret.Secret.1')
})

test('[J-2] [UX-1] three languages and large type, remembered', async ({ page }) => {
  await page.goto('/')
  const size = () => page.evaluate(() => Number.parseFloat(getComputedStyle(document.body).fontSize))
  const usual = await size()
  await page.getByRole('banner').getByRole('button', { name: /大字/ }).click()
  expect(await size()).toBeGreaterThan(usual * 1.2)
  for (const [language, words] of [
    ['en', 'Sign in'],
    ['zh-Hant', '登入'],
    ['zh-Hans', '登录'],
  ] as const) {
    await page.locator('select').first().selectOption(language)
    await expect(page.getByRole('link', { name: words }).first()).toBeVisible()
    await expect(page.locator('html')).toHaveAttribute('lang', language)
  }
  await page.reload()
  expect(await size()).toBeGreaterThan(usual * 1.2)
})

test('[UX-3] can be installed: manifest, icons and worker are there', async ({ page, request }) => {
  await page.goto('/')
  const href = (await page.locator('link[rel=manifest]').getAttribute('href')) as string
  const manifest = (await (await request.get(href)).json()) as { icons: { src: string; sizes: string; purpose?: string }[] }
  for (const { src } of manifest.icons) expect((await request.get(src)).status()).toBe(200)
  expect(manifest.icons.some(({ sizes }) => sizes === '512x512')).toBe(true)
  expect(manifest.icons.some(({ purpose }) => purpose === 'maskable')).toBe(true)
})

test('[UX-2] a web view without workers, passkeys or storage of its own signs in and reads', async ({ browser, hospital }) => {
  const context = await browser.newContext({
    baseURL: hospital.origin,
    viewport: { width: 360, height: 640 },
    serviceWorkers: 'block',
    locale: 'zh-CN',
    userAgent:
      'Mozilla/5.0 (Linux; Android 10) AppleWebKit/537.36 Version/4.0 Chrome/93.0.0.0 Mobile Safari/537.36 MicroMessenger/8.0.2',
  })
  await context.addInitScript(() => {
    Reflect.deleteProperty(Navigator.prototype, 'credentials')
    Reflect.deleteProperty(Navigator.prototype, 'serviceWorker')
    const refuse = () => {
      throw new DOMException('denied', 'SecurityError')
    }
    for (const name of ['getItem', 'setItem', 'removeItem'] as const) Storage.prototype[name] = refuse
  })
  const page = await context.newPage()
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(error.message))
  const daughter = (await hospital.people()).find(({ name }) => name === '何敏仪')
  if (!daughter) throw new Error('the demo has no 何敏仪')
  await signIn(page, hospital, daughter)
  await page.locator('main a[href^="/reports/"]').first().click()
  await expect(page.getByText(/这份报告是什么/)).toBeVisible()
  expect(faults).toEqual([])
  await context.close()
})
