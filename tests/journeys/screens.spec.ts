import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { enter, expect, test } from './fixture.ts'

async function look(page: Page, name: string): Promise<void> {
  await expect(page.locator('h1').first(), name).toBeVisible()
  await expect(page.locator('[aria-busy=true]'), name).toHaveCount(0)
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze()
  expect(
    violations.map(({ id, nodes }) => `${name}: ${id} ${nodes[0]?.html.slice(0, 120)}`),
    name,
  ).toEqual([])
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  expect(overflow, `${name}: nothing runs over the edge at 360 px`).toBeLessThanOrEqual(0)
  const small = await page.evaluate(() =>
    [...document.querySelectorAll('button, nav a, select, input:not([type=hidden])')]
      .filter((element) => (element as HTMLElement).checkVisibility())
      .map((element) => ({ text: element.textContent?.trim().slice(0, 20), box: element.getBoundingClientRect() }))
      .filter(({ box }) => box.height < 43.5 && box.width > 0)
      .map(({ text, box }) => `${text} ${Math.round(box.width)}x${Math.round(box.height)}`),
  )
  expect(small, `${name}: targets of 44 px`).toEqual([])
}

for (const scheme of ['light', 'dark'] as const) {
  for (const large of [false, true]) {
    test(`[UX-1] every screen, ${scheme}${large ? ', large type' : ''}: axe finds nothing, nothing overflows`, async ({
      page,
      hospital,
    }) => {
      test.slow()
      await page.emulateMedia({ colorScheme: scheme })
      await page.goto('/')
      if (large) await page.getByRole('banner').getByRole('button', { name: /大字/ }).click()
      await look(page, 'welcome')
      await page.goto('/sign-in')
      await look(page, 'sign-in')
      await page.goto('/register')
      await look(page, 'register')
      await enter(page, hospital)
      await look(page, 'reports')
      for (const title of ['血常规', '胸部']) {
        await page.goto('/reports')
        await page.locator('main a[href^="/reports/"]', { hasText: title }).first().click()
        await look(page, `report ${title}`)
      }
      for (const path of ['/medications', '/access-log', '/me', '/reports/AAAAAAAAAAAAAAAAAAAAAA', '/no-such-page']) {
        await page.goto(path)
        await look(page, path)
      }
    })
  }
}
