import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startMongoProcess } from '../../../modules/embedded-mongo/process'
import { runScript } from './run'

interface Seen {
  environment: string | null
  runtimeConfig: string
}

// Nuxt finds itself from its root directory upwards, so the project lies inside this one, where git
// does not look.
const parent = fileURLToPath(new URL('../../../.data', import.meta.url))
let rootDir = ''
beforeEach(() => {
  mkdirSync(parent, { recursive: true })
  rootDir = mkdtempSync(join(parent, 'nuxt-'))
})
afterEach(() => rmSync(rootDir, { recursive: true, force: true }))

async function runNuxt(mode: string, uri = ''): Promise<{ seen: Seen[]; output: string }> {
  const { code, stdout, stderr } = await runScript('./nuxt-process.ts', [rootDir, mode], {
    env: { NUXT_MONGODB_URI: uri },
  }).ended
  expect(stderr.filter(line => /error/i.test(line))).toEqual([])
  expect(code).toBe(0)
  const line = stdout.find(candidate => candidate.startsWith('SEEN '))
  return {
    seen: JSON.parse((line ?? 'SEEN []').slice('SEEN '.length)) as Seen[],
    output: [...stdout, ...stderr].join('\n'),
  }
}

// Nuxt is loaded as a whole, twice, in a process of its own.
describe('the Nuxt module', { timeout: 240_000 }, () => {
  it('starts one engine for the dev process, keeps it over a restart and lets it go with the process', async () => {
    const { seen, output } = await runNuxt('dev')
    const [first, second] = seen
    expect(first?.environment).toMatch(/^mongodb:\/\//)
    expect(first?.runtimeConfig).toBe(first?.environment)
    expect(second).toEqual(first)
    expect(output.split(`MongoDB (embedded): ${first?.environment}`)).toHaveLength(2)

    const next = await startMongoProcess({
      dir: join(rootDir, '.data', 'mongodb'),
      waitForLockMs: 60_000,
    })
    await next.stop()
  })

  it('leaves a configured server alone', async () => {
    const uri = 'mongodb://db.example.com:27017'
    const { seen } = await runNuxt('dev', uri)
    expect(seen[0]).toMatchObject({ environment: uri })
    expect(existsSync(join(rootDir, '.data', 'mongodb'))).toBe(false)
  })

  it('starts nothing for a build', async () => {
    const { seen } = await runNuxt('build')
    expect(seen[0]).toEqual({ environment: '', runtimeConfig: '' })
    expect(existsSync(join(rootDir, '.data', 'mongodb'))).toBe(false)
  })
})
