import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import { test as base, expect, type Page } from '@playwright/test'
import {
  startSimulatorProcess,
  type SimulatorProcess,
} from '../../modules/hubspot-simulator/process'
import { texts } from '#shared/texts/en'
import type { ControlClient } from '../../simulator/control-client'
import { freePort } from '../support/app'
import { rootDir } from '../support/build'
import type { TestPartner, TestUser } from '../support/builders'
import { canary, keepPage, logLevel } from '../support/canary'
import { fastDirectory } from '../support/fast-directory'
import type { TestDatabase } from '../support/mongo'
import { isWhole } from '../support/proofs'
import { databaseBeside, ownDatabase, startStack, type Stack } from '../support/stack'

interface WorkerFixtures {
  /** What takes long to start: one engine and one simulator for all tests of a worker */
  backends: { database: TestDatabase; simulator: SimulatorProcess; port: number }
  /** Seconds between two scheduled syncs */
  syncInterval: string
}

interface TestFixtures {
  /** A server and a database of this test's own */
  stack: Stack & { simulator: SimulatorProcess }
  partner: TestPartner
  /** Signs in as the form does, without a page: a test of the form fills it in itself */
  enter(user: Pick<TestUser, 'email' | 'password'>): Promise<void>
  /** Signs in and opens the start page */
  signIn(user: Pick<TestUser, 'email' | 'password'>): Promise<void>
  /**
   * On HubSpot's consent page, which the browser is on its way to: agrees, for another account (by
   * its place in the list) where told, and waits until it is back
   */
  agree(place?: number): Promise<void>
  /** From the settings page through HubSpot's consent page and back */
  connect(): Promise<void>
  /** Signs in, connects, and waits until the first import is over */
  begin(user: TestUser): Promise<void>
  /**
   * Asks the API as the signed-in page does. @returns the answer's body; what the server refuses
   * fails the test
   */
  api<T>(method: 'GET' | 'POST' | 'PATCH', path: string, data?: object): Promise<T>
  /**
   * The page as it is, at three widths and dark: nothing scrolls sideways. With TEST_SCREENSHOTS=1
   * pictures of it go to `artifacts/screenshots`.
   */
  shoot(name: string): Promise<void>
  /** No accessibility violation, in both colour modes */
  expectAccessible(): Promise<void>
}

export const demoContacts = 300
export const demoDeals = 60
/**
 * The server closes a connection that is idle for five seconds. A request that is sent on it at that
 * moment fails, and Playwright does not send it again as a browser would.
 */
const notKeptOpen = { connection: 'close' }

const accessibilityTags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
/** Those of axe's rules with these tags that look at colours */
const colorRules = ['color-contrast', 'link-in-text-block']
const screenshots = join(rootDir, 'artifacts', 'screenshots')

/**
 * Waits until Vue has taken over the page: what is clicked or typed before that is lost. Pages that
 * are not the app's are left alone.
 */
async function untilHydrated(page: Page): Promise<void> {
  const isHydrated = () =>
    page.evaluate(() => {
      const { useNuxtApp } = window as { useNuxtApp?: () => { isHydrating?: boolean } }
      return document.querySelector('#__nuxt') === null || useNuxtApp?.().isHydrating === false
    })
  // A page that is being left cannot be asked: the next one can.
  await expect.poll(() => isHydrated().catch(() => false)).toBe(true)
}

/**
 * Changes the colour mode, and waits until the page wears it: it hears of the change a moment later.
 * Pages of HubSpot's have no class for it.
 */
export async function wear(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme })
  await page.waitForFunction(
    mode =>
      document.querySelector('#__nuxt') === null ||
      document.documentElement.classList.contains(mode),
    colorScheme,
  )
}

/**
 * What a visitor's console must not show. A 4xx that a test provokes shows as "Failed to load
 * resource".
 */
function watch(page: Page): string[] {
  const complaints: string[] = []
  page.on('pageerror', error => complaints.push(`error: ${error.message}`))
  page.on('console', message => {
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text()))
      complaints.push(message.text())
    if (message.type() === 'warning' && /Hydration|Content Security Policy/i.test(message.text()))
      complaints.push(message.text())
  })
  return complaints
}

/** The app is uninstalled from every account and HubSpot works again: the next test begins anew. */
async function leaveAccounts(control: ControlClient): Promise<void> {
  await control.clearFaults()
  const { installations } = await control.state()
  for (const { portalId } of installations) await control.uninstall(portalId)
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  syncInterval: ['5', { option: true, scope: 'worker' }],

  backends: [
    async ({}, use) => {
      const database = await ownDatabase(
        `pc-e2e-${randomBytes(6).toString('hex')}`,
        fastDirectory(),
      )
      const port = await freePort()
      const simulator = await startSimulatorProcess({
        strictBodies: true,
        port: 0,
        contacts: demoContacts,
        deals: demoDeals,
        redirectUri: `http://localhost:${port}/v1/integrations/hubspot/callback`,
      })
      await use({ database, simulator, port })
      await simulator.stop()
      await database.drop()
    },
    { scope: 'worker', timeout: 300_000 },
  ],

  // What a server counts and remembers, faults among it, ends with its test.
  stack: [
    async ({ backends: { database, simulator, port }, syncInterval }, use, { testId }) => {
      const stack = await startStack({
        database: databaseBeside(database, testId),
        simulator,
        ports: [port],
        env: { NUXT_HUBSPOT_SYNC_INTERVAL: syncInterval, NUXT_LOG_LEVEL: logLevel('debug') },
      })
      await use({ ...stack, simulator })
      await stack.stop()
      await leaveAccounts(stack.control)
    },
    { timeout: 120_000 },
  ],

  baseURL: async ({ stack }, use) => use(stack.app.url),

  page: async ({ page, stack }, use, { titlePath }) => {
    const complaints = watch(page)
    const goto = page.goto.bind(page)
    page.goto = async (url, options) => {
      const answer = await goto(url, options)
      await untilHydrated(page)
      return answer
    }
    const reload = page.reload.bind(page)
    page.reload = async options => {
      const answer = await reload(options)
      await untilHydrated(page)
      return answer
    }
    const name = titlePath.join(' ')
    if (canary !== '') {
      page.on('response', response => {
        const kind = response.request().resourceType()
        if (response.url().startsWith(stack.app.url) && ['document', 'fetch', 'xhr'].includes(kind))
          void response.text().then(
            text => keepPage(name, text),
            () => {},
          )
      })
    }
    await use(page)
    if (canary !== '' && page.url().startsWith(stack.app.url))
      keepPage(
        name,
        `${await page.content()}\n${await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, location.href]))}`,
      )
    expect(complaints).toEqual([])
  },

  partner: async ({ stack }, use) => use(await stack.aPartner()),

  enter: async ({ page, stack }, use) =>
    use(async ({ email, password }) => {
      const answer = await page.request.post('/api/v1/auth/login', {
        data: { email, password },
        headers: {
          origin: stack.app.url,
          'user-agent': await page.evaluate(() => navigator.userAgent),
          ...notKeptOpen,
        },
      })
      expect(answer.status()).toBe(200)
    }),

  signIn: async ({ page, enter }, use) =>
    use(async user => {
      await enter(user)
      await page.goto('/')
    }),

  agree: async ({ page, stack }, use) =>
    use(async place => {
      await page.waitForURL(url => url.href.startsWith(stack.simulator.url))
      if (place !== undefined) await page.getByRole('radio').nth(place).check()
      await page.locator('button[name=decision].primary').click()
      await page.waitForURL(url => url.href.startsWith(stack.app.url))
      await untilHydrated(page)
    }),

  connect: async ({ page, agree }, use) =>
    use(async () => {
      await page.goto('/settings/hubspot')
      await page.getByRole('button', { name: texts.connection.connect }).first().click()
      await agree()
    }),

  begin: async ({ page, enter, connect }, use) =>
    use(async user => {
      await enter(user)
      await connect()
      await expect(page.getByText(texts.summary.in_step)).toBeVisible({ timeout: 120_000 })
    }),

  api: async ({ page, stack }, use) =>
    use(async (method, path, data) => {
      const answer = await page.request.fetch(`/api/v1${path}`, {
        method,
        ...(data === undefined ? {} : { data }),
        headers: { origin: stack.app.url, ...notKeptOpen },
      })
      expect(answer.ok(), `${method} ${path}: ${answer.status()} ${await answer.text()}`).toBe(true)
      return await answer.json()
    }),

  shoot: async ({ page }, use) =>
    use(async name => {
      mkdirSync(screenshots, { recursive: true })
      const before = page.viewportSize() ?? { width: 1280, height: 900 }
      const variants = [
        { suffix: 'wide', width: 1280, height: 900, colorScheme: 'light' },
        { suffix: 'dark', width: 1280, height: 900, colorScheme: 'dark' },
        { suffix: 'tablet', width: 768, height: 1024, colorScheme: 'light' },
        { suffix: 'narrow', width: 360, height: 780, colorScheme: 'light' },
      ] as const
      for (const { suffix, width, height, colorScheme } of variants) {
        await page.setViewportSize({ width, height })
        await wear(page, colorScheme)
        if (process.env.TEST_SCREENSHOTS)
          await page.screenshot({
            path: join(screenshots, `${name}-${suffix}.png`),
            fullPage: true,
          })
        const overflow = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        )
        expect(overflow, `${name} at ${width} px scrolls sideways`).toBeLessThanOrEqual(0)
      }
      await page.setViewportSize(before)
      await wear(page, 'light')
    }),

  expectAccessible: async ({ page }, use) =>
    use(async () => {
      await expect(page.locator('svg:not(:has(*))'), 'icons that show nothing').toHaveCount(0)
      // What lies behind an open dialog is dimmed on purpose, and out of reach.
      const dialog = (await page.getByRole('dialog').count()) > 0
      for (const colorScheme of ['light', 'dark'] as const) {
        await wear(page, colorScheme)
        // Without a page of its own for each result; none of our pages has a frame of another origin.
        const axe = new AxeBuilder({ page }).setLegacyMode()
        if (dialog) axe.include('[role=dialog]')
        // The other mode has other colours and nothing else.
        if (colorScheme === 'light' || isWhole) axe.withTags(accessibilityTags)
        else axe.withRules(colorRules)
        const { violations } = await axe.analyze()
        expect(
          violations.map(
            ({ id, nodes }) =>
              `${colorScheme} ${id}: ${nodes.map(node => node.target.join(' ')).join(' | ')}`,
          ),
        ).toEqual([])
      }
      await wear(page, 'light')
    }),
})

export { expect, texts }
