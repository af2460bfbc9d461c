import { spawn } from 'node:child_process'
import process from 'node:process'
import type { CDPSession, Page } from '@playwright/test'
import { MongoClient } from 'mongodb'
import { expect, test, texts } from './fixtures'
import { rootDir } from '../support/build'
import { present } from '../support/present'
import type { Stack } from '../support/stack'

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

/** The first partner and admin, as the operator of an installation makes them (README.md). */
async function createFirstAdmin({ app }: Pick<Stack, 'app'>) {
  const admin = { email: 'first@people.test', password: 'violet-harbour-grazes-42' }
  const words = ['--partner', 'Newcomers', '--email', admin.email, '--password-stdin']
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', 'scripts/partner-create.ts', ...words],
    {
      cwd: rootDir,
      env: {
        PATH: process.env.PATH,
        NUXT_MONGODB_URI: app.env.NUXT_MONGODB_URI,
        NUXT_MONGODB_DATABASE: app.env.NUXT_MONGODB_DATABASE,
      },
      stdio: ['pipe', 'ignore', 'inherit'],
    },
  )
  child.stdin.end(`${admin.password}\n`)
  expect(await new Promise(resolve => child.once('close', resolve))).toBe(0)
  return admin
}

test('a newcomer on an empty production database invites a colleague, who signs in with a passkey and is removed again', async ({
  page,
  browser,
  stack,
  signIn: enter,
  shoot,
  expectAccessible,
}) => {
  const server = await new MongoClient(stack.database.uri).connect()
  for (const collection of ['partners', 'users'])
    expect(await server.db(stack.database.database).collection(collection).countDocuments()).toBe(0)
  await server.close()
  await enter(await createFirstAdmin(stack))
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
