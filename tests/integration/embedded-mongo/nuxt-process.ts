import { fileURLToPath } from 'node:url'
import { loadNuxt } from 'nuxt/kit'

// A Nuxt project with the module and nothing else: loaded, restarted as a change of nuxt.config
// does, then left.
const [rootDir = '', mode = 'dev'] = process.argv.slice(2)
const seen: unknown[] = []
for (let round = 0; round < 2; round += 1) {
  const nuxt = await loadNuxt({
    cwd: rootDir,
    dev: mode === 'dev',
    overrides: {
      modules: [
        fileURLToPath(new URL('../../../modules/embedded-mongo/index.ts', import.meta.url)),
      ],
      runtimeConfig: { mongodbUri: '' },
      telemetry: false,
      logLevel: 'verbose',
    },
  })
  seen.push({
    environment: process.env.NUXT_MONGODB_URI ?? null,
    runtimeConfig: nuxt.options.runtimeConfig.mongodbUri,
  })
  await nuxt.close()
}
process.stdout.write(`\nSEEN ${JSON.stringify(seen)}\n`)
process.exit(0)
