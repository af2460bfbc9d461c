import { rmSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { openEngine } from './engine'
import { toldToStop } from '../child-process/stop-with-parent'

/**
 * `npm run mongo -- [--dir D]`: the embedded engine on its own. Prints `MONGODB_URI=…` once it can
 * be used and runs until SIGINT or SIGTERM. For `startMongoProcess`: `--die-with-parent` also ends
 * it when its standard input closes, which a kill of the parent does too; `--wait-for-lock-ms N`
 * waits for an engine that is about to stop.
 */
const { values } = parseArgs({
  options: {
    dir: { type: 'string', default: '.data/mongodb' },
    'die-with-parent': { type: 'boolean', default: false },
    'delete-dir-at-end': { type: 'boolean', default: false },
    'wait-for-lock-ms': { type: 'string', default: '0' },
  },
})

const stop = toldToStop({ dieWithParent: values['die-with-parent'] })

try {
  const engine = await openEngine({
    directory: values.dir,
    waitForLockMs: Number(values['wait-for-lock-ms']),
  })
  process.stdout.write(`MONGODB_URI=${engine.uri}\n`)
  await stop
  await engine.close()
  if (values['delete-dir-at-end']) rmSync(values.dir, { recursive: true, force: true })
  process.exit(0)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
}
