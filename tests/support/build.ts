import { spawn } from 'node:child_process'
import { existsSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const rootDir = fileURLToPath(new URL('../..', import.meta.url))
export const serverEntry = join(rootDir, '.output', 'server', 'index.mjs')

const sources = [
  'app.vue',
  'error.vue',
  'app.config.ts',
  'nuxt.config.ts',
  'package-lock.json',
  'assets',
  'components',
  'composables',
  'layouts',
  'middleware',
  'pages',
  'plugins',
  'public',
  'server',
  'shared',
  'utils',
  'modules',
]

function newestChange(path: string): number {
  if (!existsSync(path)) return 0
  const stats = statSync(path)
  if (!stats.isDirectory()) return stats.mtimeMs
  return Math.max(stats.mtimeMs, ...readdirSync(path).map(name => newestChange(join(path, name))))
}

/**
 * Values that must not get into a build: it is made with every secret set to one of these, and
 * `tests/built/secrets.test.ts` looks for them. Each passes for what it stands in for, so that
 * nothing drops it for its form.
 */
export const canaries: Record<string, string> = {
  NUXT_MONGODB_URI: 'mongodb://canary-user:CANARY-mongodb-password@db.canary.test/',
  NUXT_AUTH_JWT_SECRET: 'CANARY-jwt-0b7c1c3f5a9e4d2c8f6a1b3d5e7f9a0c',
  NUXT_TOKEN_ENCRYPTION_KEYS: 'canary:Q0FOQVJZLWVuY3J5cHRpb24ta2V5LTAxMjM0NTY3ODk=',
  NUXT_HUBSPOT_CLIENT_SECRET: 'CANARY-client-secret-5f2d8b1e',
  NUXT_SMTP_URL: 'smtp://canary:CANARY-smtp-password@mail.canary.test:587',
  NUXT_PUBLIC_DEMO_ACCOUNTS:
    '[{"email":"a@canary.test","password":"CANARY-demo-password","role":"admin"}]',
}
const marker = join(rootDir, '.output', 'made-with-canaries')

/**
 * @returns whether `.output` stands, was made here and is younger than everything it is made from
 */
function isBuildCurrent(): boolean {
  if (!existsSync(serverEntry) || !existsSync(marker)) return false
  const builtAt = statSync(marker).mtimeMs
  return sources.every(source => newestChange(join(rootDir, source)) <= builtAt)
}

/**
 * Makes the production build unless it is current. @throws with what `nuxt build` wrote when it
 * fails
 */
export async function ensureBuild({ force = false } = {}): Promise<void> {
  if (!force && isBuildCurrent()) return
  const startedAt = new Date()
  const nuxt = join(rootDir, 'node_modules', 'nuxt', 'bin', 'nuxt.mjs')
  const child = spawn(process.execPath, [nuxt, 'build'], {
    cwd: rootDir,
    env: {
      ...process.env,
      NODE_ENV: 'production',
      NUXT_BUILD_DIR: 'artifacts/nuxt/build',
      ...canaries,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output: string[] = []
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk.toString()))
  const code = await new Promise<number | null>(resolve => child.once('close', resolve))
  if (code !== 0) throw new Error(`nuxt build ended with ${code}:\n${output.join('').slice(-4000)}`)
  writeFileSync(marker, '')
  utimesSync(marker, startedAt, startedAt)
}
