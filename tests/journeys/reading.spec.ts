import { enter, expect, signIn, test } from './fixture.ts'

test('[ID-1] [ID-3] [VW-1] [VW-8] [AU-1] [AU-2] from registering to signing out, with the log of that very look', async ({
  page,
  hospital,
}) => {
  const person = (await hospital.people()).find(
    ({ registered, roles, name }) => !registered && roles.includes('patient') && name === '黄志明',
  )
  if (!person) throw new Error('the demo has no unregistered adult')
  const password = 'Kumquat.Bridge.5172'

  await test.step('given a person whom the hospital knows, without an account', async () => {
    await page.goto('/')
    await page.getByRole('link', { name: '开通账号' }).click()
    await page.getByLabel('手机号').fill(person.phone)
    const since = new Date()
    await page.getByRole('button', { name: '发送验证码' }).click()
    await page.getByLabel('6 位验证码').fill(await hospital.code(person.phone, 'sms.registration-code', since))
    await page.getByRole('button', { name: '下一步' }).click()
    await page.getByLabel('姓名').fill(person.name)
    await page.getByLabel('身份证号').fill(person.identityNumber)
    await page.getByLabel('设一个密码', { exact: true }).fill(password)
    await page.getByRole('button', { name: '开通', exact: true }).click()
    await expect(page.getByRole('heading', { name: '正在核对' })).toBeVisible()
    await expect.poll(async () => (await hospital.outbox())[0]?.purpose).toBe('sms.registration-opened')
  })

  await test.step('when they sign in and open a report', async () => {
    await signIn(page, hospital, { ...person, password })
    await page.getByRole('button', { name: '有些结果只当面告知' }).click()
    await expect(page.getByRole('heading', { name: '有些结果只当面告知' })).toBeFocused()
  })

  let title = ''
  await test.step('then values, range and trend are there', async () => {
    const report = page.locator('main a[href^="/reports/"]', { hasText: /血常规|血脂|肝功能|肾功能|血糖/ }).first()
    title = (await report.locator('h3, b, strong').first().innerText()).trim()
    await report.click()
    await expect(page.getByRole('heading', { level: 1, name: title })).toBeFocused()
    await expect(page.getByText(/参考 /).first()).toBeVisible()
    await expect(page.getByText('3 级').first()).toBeVisible()
    await expect(page.getByText(/这份报告是什么/)).toBeVisible()
  })

  await test.step('and the log has that very look', async () => {
    await page.getByRole('link', { name: '谁看过' }).click()
    await expect(page.getByText(`看了“${title}”`)).toBeVisible()
    await expect(page.getByText('本次登录').first()).toBeVisible()
  })

  await test.step('and after signing out the back button shows nothing', async () => {
    await page.getByRole('link', { name: '我的' }).click()
    await page.getByRole('button', { name: '退出登录' }).click()
    await expect(page.getByRole('heading', { name: title })).toHaveCount(0)
    for (let step = 0; step < 3; step += 1) {
      await page.goBack().catch(() => null)
      await expect(page.locator('body')).not.toContainText(title)
      await expect(page.locator('body')).not.toContainText('参考')
    }
  })
})

test('[VW-8] a report shows its trend as a picture and as a table', async ({ page, hospital }) => {
  await enter(page, hospital)
  await page.locator('main a[href^="/reports/"]', { hasText: '血常规' }).first().click()
  const line = page.locator('li, article, section', { has: page.getByRole('heading', { name: '白细胞计数' }) }).last()
  await expect(line.getByText('偏高')).toBeVisible()
  await expect(line.locator('svg').first()).toBeVisible()
  await line.getByText('用表格看').click()
  await expect(line.getByRole('row')).not.toHaveCount(0)
})

test('[VW-6] an identifier stands masked, and showing it is on record', async ({ page, hospital }) => {
  const person = await hospital.adult()
  await enter(page, hospital)
  await page.getByRole('link', { name: '我的' }).click()
  await expect(page.locator('body')).not.toContainText(person.identityNumber)
  await page.getByRole('button', { name: '完整显示：身份证号' }).click()
  await expect(page.getByText(person.identityNumber)).toBeVisible()
  await page.getByRole('link', { name: '谁看过' }).click()
  await expect(page.getByText('显示了一项完整的个人资料').first()).toBeVisible()
})

test('[AU-2] an entry can be questioned in place', async ({ page, hospital }) => {
  await signIn(page, hospital, await hospital.adult())
  await page.getByRole('link', { name: '谁看过' }).click()
  const question = page.getByText('我不认识这一条').first()
  await expect(page.getByText('登录', { exact: false }).first()).toBeVisible()
  if ((await question.count()) === 0) {
    // Entries of this very session need no question: a second sign-in makes the first one questionable.
    await page.getByRole('link', { name: '我的' }).click()
    await page.getByRole('button', { name: '退出登录' }).click()
    await signIn(page, hospital, await hospital.adult())
    await page.getByRole('link', { name: '谁看过' }).click()
  }
  await question.click()
  await page.getByLabel(/有什么情况想告诉我们/).fill('那天我没有用过手机')
  await page.getByRole('button', { name: '发送' }).click()
  await expect(page.getByText(/提出了疑问，正在核查/).first()).toBeVisible()
})
