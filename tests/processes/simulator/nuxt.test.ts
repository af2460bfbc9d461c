import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

// Nuxt finds itself from its root directory upwards, so the project lies inside this one, where git
// does not look.
const parent = fileURLToPath(new URL('../../../.data', import.meta.url))
let rootDir = ''
beforeAll(() => {
  mkdirSync(parent, { recursive: true })
  rootDir = mkdtempSync(join(parent, 'nuxt-'))
})
afterAll(() => rmSync(rootDir, { recursive: true, force: true }))

async function runNuxt(
  mode: string,
  rounds: number,
  environment: Record<string, string> = {},
): Promise<Record<string, string>[]> {
  const script = fileURLToPath(new URL('./nuxt-process.ts', import.meta.url))
  const none = {
    NUXT_PUBLIC_HUBSPOT_CLIENT_ID: '',
    NUXT_PUBLIC_HUBSPOT_REDIRECT_URI: '',
    NUXT_HUBSPOT_API_BASE_URL: '',
    NUXT_HUBSPOT_WEBHOOK_URL: '',
  }
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', script, rootDir, mode, String(rounds)],
    { env: { ...process.env, ...none, NODE_OPTIONS: '', ...environment } },
  )
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const code = await new Promise(resolve => child.once('close', resolve))
  expect(code, output).toBe(0)
  return JSON.parse(/^SEEN (.*)$/m.exec(output)?.[1] ?? '[]') as Record<string, string>[]
}

describe('the Nuxt module', { timeout: 240_000 }, () => {
  test('starts one simulator for the dev process, keeps it over a restart and lets it go with the process', async () => {
    const [first, second] = await runNuxt('dev', 2, {
      NUXT_PUBLIC_HUBSPOT_REDIRECT_URI: 'http://localhost:4567/callback',
    })
    expect(first).toMatchObject({
      NUXT_PUBLIC_HUBSPOT_REDIRECT_URI: 'http://localhost:4567/callback',
      NUXT_HUBSPOT_WEBHOOK_URL: 'http://localhost:4567/v1/leads/webhooks/hubspot',
    })
    expect(first?.NUXT_HUBSPOT_API_BASE_URL).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(second).toEqual(first)
    await expect
      .poll(
        () =>
          fetch(`${first?.NUXT_HUBSPOT_API_BASE_URL}/_control/state`).then(
            () => 'up',
            () => 'down',
          ),
        { timeout: 20_000 },
      )
      .toBe('down')
  })

  test('leaves a configured HubSpot app alone, and starts nothing for a build', async () => {
    const [configured] = await runNuxt('dev', 1, { NUXT_PUBLIC_HUBSPOT_CLIENT_ID: 'mine' })
    expect(configured).toMatchObject({
      NUXT_PUBLIC_HUBSPOT_CLIENT_ID: 'mine',
      NUXT_HUBSPOT_API_BASE_URL: '',
    })
    const [build] = await runNuxt('build', 1)
    expect(build).toMatchObject({
      NUXT_PUBLIC_HUBSPOT_CLIENT_ID: '',
      NUXT_HUBSPOT_API_BASE_URL: '',
    })
  })
})
