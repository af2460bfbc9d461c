import type { SessionList } from '#shared/contracts/account'
import { expect, test, texts } from './fixtures'
import { present } from '../support/present'

/** What an admin looks after: the health of the connection, and where the account is signed in. */
test("the doctor says what it found in a report that is safe to send, and the meters what is left of HubSpot's budget", async ({
  page,
  stack,
  partner,
  begin,
  expectAccessible,
  shoot,
}) => {
  const words = texts.health
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await begin(partner.admin)
  await page.goto('/settings/hubspot/health')
  for (const question of Object.values(words.questions))
    await expect(page.getByRole('heading', { name: question })).toBeVisible({ timeout: 60_000 })
  await page.getByRole('button', { name: words.test }).click()
  await expect(page.getByText(words.testResults.arrived)).toBeVisible()
  for (const label of [words.quotaMeter.tenSeconds, words.quotaMeter.searches]) {
    const meter = page.getByRole('meter', { name: label })
    await expect(meter).toBeVisible()
    const { value, max } = await meter.evaluate((element: HTMLMeterElement) => ({
      value: element.value,
      max: element.max,
    }))
    expect(value).toBeGreaterThan(0)
    expect(value).toBeLessThanOrEqual(max)
  }
  await expectAccessible()
  await shoot('health-meters')

  // HealthInstallation: below the answers, an admin finds what the installation depends on.
  await expect(
    page.getByText(words.summary.good).or(page.getByText(/^\d+ things? to check$/)),
  ).toBeVisible({ timeout: 60_000 })

  await page.getByRole('button', { name: words.copy }).click()
  await expect(page.getByText(words.copied).first()).toBeVisible()
  const copied = await page.evaluate(() => navigator.clipboard.readText())
  await page.getByText(words.report, { exact: true }).click()
  const report = page.getByRole('region', { name: words.report })
  await expect(report).toHaveText(copied)
  for (const secret of [
    stack.simulator.env.NUXT_HUBSPOT_CLIENT_SECRET,
    partner.admin.email,
    partner.admin.password,
  ]) {
    expect(secret).not.toBe('')
    expect(copied).not.toContain(secret)
  }
  await expectAccessible()
  await shoot('health-report')

  // A browser that does not let pages write to the clipboard.
  await page.evaluate(() =>
    Object.defineProperty(navigator, 'clipboard', { value: undefined, configurable: true }),
  )
  await page.getByRole('button', { name: words.copy }).click()
  await expect(page.getByText(words.copyFailedText).first()).toBeVisible()
})

test('a session that nobody recognises is ended at once, then all of them are', async ({
  page,
  stack,
  partner,
  signIn,
  api,
  expectAccessible,
  shoot,
}) => {
  const words = texts.account.sessions
  const elsewhere = async () => {
    const answer = await fetch(`${stack.app.url}/api/v1/auth/login`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent':
          'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0',
      },
      body: JSON.stringify({ email: partner.admin.email, password: partner.admin.password }),
    })
    const cookie = present(answer.headers.getSetCookie()[0]?.split(';')[0])
    return async () =>
      (await fetch(`${stack.app.url}/api/v1/auth/me`, { headers: { cookie } })).status
  }
  const [stranger, phone] = [await elsewhere(), await elsewhere()]
  await signIn(partner.admin)
  expect([await stranger(), await phone()]).toEqual([200, 200])
  await page.goto('/settings/account')
  const end = page.getByRole('button', { name: words.endOf('Firefox on Windows') })
  await expect(end).toHaveCount(2)
  await expect(page.getByText(words.current)).toHaveCount(1)
  await expectAccessible()
  await shoot('account-sessions')
  await end.first().click()
  await expect(page.getByText(words.ended).first()).toBeVisible()
  await expect(end).toHaveCount(1)
  expect([await stranger(), await phone()].sort()).toEqual([200, 401])
  expect(
    (await api<SessionList>('GET', '/auth/sessions')).items.map(session => session.current).sort(),
  ).toEqual([false, true])
  await page.getByRole('button', { name: words.everywhere }).click()
  await page.waitForURL(/\/login/)
  expect([await stranger(), await phone()]).toEqual([401, 401])
  await page.goto('/settings/account')
  await page.waitForURL(/\/login/)
})
