import { availableParallelism } from 'node:os'
import { defineConfig } from '@playwright/test'
import { findChromium } from './tests/support/chromium.ts'

const browser = findChromium()
const launchOptions =
  'absent' in browser ? {} : { executablePath: browser.path, args: browser.args, chromiumSandbox: browser.sandbox }

/** Journeys of persons. There is no baseURL here: each worker starts its own gateway (tests/support/gateway.ts) and sets it. */
export default defineConfig({
  testDir: 'tests/journeys',
  testMatch: '**/*.spec.ts',
  outputDir: 'test-results',
  timeout: 60_000,
  expect: { timeout: 10_000 },
  // A gateway and a browser per worker: more of them only wait for each other.
  workers: availableParallelism() >= 4 ? 2 : 1,
  retries: 0,
  forbidOnly: true,
  reporter: 'list',
  use: {
    browserName: 'chromium',
    viewport: { width: 360, height: 760 },
    hasTouch: true,
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions,
  },
})
