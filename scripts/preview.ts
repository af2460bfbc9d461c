import { existsSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import {
  adoptOtherNames,
  applyDefaults,
  developmentDefaults,
} from '../modules/dev-defaults/defaults'
import { startMongoProcess } from '../modules/embedded-mongo/process'
import { startSimulatorProcess } from '../modules/hubspot-simulator/process'
import { runAttached } from './run-attached'

/**
 * `npm run preview`: the production build with the embedded defaults of `dev` where nothing else is
 * configured. Builds where no build stands.
 */
const rootDir = fileURLToPath(new URL('..', import.meta.url))
const port = Number(process.env.PORT || 3000)
const say = (line: string) => void process.stdout.write(`${line}\n`)

if (existsSync(join(rootDir, '.env'))) process.loadEnvFile(join(rootDir, '.env'))
const entry = join(rootDir, '.output', 'server', 'index.mjs')
if (!existsSync(entry)) {
  const code = await runAttached(
    [join(rootDir, 'node_modules', 'nuxt', 'bin', 'nuxt.mjs'), 'build'],
    rootDir,
  )
  if (code !== 0) process.exit(code ?? 1)
}

for (const hint of adoptOtherNames()) say(hint)
applyDefaults(developmentDefaults(rootDir, port))
process.env.PORT = String(port)
const started: { stop(): Promise<void> }[] = []
if (!process.env.NUXT_MONGODB_URI) {
  const mongo = await startMongoProcess({ dir: join(rootDir, '.data', 'mongodb'), log: say })
  started.push(mongo)
  process.env.NUXT_MONGODB_URI = mongo.uri
  say(`MongoDB (embedded): ${mongo.uri}`)
}
if (!process.env.NUXT_PUBLIC_HUBSPOT_CLIENT_ID) {
  const simulator = await startSimulatorProcess({
    redirectUri: process.env.NUXT_PUBLIC_HUBSPOT_REDIRECT_URI,
    log: say,
  })
  started.push(simulator)
  applyDefaults(simulator.env)
  say(`HubSpot simulator: ${simulator.url}`)
}
say(`Open http://localhost:${port}`)
const code = await runAttached([entry], rootDir)
for (const { stop } of started) await stop()
process.exit(code ?? 1)
