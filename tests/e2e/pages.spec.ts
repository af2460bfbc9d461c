import { gzipSync } from 'node:zlib'
import { expect, test, texts } from './fixtures'

test('every page is accessible, fits a phone and survives a reload', async ({
  page,
  partner,
  begin,
  shoot,
  expectAccessible,
}) => {
  await begin(partner.admin)
  for (const [name, path] of [
    ['settings-mapping', '/settings/hubspot/mapping'],
    ['settings-activity', '/settings/hubspot/activity'],
    ['settings-health', '/settings/hubspot/health'],
    ['settings-installation', '/settings/hubspot/installation'],
    ['settings-notices', '/settings/notices'],
    ['leads-search', '/leads?q=a'],
    ['settings-account', '/settings/account'],
  ] as const) {
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

test('the settings page ships less than 200 kB of gzipped script', async ({
  page,
  partner,
  signIn,
  request,
}) => {
  await signIn(partner.admin)
  const scripts = new Set<string>()
  page.on('response', response => {
    if (response.request().resourceType() === 'script') scripts.add(response.url())
  })
  await page.goto('/settings/hubspot', { waitUntil: 'networkidle' })
  let bytes = 0
  for (const url of scripts) bytes += gzipSync(await (await request.get(url)).body()).length
  process.stdout.write(
    `First load of /settings/hubspot: ${Math.round(bytes / 1000)} kB of gzipped script in ${scripts.size} files\n`,
  )
  expect(scripts.size).toBeGreaterThan(5)
  expect(bytes).toBeLessThan(200_000)
})
