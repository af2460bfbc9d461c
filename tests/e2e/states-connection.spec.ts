import type { Connection } from '#shared/contracts/connection'
import { mainPortalId } from '../../simulator/control-client'
import { until } from '../support/until'
import { expect, test, texts } from './fixtures'
import { present } from '../support/present'

/**
 * Each state of the connection as somebody meets it: reached by what HubSpot does, looked at,
 * accessible.
 */
const words = texts.connection
const callback = texts.errors.callback
/** The second one of the consent page's list */
const otherPortal = { id: 48_210_002, place: 1, name: 'northwind.example.com (48210002)' }

test.afterEach(async ({ stack }) => {
  await stack.control.clearFaults()
  await stack.control.set({ latencyMs: 0, ungrantedScopes: [], rejectClient: false })
})

test('the first import shows what it does, how fast and how long it still takes', async ({
  page,
  stack,
  partner,
  signIn,
  connect,
  expectAccessible,
  shoot,
}) => {
  await signIn(partner.admin)
  await stack.control.inject({
    path: '/crm/objects/',
    times: null,
    action: { kind: 'delay', ms: 3000 },
  })
  await connect()
  await expect(page.getByText(words.progress.title.initial, { exact: true })).toBeVisible()
  await expect(page.getByRole('progressbar')).toBeVisible()
  await expect(page.getByRole('button', { name: words.sync.now })).toBeDisabled()
  await expectAccessible()
  await shoot('settings-importing')
  await page.goto('/leads')
  await expect(page.getByText(texts.leads.importing)).toBeVisible()
  await shoot('leads-importing')
  await stack.control.clearFaults()
  await page.goto('/settings/hubspot')
  await expect(page.getByText(texts.summary.in_step)).toBeVisible({ timeout: 120_000 })
})

test('a pause stops syncing without disconnecting, and ends', async ({
  page,
  partner,
  begin,
  expectAccessible,
  shoot,
}) => {
  await begin(partner.admin)
  await page.getByRole('button', { name: words.sync.pause }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('textbox').fill('We move our deals')
  await expectAccessible()
  await dialog.getByRole('button', { name: words.sync.pause }).click()
  await expect(page.getByText(words.sync.pausedTitle).first()).toBeVisible()
  await expect(page.getByText(texts.summary.pauseReason('We move our deals')).first()).toBeVisible()
  await expect(page.getByRole('button', { name: words.sync.now })).toBeDisabled()
  await expectAccessible()
  await shoot('settings-paused')
  await page.getByRole('button', { name: words.sync.resume }).click()
  await expect(page.getByText(texts.summary.in_step)).toBeVisible({ timeout: 120_000 })
})

test('an uninstall in HubSpot is told with its reason, and one click goes on', async ({
  page,
  stack,
  partner,
  begin,
  agree,
  expectAccessible,
  shoot,
}) => {
  await begin(partner.admin)
  await stack.control.uninstall()
  await stack.control.expireAccessTokens()
  await page.getByRole('button', { name: words.sync.now }).click()
  await expect(page.getByText(words.trouble.revokedTitle).first()).toBeVisible({ timeout: 120_000 })
  await expect(page.getByText(texts.summary.word.revoked, { exact: true }).first()).toBeVisible()
  await expectAccessible()
  await shoot('settings-revoked')
  await page.getByRole('button', { name: words.reauthorize }).click()
  await agree()
  await expect(page.getByText(texts.summary.word.in_step, { exact: true }).first()).toBeVisible()
})

test('a HubSpot that answers with errors is told as such, and nobody has to do anything', async ({
  page,
  stack,
  partner,
  begin,
  expectAccessible,
  shoot,
}) => {
  await begin(partner.admin)
  await stack.control.inject({
    path: '/oauth/',
    times: null,
    action: { kind: 'status', status: 503 },
  })
  await stack.control.expireAccessTokens()
  await page.getByRole('button', { name: words.sync.now }).click()
  await expect(page.getByText(words.trouble.degradedTitle).first()).toBeVisible({
    timeout: 120_000,
  })
  await expectAccessible()
  await shoot('settings-degraded')
  await stack.control.clearFaults()
})

test('fewer permissions than needed connect nothing, and the words say which account can', async ({
  page,
  stack,
  partner,
  signIn,
  connect,
  expectAccessible,
  shoot,
}) => {
  await signIn(partner.admin)
  await stack.control.set({ ungrantedScopes: ['crm.objects.deals.write'] })
  await connect()
  await expect(page.getByText(callback.insufficient_scope.title).first()).toBeVisible()
  await expectAccessible()
  await shoot('settings-insufficient-scope')
})

test('an exchange that HubSpot refuses stores nothing', async ({
  page,
  stack,
  partner,
  signIn,
  connect,
  expectAccessible,
  shoot,
}) => {
  await signIn(partner.admin)
  await stack.control.set({ rejectClient: true })
  await connect()
  await expect(page.getByText(callback.token_exchange_failed.title).first()).toBeVisible()
  await expectAccessible()
  await shoot('settings-exchange-failed')
  await page.goto('/settings/hubspot/installation')
  await expect(page.getByText(present(texts.health.checks.client_secret)).first()).toBeVisible({
    timeout: 60_000,
  })
  await expect(page.getByText(texts.health.status.fail, { exact: true }).first()).toBeVisible()
  await expectAccessible()
  await shoot('health-failing')
})

test('another account asks first, and the old one can stay', async ({
  page,
  stack,
  partner,
  begin,
  agree,
  api,
  expectAccessible,
  shoot,
}) => {
  await begin(partner.admin)
  await stack.control.uninstall()
  await stack.control.expireAccessTokens()
  await page.getByRole('button', { name: words.sync.now }).click()
  await page.getByRole('button', { name: words.reauthorize }).click({ timeout: 120_000 })
  await agree(otherPortal.place)
  await expect(page.getByText(words.portalChanged.title).first()).toBeVisible()
  await expect(page.getByText(words.portalChanged.what)).toBeVisible()
  await expectAccessible()
  await shoot('settings-portal-changed')
  await page.getByRole('button', { name: words.portalChanged.keep }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByText(words.portalChanged.keepText(otherPortal.name))).toBeVisible()
  await expectAccessible()
  await shoot('settings-portal-keep')
  await dialog.getByRole('button', { name: words.portalChanged.keep }).click()
  await expect(page.getByText(words.portalChanged.kept).first()).toBeVisible()
  await expect(page.getByText(words.portalChanged.title)).toHaveCount(0)
  // What was granted by mistake is given back, and the old account continues where it stopped.
  await until(
    async () =>
      !(await stack.control.state()).installations.some(one => one.portalId === otherPortal.id),
    'the other account is rid of the app',
  )
  await page.getByRole('button', { name: words.reauthorize }).click()
  await agree()
  await expect(page.getByText(texts.summary.word.in_step, { exact: true }).first()).toBeVisible()
  expect((await api<Connection>('GET', '/integrations/hubspot')).portalId).toBe(
    String(mainPortalId),
  )
})

test('after a disconnect the imported records can be erased, once the word is typed', async ({
  page,
  partner,
  begin,
  expectAccessible,
  shoot,
}) => {
  await begin(partner.admin)
  const dialog = page.getByRole('dialog')
  await page.getByRole('button', { name: words.disconnect.button }).click()
  await dialog.getByRole('button', { name: words.disconnect.confirm, exact: true }).click()
  await expect(
    page.getByText(texts.summary.word.disconnected, { exact: true }).first(),
  ).toBeVisible()
  await page.getByRole('button', { name: words.erase.button }).click()
  await expect(
    dialog.getByRole('button', { name: words.erase.confirm, exact: true }),
  ).toBeDisabled()
  await expectAccessible()
  await shoot('settings-erase')
  await dialog.getByRole('textbox').fill(words.erase.word)
  await dialog.getByRole('button', { name: words.erase.confirm, exact: true }).click()
  await expect(page.getByText(words.erase.done).first()).toBeVisible({ timeout: 120_000 })
  await page.goto('/leads')
  await expect(page.getByText(texts.leads.empty.title)).toBeVisible()
  await expectAccessible()
  await shoot('leads-empty')
})

test('without a network the page says so, and without a session it leads to the sign-in form and back', async ({
  page,
  partner,
  signIn,
  expectAccessible,
  shoot,
}) => {
  await signIn(partner.admin)
  await page.goto('/leads')
  await page.waitForLoadState('networkidle')
  await page.context().setOffline(true)
  await expect(page.getByText(texts.common.offline)).toBeVisible()
  await shoot('offline')
  await page.context().setOffline(false)
  await expect(page.getByText(texts.common.offline)).toBeHidden()
  await page.context().clearCookies()
  await page.reload()
  await page.waitForURL(/\/login/)
  await expectAccessible()
  await shoot('login-again')
  await page.getByLabel(texts.login.email).fill(partner.admin.email)
  await page.getByLabel(texts.login.password, { exact: true }).fill('not the password')
  await page.getByRole('button', { name: texts.login.submit, exact: true }).click()
  await expect(page.getByText(texts.errors.api.invalid_credentials.title)).toBeVisible()
  await shoot('login-refused')
  await page.getByLabel(texts.login.password, { exact: true }).fill(partner.admin.password)
  await page.getByRole('button', { name: texts.login.submit, exact: true }).click()
  await page.waitForURL(url => url.pathname === '/leads')
})
