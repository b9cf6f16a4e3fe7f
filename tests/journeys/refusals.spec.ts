import { enter, expect, signIn, test } from './fixture.ts'

test('[ID-10] [SE-5] known, unknown and mistaken look the same until the end', async ({ page, hospital }) => {
  const person = await hospital.adult()
  const attempt = async (phone: string, password: string) => {
    await page.goto('/sign-in')
    await page.locator('h1').waitFor()
    const other = page.getByText('换手机号或密码')
    if ((await other.count()) > 0) await other.click()
    await page.getByLabel('手机号').fill(phone)
    await page.getByLabel('密码', { exact: true }).fill(password)
    await page.getByRole('button', { name: '下一步' }).click()
    await page.getByLabel('6 位验证码').fill('000000')
    await page.getByRole('button', { name: '登录' }).click()
    await expect(page.getByRole('alert').first()).toBeVisible()
    return (await page.locator('main').innerText()).replaceAll(phone, 'PHONE').replace(/\d+ 秒/g, 'N 秒')
  }
  const known = await attempt(person.phone, 'Wrong.Password.1')
  const unknown = await attempt('16499999999', 'Wrong.Password.1')
  const right = await attempt(person.phone, person.password as string)
  expect(unknown).toBe(known)
  expect(right).toBe(known)
})

test('[SE-5] a report that is not there says so and leads back', async ({ page, hospital }) => {
  await enter(page, hospital)
  await page.goto('/reports/AAAAAAAAAAAAAAAAAAAAAA')
  await expect(page.getByText('没有找到', { exact: false }).first()).toBeVisible()
  await expect(page.getByRole('link', { name: /报告/ }).first()).toBeVisible()
})

test('[ID-2] a weak password is refused with what it lacks', async ({ page, hospital }) => {
  const phone = '16488888888'
  await page.goto('/register')
  await page.getByLabel('手机号').fill(phone)
  const since = new Date()
  await page.getByRole('button', { name: '发送验证码' }).click()
  await page.getByLabel('6 位验证码').fill(await hospital.code(phone, 'sms.registration-code', since))
  await page.getByRole('button', { name: '下一步' }).click()
  await page.getByLabel('姓名').fill('无名氏')
  await page.getByLabel('身份证号').fill('110105194912310021')
  await page.getByLabel('设一个密码', { exact: true }).fill('Password.1234')
  await page.getByRole('button', { name: '开通', exact: true }).click()
  await expect(page.getByText(/常见|容易猜/).first()).toBeVisible()
})

test('[UX-1] the end of an idle session is announced, and staying is one tap', async ({ page, hospital }) => {
  await page.clock.install()
  await signIn(page, hospital, await hospital.adult())
  await page.clock.fastForward('09:20')
  await page.getByRole('button', { name: /继续|保持/ }).click()
  await expect(page.getByRole('heading', { name: '近 3 个月的报告' })).toBeVisible()
  await page.clock.fastForward('10:30')
  await expect(page.getByText('血常规')).toHaveCount(0)
})
