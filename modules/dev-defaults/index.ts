import { createResolver, defineNuxtModule, installModule, useLogger } from 'nuxt/kit'
import { applyDefaults, developmentDefaults } from './defaults'

/**
 * `npm run dev` needs nothing: secrets made once into `.data/`, the embedded MongoDB, the HubSpot simulator and two demo users, each where
 * nothing else is configured. A build and a production start know nothing of this.
 */
export default defineNuxtModule({
  meta: { name: 'dev-defaults' },
  async setup(_options, nuxt) {
    if (!nuxt.options.dev || nuxt.options._prepare) return
    const { resolve } = createResolver(import.meta.url)
    applyDefaults(developmentDefaults(nuxt.options.rootDir, portAsked() ?? nuxt.options.devServer.port))
    await installModule(resolve('../embedded-mongo/index'))
    await installModule(resolve('../hubspot-simulator/index'))
    useLogger('dev-defaults').info('Sign in as admin@demo.test or member@demo.test: the form shows their passwords.')
  },
})

/** The port that the command line or the environment asks for: Nuxt's own option may not know of it yet. The redirect URI names it. */
function portAsked(): number | undefined {
  const { argv, env } = process
  const at = argv.findIndex(word => word === '--port' || word === '-p')
  const text = at >= 0 ? argv[at + 1] : argv.find(word => word.startsWith('--port='))?.slice('--port='.length) ?? env.NUXT_PORT ?? env.PORT
  return text !== undefined && /^[1-9]\d{0,4}$/.test(text) ? Number(text) : undefined
}
