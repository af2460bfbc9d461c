import type { CDPSession, Page } from '@playwright/test'
import { expect, test, texts } from './fixtures'
import { present } from '../support/present'

const { people, signIn, ownSignIn, login, common, stepUp } = texts

/** A device with a passkey store, as Chromium's developer tools make one. */
async function withAuthenticator(page: Page): Promise<{ lose(): Promise<void> }> {
  const devtools: CDPSession = await page.context().newCDPSession(page)
  await devtools.send('WebAuthn.enable')
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  return {
    lose: async () => void (await devtools.send('WebAuthn.clearCredentials', { authenticatorId })),
  }
}

const linkOn = async (page: Page) =>
  (await page.getByLabel(people.link.label, { exact: true }).textContent()) ?? ''

test('an admin invites a colleague, who signs in with a passkey and is removed again', async ({
  page,
  browser,
  stack,
  partner,
  signIn: enter,
  shoot,
  expectAccessible,
}) => {
  await enter(partner.admin)
  await page.goto('/settings/users')
  await page.getByLabel(people.invite.email).fill('colleague@people.test')
  await page.getByRole('button', { name: people.invite.submit }).click()
  await expect(page.getByText(people.link.title)).toBeVisible()
  const link = await linkOn(page)
  expect(link).toContain('/invitation#token=')
  await shoot('people')
  await expectAccessible()

  const context = await browser.newContext({ baseURL: stack.app.url })
  const other = await context.newPage()
  await withAuthenticator(other)
  await other.goto(link)
  await other.getByRole('button', { name: signIn.invitation.withPasskey }).click()
  await expect(other.getByText(ownSignIn.codes.shown)).toBeVisible()
  expect(new URL(other.url()).hash).toBe('')
  await other.getByRole('link', { name: ownSignIn.codes.kept }).click()
  await expect(other.getByRole('navigation', { name: common.navigation }).first()).toBeVisible()
  await context.clearCookies()
  await other.goto('/login')
  await other.getByRole('button', { name: signIn.passkey }).click()
  await other.waitForURL(url => !url.pathname.startsWith('/login'))

  await page.reload()
  const remove = people.list.of(people.list.remove, 'colleague@people.test')
  await page.getByRole('button', { name: remove }).click()
  await page
    .getByRole('dialog')
    .getByRole('button', { name: people.removeDialog.confirm, exact: true })
    .click()
  await expect(page.getByText(people.list.removedText('colleague@people.test'))).toBeVisible()
  await other.goto('/leads')
  await other.waitForURL('**/login**')
  await other.getByRole('button', { name: signIn.passkey }).click()
  await expect(other.getByText(texts.errors.api.invalid_credentials.title)).toBeVisible()
  await context.close()
})

test('a passkey is added, signs in, is lost, and a recovery code lets its owner in again', async ({
  page,
  partner,
  signIn: enter,
  shoot,
  expectAccessible,
}) => {
  const device = await withAuthenticator(page)
  await enter(partner.admin)
  await page.goto('/settings/account')
  await page.getByRole('button', { name: ownSignIn.passkeys.add }).click()
  await expect(page.getByText(ownSignIn.codes.shown)).toBeVisible()
  const codes = await page.getByLabel(ownSignIn.codes.title, { exact: true }).textContent()
  const [code = ''] = present(codes).split('\n')
  await shoot('account-passkeys')
  await expectAccessible()

  await page.context().clearCookies()
  await page.goto('/login')
  await page.getByLabel(login.email).fill(partner.admin.email)
  await page.getByLabel(login.password, { exact: true }).fill(partner.admin.password)
  await page.getByRole('button', { name: login.submit, exact: true }).click()
  await expect(page.getByText(signIn.secondFactor)).toBeVisible()
  await page.getByRole('button', { name: signIn.passkey }).click()
  await page.waitForURL(url => !url.pathname.startsWith('/login'))

  await device.lose()
  await page.context().clearCookies()
  await page.goto('/login')
  await expectAccessible()
  await page.getByRole('link', { name: signIn.lost }).click()
  // Both pages have a field of this name.
  await page.waitForURL('**/recover')
  await expect(page.getByRole('heading', { name: signIn.recover.title })).toBeVisible()
  await page.getByLabel(signIn.recover.email).fill(partner.admin.email)
  await page.getByLabel(signIn.recover.code).fill(code)
  await page.getByLabel(signIn.recover.password).fill(partner.admin.password)
  await page.getByRole('button', { name: signIn.recover.submit, exact: true }).click()
  await page.waitForURL('**/settings/account')
  await page.getByRole('button', { name: /^Remove / }).click()
  await expect(page.getByText(ownSignIn.passkeys.none)).toBeVisible()

  for (const path of ['/settings/audit', '/settings/keys']) {
    await page.goto(path)
    await expect(page.locator('h1')).toBeVisible()
    await expect(page.getByRole('main').locator('.animate-pulse')).toHaveCount(0)
    await shoot(path.slice('/settings/'.length))
    await expectAccessible()
  }
  await expect(page.getByRole('button', { name: stepUp.submit })).toHaveCount(0)
})
