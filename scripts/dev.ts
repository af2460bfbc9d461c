import { existsSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { adoptOtherNames, portAsked } from '../modules/dev-defaults/defaults'
import { choosePort } from '../modules/dev-defaults/port'
import { runAttached } from './run-attached'

/**
 * `npm run dev`: Nuxt's development server on a port that is free. Nuxt alone would take another
 * port as well, but only after the redirect URI was made.
 */
const rootDir = fileURLToPath(new URL('..', import.meta.url))
if (existsSync(join(rootDir, '.env'))) process.loadEnvFile(join(rootDir, '.env'))
adoptOtherNames()
const choice = await choosePort(
  portAsked() ?? 3000,
  process.env.NUXT_PUBLIC_HUBSPOT_REDIRECT_URI?.trim() || undefined,
)
if ('refusal' in choice) {
  process.stderr.write(`${choice.refusal}\n`)
  process.exit(1)
}
if (choice.hint !== null) process.stdout.write(`${choice.hint}\n`)
const words = process.argv.slice(2)
const others = words.filter(
  (word, place) =>
    !/^(--port(=|$)|-p$)/.test(word) && !/^(--port|-p)$/.test(words[place - 1] ?? ''),
)
const code = await runAttached(
  [
    join(rootDir, 'node_modules', 'nuxt', 'bin', 'nuxt.mjs'),
    'dev',
    ...others,
    '--port',
    String(choice.port),
  ],
  rootDir,
)
process.exit(code ?? 1)
