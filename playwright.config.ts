import { availableParallelism } from 'node:os'
import { defineConfig } from '@playwright/test'
import { findBrowser } from './tests/support/browser'

const { executablePath, args, env } = await findBrowser()

/**
 * Browser tests against the production build. Each worker has an engine and a simulator, each test
 * a server and a database of its own (`tests/e2e/fixtures.ts`): the order does not matter.
 */
export default defineConfig({
  testDir: 'tests/e2e',
  testMatch: '**/*.spec.ts',
  outputDir: 'artifacts/e2e',
  snapshotPathTemplate: '{testDir}/pictures/{arg}{ext}',
  globalSetup: './tests/e2e/global-setup.ts',
  fullyParallel: true,
  workers: Math.min(2, availableParallelism()),
  timeout: 300_000,
  expect: { timeout: 30_000 },
  reporter: 'list',
  forbidOnly: Boolean(process.env.CI),
  use: {
    browserName: 'chromium',
    launchOptions: {
      executablePath,
      args,
      env: { ...process.env, ...env },
    },
    viewport: { width: 1280, height: 900 },
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    screenshot: 'only-on-failure',
    // A trace costs a fifth of all work, and without pictures at that: on demand, where a test fails.
    trace: process.env.TEST_TRACE ? { mode: 'retain-on-failure', screenshots: false } : 'off',
    contextOptions: { reducedMotion: 'reduce' },
  },
})
