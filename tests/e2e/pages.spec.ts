import { expect, test, texts } from './fixtures'

test('every page is accessible, fits a phone and survives a reload', async ({ page, partner, signIn, connect, shoot, expectAccessible }) => {
  await signIn(partner.admin)
  await connect()
  await expect(page.getByText(texts.connection.sync.idle)).toBeVisible({ timeout: 120_000 })
  for (const [name, path] of [['settings-mapping', '/settings/hubspot/mapping'], ['settings-activity', '/settings/hubspot/activity'], ['settings-health', '/settings/hubspot/health'], ['leads-search', '/leads?q=a']] as const) {
    await page.goto(path)
    await expect(page.locator('#page-title')).toBeVisible()
    await page.waitForLoadState('load')
    await expect(page.locator('[aria-busy=true]')).toHaveCount(0)
    await expectAccessible()
    await shoot(name)
  }
})

test('a page that does not exist says so', async ({ page, shoot, expectAccessible }) => {
  const answer = await page.goto('/nothing-here')
  expect(answer?.status()).toBe(404)
  await expect(page.getByRole('heading', { name: texts.errorPage.notFound.title })).toBeVisible()
  await expectAccessible()
  await shoot('error-not-found')
})

test('the settings page ships less than 200 kB of gzipped script', async ({ page, partner, signIn }) => {
  await signIn(partner.admin)
  let bytes = 0
  const session = await page.context().newCDPSession(page)
  await session.send('Network.enable')
  await session.send('Network.setCacheDisabled', { cacheDisabled: true })
  const scripts = new Set<string>()
  session.on('Network.responseReceived', ({ requestId, type }) => {
    if (type === 'Script') scripts.add(requestId)
  })
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (scripts.has(requestId)) bytes += encodedDataLength
  })
  await page.goto('/settings/hubspot', { waitUntil: 'networkidle' })
  process.stdout.write(`First load of /settings/hubspot: ${Math.round(bytes / 1024)} kB of script over the wire\n`)
  expect(bytes).toBeGreaterThan(0)
  expect(bytes).toBeLessThan(200 * 1024)
})
