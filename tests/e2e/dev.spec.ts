import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { test as base, expect } from '@playwright/test'
import { texts } from '#shared/texts/en'
import { freePort } from '../support/app'
import { rootDir } from '../support/build'
import { keepOutput } from '../support/canary'

/** `npm run dev` as a newcomer starts it: nothing configured. */
const test = base.extend<{ dev: { url: string; output(): string } }>({
  dev: async ({}, use) => {
    const port = await freePort()
    const env = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^(NUXT_|NITRO_|NODE_ENV$|PORT$)/.test(name)),
    )
    const child: ChildProcess = spawn(
      process.execPath,
      [
        join(rootDir, 'node_modules', 'nuxt', 'bin', 'nuxt.mjs'),
        'dev',
        '--port',
        String(port),
        '--no-fork',
      ],
      {
        cwd: rootDir,
        env: { ...env, NUXT_TELEMETRY_DISABLED: '1', NUXT_BUILD_DIR: 'artifacts/nuxt/dev' },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    keepOutput(child, 'dev')
    const output: string[] = []
    child.stdout?.on('data', (chunk: Buffer) => output.push(chunk.toString()))
    child.stderr?.on('data', (chunk: Buffer) => output.push(chunk.toString()))
    const ended = new Promise(resolve => child.once('close', resolve))
    const url = `http://localhost:${port}`
    const deadline = Date.now() + 240_000
    while (
      !(await fetch(`${url}/readyz`).then(
        answer => answer.ok,
        () => false,
      ))
    ) {
      if (Date.now() > deadline || child.exitCode !== null)
        throw new Error(`The dev server did not start:\n${output.join('').slice(-4000)}`)
      await new Promise(resolve => setTimeout(resolve, 250))
    }
    await use({ url, output: () => output.join('') })
    child.kill('SIGTERM')
    await ended
  },
})

test('the dev server serves the product with nothing configured', async ({ page, dev }) => {
  test.setTimeout(420_000)
  expect(dev.output()).toContain('MongoDB (embedded): mongodb://')
  await page.goto(`${dev.url}/login`, { timeout: 120_000 })
  await expect(page.getByText('admin@demo.test')).toBeVisible({ timeout: 60_000 })
  // The dev server may still be bundling, and reload the page once it has: a click before that is
  // nobody's.
  await expect(async () => {
    if (page.url().includes('/login'))
      await page
        .getByRole('button', { name: texts.login.demoSignIn(texts.common.role.admin) })
        .click({ timeout: 5_000 })
    await page.waitForURL(url => !url.pathname.startsWith('/login'), { timeout: 8_000 })
  }).toPass({ timeout: 180_000 })
  await page.goto(`${dev.url}/settings/hubspot`, { timeout: 120_000 })
  const connect = page.getByRole('button', { name: texts.connection.connect }).first()
  const connected = page.getByText(texts.summary.word.in_step, { exact: true }).first()
  await expect(connect.or(connected).first()).toBeVisible({ timeout: 60_000 })
  // Where somebody works with this copy, it may be connected already. A server that still bundles
  // may answer the click late: a person would then start again, and so does this.
  const grant = page.locator('button[name=decision].primary')
  await expect(async () => {
    if (await connected.isVisible()) return
    if (page.url().startsWith(dev.url)) await connect.click({ timeout: 5_000 })
    await grant.click({ timeout: 30_000 })
    await page.waitForURL(url => url.href.startsWith(dev.url), { timeout: 60_000 })
    await expect(connected).toBeVisible({ timeout: 30_000 })
  }).toPass({ timeout: 240_000 })
  await expect(page.getByText(texts.summary.in_step)).toBeVisible({ timeout: 120_000 })
})
