import type { Page } from '@playwright/test'
import { type DemoHospital, type DemoPerson, expect, signIn, test } from './fixture.ts'

const reports = '/api/people/self/reports'

async function adults(hospital: DemoHospital): Promise<[DemoPerson, DemoPerson]> {
  const first = await hospital.adult()
  const second = (await hospital.people()).find(
    ({ id, password, registered, twinOf }) => registered && password !== null && twinOf === null && id !== first.id,
  )
  if (!second) throw new Error('the demo has no second person with an account')
  return [first, second]
}

/** The addresses of the reports that the gateway itself gives to whoever is signed in. */
const own = (page: Page): Promise<string[]> =>
  page.evaluate(async (path) => {
    const { items } = (await (await fetch(path)).json()) as { items: { id: string; kind?: string }[] }
    return items.map(({ id }) => `/reports/${id}`)
  }, reports)

async function shown(page: Page): Promise<string[]> {
  const links = page.locator('main a[href^="/reports/"]')
  await expect(links.first()).toBeVisible()
  return links.evaluateAll((found) => found.map((link) => link.getAttribute('href') as string))
}

/** As `signIn`, but without loading the page anew: its memory stays. */
async function signInHere(page: Page, hospital: DemoHospital, person: DemoPerson): Promise<void> {
  await page.getByRole('link', { name: '登录' }).first().click()
  const since = new Date()
  await page.getByLabel('手机号').fill(person.phone)
  await page.getByLabel('密码', { exact: true }).fill(person.password as string)
  await page.getByRole('button', { name: '下一步' }).click()
  await page.getByLabel('6 位验证码').fill(await hospital.code(person.phone, 'sms.sign-in-code', since))
  await page.getByRole('button', { name: '登录' }).click()
  await expect(page.getByRole('heading', { name: '近 3 个月的报告' })).toBeVisible()
}

test('[ID-3] an answer that comes after its person has left is shown to nobody', async ({ page, hospital }) => {
  const [first, second] = await adults(hospital)
  let release = (): void => undefined
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  let late: string[] = []
  await page.route(
    `**${reports}`,
    async (route) => {
      const response = await route.fetch()
      late = ((await response.json()) as { items: { id: string }[] }).items.map(({ id }) => `/reports/${id}`)
      await held
      await route.fulfill({ response })
    },
    { times: 1 },
  )
  await page.goto('/')
  await signInHere(page, hospital, first)
  await expect.poll(() => late.length).toBeGreaterThan(0)
  await page.getByRole('link', { name: '我的' }).click()
  await page.getByRole('button', { name: '退出登录' }).click()
  await signInHere(page, hospital, second)
  await shown(page)
  const arrived = page.waitForResponse((response) => response.url().endsWith(reports))
  release()
  await arrived
  await page.getByRole('link', { name: '我的' }).click()
  await page.getByRole('link', { name: '报告' }).click()
  const expected = await own(page)
  for (const href of await shown(page)) {
    expect(expected).toContain(href)
    expect(late).not.toContain(href)
  }
})

test('[ID-3] when another person signs in in a second tab, the first tab forgets the one before', async ({ page, hospital }) => {
  const [first, second] = await adults(hospital)
  await signIn(page, hospital, first)
  const before = await shown(page)
  await page.locator('main a[href^="/reports/"]').first().click()
  await expect(page).toHaveURL(/\/reports\/./)
  const other = await page.context().newPage()
  await other.goto('/demo/people')
  const since = new Date()
  const post = (path: string, body: object) =>
    other.evaluate(
      async ([to, text]) =>
        (await fetch(to, { method: 'POST', headers: { 'content-type': 'application/json' }, body: text })).status,
      [path, JSON.stringify(body)] as const,
    )
  expect(await post('/api/sign-in/password', { phone: second.phone, password: second.password })).toBe(202)
  const code = await hospital.code(second.phone, 'sms.sign-in-code', since)
  expect(await post('/api/sign-in/code', { code })).toBe(200)
  await other.goto('/reports')
  const expected = await shown(other)
  await expect(page).toHaveURL(/\/reports$/)
  await expect.poll(() => shown(page)).toEqual(expected)
  expect(expected.some((href) => before.includes(href))).toBe(false)
})

test('[ID-3] [UX-3] signing out without network holds once the network is back', async ({ page, hospital, context }) => {
  const [, second] = await adults(hospital)
  await signIn(page, hospital, second)
  await shown(page)
  await page.getByRole('link', { name: '我的' }).click()
  await expect(page.getByRole('button', { name: '退出登录' })).toBeVisible()
  const live = await context.cookies()
  await context.setOffline(true)
  await page.getByRole('button', { name: '退出登录' }).click()
  await expect(page.getByRole('button', { name: '退出登录' })).toHaveCount(0)
  // The tab is closed before the network is back; only what the browser keeps is left.
  await page.close()
  await context.setOffline(false)
  const again = await context.newPage()
  const asked: string[] = []
  again.on('request', (request) => {
    const { pathname } = new URL(request.url())
    if (pathname.startsWith('/api/')) asked.push(pathname)
  })
  await again.goto('/reports')
  await expect(again.getByLabel('手机号')).toBeVisible()
  expect(asked[0]).toBe('/api/sign-out')
  expect(asked).not.toContain(reports)
  // The session itself is over, not only its cookie.
  await context.addCookies(live)
  expect(await again.evaluate(async () => (await fetch('/api/people/self/reports')).status)).toBe(401)
})
