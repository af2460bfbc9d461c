import { startSimulatorProcess } from '../../../modules/hubspot-simulator/process'

/** A parent to be killed: starts a simulator, prints where it is, stays. */
const simulator = await startSimulatorProcess({ port: 0 })
process.stdout.write(`${simulator.url}\n`)
setInterval(() => {}, 1_000)
