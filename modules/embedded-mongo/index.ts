import { join } from 'node:path'
import { defineNuxtModule, useLogger } from 'nuxt/kit'
import { startMongoProcess, type MongoProcess } from './process'

declare global {
  // Nuxt loads its modules again at each restart within one process; the engine outlives that.
  var embeddedMongo: { directory: string; engine: Promise<MongoProcess>; uri?: string } | undefined
}

/**
 * nuxi may start its dev process again while the engine of the old one is still writing its
 * checkpoint.
 */
const waitForLockMs = 10_000

/**
 * Dev only: where no NUXT_MONGODB_URI is set, starts the embedded engine on `.data/mongodb` and
 * points the app at it. Nothing stops it on Nuxt's `close`, which every restart calls: it ends with
 * the dev process, however that ends.
 */
export default defineNuxtModule({
  meta: { name: 'embedded-mongo' },
  async setup(_options, nuxt) {
    if (!nuxt.options.dev || nuxt.options._prepare) return
    const configured = process.env.NUXT_MONGODB_URI
    if (configured && configured !== globalThis.embeddedMongo?.uri) return

    const directory = join(nuxt.options.rootDir, '.data', 'mongodb')
    const { uri } = await runningEngine(directory)
    process.env.NUXT_MONGODB_URI = uri
    nuxt.options.runtimeConfig.mongodbUri = uri
  },
})

async function runningEngine(directory: string): Promise<MongoProcess> {
  const running = globalThis.embeddedMongo
  if (running?.directory === directory) return running.engine

  const logger = useLogger('embedded-mongo')
  const engine = startMongoProcess({
    dir: directory,
    waitForLockMs,
    log: line => logger.warn(line),
  })
  const entry: NonNullable<typeof running> = { directory, engine }
  globalThis.embeddedMongo = entry
  try {
    const started = await engine
    entry.uri = started.uri
    logger.info(`MongoDB (embedded): ${started.uri}`)
    void started.ended.then(() => {
      if (globalThis.embeddedMongo === entry) globalThis.embeddedMongo = undefined
      if (process.env.NUXT_MONGODB_URI === started.uri) delete process.env.NUXT_MONGODB_URI
    })
    return started
  } catch (error) {
    globalThis.embeddedMongo = undefined
    throw error
  }
}
