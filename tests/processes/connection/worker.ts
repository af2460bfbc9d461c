import process from 'node:process'
import { ObjectId } from 'mongodb'
import { loadConfiguration } from '../../../server/configuration'
import { createConnection } from '../../../server/connection/index'
import { createAuditLog } from '../../../server/database/audit'
import { createDatabase } from '../../../server/database/client'
import { createCipher } from '../../../server/database/envelope'
import { createHubspotHttp } from '../../../server/hubspot/http'
import { createLog } from '../../../server/observability/log'
import { createMetrics } from '../../../server/observability/metrics'
import type { WorkerAnswer, WorkerOrder } from './pool'

/**
 * One app process as far as the grant goes, told what to do by its parent. TEST_KILL_AT names the step at which it dies without a word;
 * TEST_STOP_AT the one at which it stops as a process under SIGSTOP does.
 */
const configuration = loadConfiguration(process.env)
const database = createDatabase(configuration.mongodb)
const { collections } = database
const clock = () => new Date()
const log = createLog({ level: 'silent' })
const metrics = createMetrics()
const connection = createConnection({
  collections, configuration, clock, log, metrics,
  cipher: createCipher(configuration.encryptionKeys),
  audit: createAuditLog({ collections, clock }),
  http: createHubspotHttp({ fetch: globalThis.fetch, apiBaseUrl: configuration.hubspot.apiBaseUrl, log, metrics }),
  confirmRevokedAfterMs: 200,
  onStep(step) {
    if (step === process.env.TEST_KILL_AT) process.kill(process.pid, 'SIGKILL')
    if (step === process.env.TEST_STOP_AT) {
      process.env.TEST_STOP_AT = ''
      process.send?.({ stopped: step })
      process.kill(process.pid, 'SIGSTOP')
    }
  },
})

async function tell(order: WorkerOrder): Promise<WorkerAnswer> {
  const partnerId = new ObjectId(order.partnerId)
  if (order.do === 'callback') {
    const signedIn = { sessionId: new ObjectId(order.sessionId), user: { id: new ObjectId(order.userId), email: 'admin@example.test', role: 'admin' as const }, partner: { id: partnerId, name: 'x' } }
    if (order.start) {
      const { state, browser } = await connection.connect(signedIn, {})
      return { state, secret: browser.secret }
    }
    return await connection.callback({ query: { code: order.code, state: order.state }, signedIn, takeBrowserSecret: () => order.secret })
  }
  if (order.do === 'disconnect') return await connection.disconnect(partnerId, { kind: 'system', user_id: null, email: null })
  const results = await Promise.all(Array.from({ length: order.callers }, () => connection.getValidAccessToken(partnerId).then(token => token.accessToken, (error: { code?: string }) => `error ${error.code ?? String(error)}`)))
  return { tokens: [...new Set(results)], answered: results.length }
}

process.on('message', (order: WorkerOrder) => {
  void tell(order).then(answer => process.send?.({ answer }), (error: Error) => process.send?.({ failure: error.stack }))
})
process.on('disconnect', () => process.exit(0))
void database.ping().then(() => process.send?.({ ready: true }))
