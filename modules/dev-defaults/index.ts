import { createResolver, defineNuxtModule, installModule, useLogger } from 'nuxt/kit'
import { adoptOtherNames, applyDefaults, developmentDefaults, portAsked } from './defaults'

/**
 * `npm run dev` needs nothing: secrets made once into `.data/`, the embedded MongoDB, the HubSpot
 * simulator and two demo users, each where nothing else is configured. A build and a production
 * start know nothing of this.
 */
export default defineNuxtModule({
  meta: { name: 'dev-defaults' },
  async setup(_options, nuxt) {
    if (!nuxt.options.dev || nuxt.options._prepare) return
    const { resolve } = createResolver(import.meta.url)
    for (const hint of adoptOtherNames()) useLogger('dev-defaults').info(hint)
    applyDefaults(
      developmentDefaults(nuxt.options.rootDir, portAsked() ?? nuxt.options.devServer.port),
    )
    await installModule(resolve('../embedded-mongo/index'))
    await installModule(resolve('../hubspot-simulator/index'))
    useLogger('dev-defaults').info(
      'Sign in as admin@demo.test or member@demo.test: the form shows their passwords.',
    )
  },
})
