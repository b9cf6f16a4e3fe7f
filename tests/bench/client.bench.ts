import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompressSync } from 'node:zlib'
import { type Browser, type BrowserContext, chromium, type Page } from '@playwright/test'
import { DemoHospital, freePort, signIn } from '../journeys/fixture.ts'
import { findChromium } from '../support/chromium.ts'
import type { Figure } from './harness.ts'

const run = promisify(execFile)
const rounds = 5

/** Bytes, times to the list on a slow phone, and Lighthouse, against the real demo hospital. */
export default async function client(): Promise<Figure[]> {
  const found = findChromium()
  if ('absent' in found) throw new Error(found.absent)
  await run(process.execPath, [join(import.meta.dirname, '../../node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'warn'])
  const hospital = new DemoHospital(await freePort())
  const browser = await chromium.launch({ executablePath: found.path, args: found.args, chromiumSandbox: found.sandbox })
  try {
    await hospital.start()
    const session = await signedIn(browser, hospital)
    return [
      ...(await bytes(browser, hospital, session)),
      ...(await times(browser, hospital, session)),
      ...(await lighthouse(found.path, hospital, session)),
    ]
  } finally {
    await browser.close()
    await hospital.remove()
  }
}

type State = Awaited<ReturnType<BrowserContext['storageState']>>

const phone = { viewport: { width: 360, height: 760 }, locale: 'zh-CN', timezoneId: 'Asia/Shanghai', hasTouch: true }

async function signedIn(browser: Browser, hospital: DemoHospital): Promise<State> {
  const context = await browser.newContext({ ...phone, baseURL: hospital.origin })
  await signIn(await context.newPage(), hospital, await hospital.adult())
  const state = await context.storageState()
  await context.close()
  return state
}

const firstReport = 'main a[href^="/reports/"]'

/** What loads before the first list stands, compressed as served. */
async function bytes(browser: Browser, hospital: DemoHospital, storageState: State): Promise<Figure[]> {
  const context = await browser.newContext({ ...phone, storageState, serviceWorkers: 'block' })
  const page = await context.newPage()
  const sizes: Record<string, number> = {}
  page.on('response', async (response) => {
    const type = response.request().resourceType()
    const body = await response.body().catch(() => null)
    if (body) sizes[type] = (sizes[type] ?? 0) + brotliCompressSync(body).length
  })
  await page.goto(`${hospital.origin}/reports`)
  await page.locator(firstReport).first().waitFor()
  await context.close()
  const worker = brotliCompressSync(readFileSync(join(import.meta.dirname, '../../dist/pwa/sw.js'))).length
  const kb = (name: string, size: number, goal: number): Figure => ({
    name,
    unit: 'KB brotli',
    value: Math.round(size / 10.24) / 100,
    goal: { atMost: goal },
  })
  return [kb('initial JS', sizes.script ?? 0, 32), kb('CSS', sizes.stylesheet ?? 0, 6), kb('worker', worker, 5)]
}

async function slow(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Network.enable')
  // Lighthouse's slow 4G: 150 ms round trip, 1.6 Mbit/s down, 0.75 up.
  const network = { offline: false, latency: 150, downloadThroughput: 1_600_000 / 8, uploadThroughput: 750_000 / 8 }
  await devtools.send('Network.emulateNetworkConditions', network)
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: 4 })
}

/** Milliseconds from asking for the page to the first report on screen. */
async function timeToList(page: Page, url: string): Promise<number> {
  await page.goto(url, { waitUntil: 'commit' })
  await page.locator(firstReport).first().waitFor()
  return page.evaluate(
    (selector) =>
      new Promise<number>((resolve) => {
        const link = document.querySelector(selector)
        const painted = () => requestAnimationFrame(() => resolve(performance.now()))
        if (link) painted()
      }),
    firstReport,
  )
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] as number

async function times(browser: Browser, hospital: DemoHospital, storageState: State): Promise<Figure[]> {
  const cold: number[] = []
  const warm: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const context = await browser.newContext({ ...phone, storageState })
    const page = await context.newPage()
    await slow(page)
    cold.push(await timeToList(page, `${hospital.origin}/reports`))
    await page.waitForFunction(async () => (await navigator.serviceWorker.ready).active?.state === 'activated')
    await page.goto('about:blank')
    warm.push(await timeToList(page, `${hospital.origin}/reports`))
    await context.close()
  }
  const ms = (name: string, values: number[], goal: number): Figure => ({
    name,
    unit: 'ms, CPU 4x slower, slow 4G',
    value: Math.round(median(values)),
    goal: { atMost: goal },
  })
  return [ms('list, cold', cold, 1800), ms('list, warm', warm, 300)]
}

async function lighthouse(chrome: string, hospital: DemoHospital, { cookies }: State): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'zhiqing-lighthouse-'))
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
  const figures: Figure[] = []
  try {
    for (const path of ['/', '/reports']) {
      const output = join(folder, 'report.json')
      const program = join(import.meta.dirname, '../../node_modules/lighthouse/cli/index.js')
      const args = [
        program,
        hospital.origin + path,
        '--only-categories=performance,accessibility,best-practices,seo',
        '--output=json',
        `--output-path=${output}`,
        '--quiet',
        `--extra-headers=${JSON.stringify({ Cookie: cookie, 'Accept-Language': 'zh-CN' })}`,
        '--chrome-flags=--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync',
      ]
      await run(process.execPath, args, { env: { ...process.env, CHROME_PATH: chrome }, timeout: 180_000 })
      const report = JSON.parse(readFileSync(output, 'utf8')) as {
        categories: Record<string, { score: number | null; auditRefs: { id: string; weight: number }[] }>
        audits: Record<string, { score: number | null; title: string }>
      }
      for (const [name, { score, auditRefs }] of Object.entries(report.categories)) {
        // A person's own pages ask not to be indexed, which that category counts as a fault.
        if (path !== '/' && name === 'seo') continue
        figures.push({
          name: `Lighthouse ${name}, ${path}`,
          unit: 'of 100',
          value: Math.round((score ?? 0) * 100),
          goal: { atLeast: 100 },
        })
        for (const { id, weight } of auditRefs) {
          const audit = report.audits[id]
          if (weight > 0 && audit?.score != null && audit.score < 0.9)
            console.error(`${path} ${name}: ${id} ${audit.score} ${audit.title}`)
        }
      }
    }
    return figures
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
