import { startMongoProcess } from '../../../modules/embedded-mongo/process'

// Starts an engine and lives until killed: what a dev server is to its engine.
const engine = await startMongoProcess({ dir: process.argv[2] })
process.stdout.write(`${JSON.stringify({ uri: engine.uri, pid: engine.pid })}\n`)
process.stdin.resume()
