import { fileURLToPath } from 'node:url'
import { loadNuxt } from 'nuxt/kit'

// A Nuxt project with the module and nothing else: loaded, restarted as a change of nuxt.config
// does, then left.
const [rootDir = '', mode = 'dev', rounds = '1'] = process.argv.slice(2)
const names = [
  'NUXT_PUBLIC_HUBSPOT_CLIENT_ID',
  'NUXT_HUBSPOT_API_BASE_URL',
  'NUXT_PUBLIC_HUBSPOT_REDIRECT_URI',
  'NUXT_HUBSPOT_WEBHOOK_URL',
]
const seen: unknown[] = []
for (let round = 0; round < Number(rounds); round += 1) {
  const nuxt = await loadNuxt({
    cwd: rootDir,
    dev: mode === 'dev',
    overrides: {
      modules: [
        fileURLToPath(new URL('../../../modules/hubspot-simulator/index.ts', import.meta.url)),
      ],
      telemetry: false,
      devtools: { enabled: false },
    },
  })
  seen.push(Object.fromEntries(names.map(name => [name, process.env[name] ?? ''])))
  await nuxt.close()
}
process.stdout.write(`\nSEEN ${JSON.stringify(seen)}\n`)
process.exit(0)
