import { demoContacts, expect, test, texts } from './fixtures'

const words = texts.connection

test('an admin connects HubSpot, sees the import and finds the leads, also after a reload', async ({
  page,
  partner,
  signIn,
  connect,
  shoot,
  expectAccessible,
}) => {
  await page.goto('/settings/hubspot')
  await page.waitForURL(/\/login/)
  await expectAccessible()
  await shoot('login')
  await signIn(partner.admin)

  await page.goto('/settings/hubspot')
  await expect(page.getByRole('heading', { name: words.intro.title })).toBeVisible()
  await expectAccessible()
  await shoot('settings-not-connected')

  await connect()
  await expect(page.getByText(texts.summary.word.in_step, { exact: true }).first()).toBeVisible()
  // What HubSpot brought along does not stay in the address bar.
  await expect(page).toHaveURL(url => url.search === '')
  await expect(page.getByText(texts.summary.in_step)).toBeVisible({ timeout: 120_000 })
  await expectAccessible()
  await shoot('settings-connected')

  await page.goto('/leads')
  await expect(page.getByText(new RegExp(`of ${demoContacts}\\b`)).first()).toBeVisible()
  await expectAccessible()
  await shoot('leads')

  await page.reload()
  await expect(page.getByText(new RegExp(`of ${demoContacts}\\b`)).first()).toBeVisible()
})

test('somebody who says no at HubSpot is told so, and can try again', async ({
  page,
  stack,
  partner,
  signIn,
  expectAccessible,
  shoot,
}) => {
  await signIn(partner.admin)
  await page.goto('/settings/hubspot')
  await page.getByRole('button', { name: words.connect }).first().click()
  await page.waitForURL(url => url.href.startsWith(stack.simulator.url))
  await page.locator('button[name=decision]:not(.primary)').click()
  await page.waitForURL(url => url.href.startsWith(stack.app.url))
  await expect(page.getByText(texts.errors.callback.access_denied.title).first()).toBeVisible()
  await expect(page).toHaveURL(url => url.search === '')
  await expectAccessible()
  await shoot('settings-denied')
})

test('a disconnect asks first, and keeps the leads', async ({
  page,
  partner,
  begin,
  expectAccessible,
  shoot,
}) => {
  await begin(partner.admin)
  await page.getByRole('button', { name: words.disconnect.button }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toBeVisible()
  await expectAccessible()
  await shoot('settings-disconnect')
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()
  await page.getByRole('button', { name: words.disconnect.button }).click()
  await dialog
    .getByRole('button')
    .filter({ hasText: /disconnect/i })
    .click()
  await expect(
    page.getByText(texts.summary.word.disconnected, { exact: true }).first(),
  ).toBeVisible()
  await shoot('settings-disconnected')
  await page.goto('/leads')
  await expect(page.getByText(new RegExp(`of ${demoContacts}\\b`)).first()).toBeVisible()
})

test('a member sees the connection and cannot change it', async ({
  page,
  partner,
  signIn,
  expectAccessible,
  shoot,
}) => {
  await signIn(partner.member)
  await page.goto('/settings/hubspot')
  await expect(page.getByRole('heading', { name: words.intro.memberTitle })).toBeVisible()
  await expect(page.getByRole('button', { name: words.connect })).toHaveCount(0)
  const answer = await page.request.post('/api/v1/integrations/hubspot/connect', {
    data: {},
    headers: { 'content-type': 'application/json' },
  })
  expect(answer.status()).toBe(403)
  await expectAccessible()
  await shoot('settings-member')
})

test('an injected script does not run', async ({ page, partner, signIn }) => {
  await signIn(partner.admin)
  const name = '<img src=x onerror="window.__hacked=1"><script>window.__hacked=1</script>'
  const answer = await page.request.post('/api/v1/leads', {
    data: {
      email: 'xss@leads.test',
      firstName: name,
      lastName: '{{constructor.constructor("window.__hacked=1")()}}',
    },
  })
  expect(answer.status()).toBe(201)
  await page.goto('/leads')
  await expect(page.getByText('xss@leads.test').first()).toBeVisible()
  expect(await page.evaluate(() => (window as { __hacked?: number }).__hacked)).toBeUndefined()
})
