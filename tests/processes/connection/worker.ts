import process from 'node:process'
import { MongoNetworkError, ObjectId } from 'mongodb'
import { loadConfiguration } from '../../../server/config/configuration'
import { createConnection } from '../../../server/connection/index'
import type { Step } from '../../../server/connection/crash-points'
import { createAuditLog } from '../../../server/database/audit'
import { createDatabase } from '../../../server/database/client'
import { createCipher } from '../../../server/database/encryption'
import { createHubspotHttp } from '../../../server/hubspot/http'
import { createLog } from '../../../server/observability/log'
import { createMetrics } from '../../../server/observability/metrics'
import { keepLine } from '../../support/canary'
import type { WorkerAnswer, WorkerOrder } from './pool'

/**
 * One app process as far as the grant goes, told what to do by its parent. TEST_KILL_AT names the
 * step, or the point of docs/architecture.md#crash-points, at which it dies without a word;
 * TEST_STOP_AT the step at which it stops as a process under SIGSTOP does. TEST_ACK_LOST: the
 * database's word that it stored a token does not arrive, once. TEST_STORE_FAILS: it takes no token
 * so many times. TEST_CLOCK_MS: how far this process's clock is off.
 */
const stepOf: Record<string, Step> = {
  R1: 'refresh_lease_taken',
  R3: 'refresh_answered',
  R6: 'refresh_stored',
}
const killAt = process.env.TEST_KILL_AT ?? ''
const die = () => process.kill(process.pid, 'SIGKILL')
const configuration = loadConfiguration(process.env)
const database = createDatabase(configuration.mongodb)
const { collections } = database
const clock = () => new Date(Date.now() + Number(process.env.TEST_CLOCK_MS ?? 0))
const log = createLog({ level: 'trace', destination: { write: line => keepLine('worker', line) } })

const fetchWithPoint: typeof fetch = async (input, init) => {
  const answer = await fetch(input, init)
  if (killAt === 'R2' && String(input).endsWith('/token')) die()
  return answer
}

const partners = collections.partners as unknown as Record<
  'findOneAndUpdate' | 'updateOne',
  (...input: unknown[]) => Promise<unknown>
>
const { findOneAndUpdate, updateOne } = partners
let acksToLose = Number(process.env.TEST_ACK_LOST ?? 0)
let failures = Number(process.env.TEST_STORE_FAILS ?? 0)
partners.findOneAndUpdate = async (...input) => {
  if (killAt === 'R0' && JSON.stringify(input[1]).includes('refresh_lease')) die()
  return await findOneAndUpdate.apply(partners, input)
}
partners.updateOne = async (...input) => {
  if (!JSON.stringify(input[1]).includes('access_token'))
    return await updateOne.apply(partners, input)
  if (failures-- > 0) throw new MongoNetworkError('The database takes nothing just now')
  const stored = updateOne.apply(partners, input)
  // The command is on its way, and whoever sent it is gone: applied or not, nobody here knows.
  if (killAt === 'R4') setImmediate(die)
  const result = await stored
  if (killAt === 'R5') die()
  if (acksToLose-- > 0) throw new MongoNetworkError('The answer got lost')
  return result
}
const metrics = createMetrics()
const connection = createConnection({
  collections,
  configuration,
  clock,
  log,
  metrics,
  cipher: createCipher(configuration.encryptionKeys),
  audit: createAuditLog({ collections, clock }),
  http: createHubspotHttp({
    fetch: fetchWithPoint,
    apiBaseUrl: configuration.hubspot.apiBaseUrl,
    log,
    metrics,
  }),
  countRecords: () => Promise.resolve({ waiting: 0, failed: 0 }),
  confirmRevokedAfterMs: 200,
  onStep(step) {
    if (step === killAt || step === stepOf[killAt]) die()
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
    const signedIn = {
      sessionId: new ObjectId(order.sessionId),
      user: { id: new ObjectId(order.userId), email: 'admin@example.test', role: 'admin' as const },
      partner: { id: partnerId, name: 'x' },
    }
    if (order.start) {
      const { state, browser } = await connection.connect(signedIn, {})
      return { state, secret: browser.secret }
    }
    return await connection.callback({
      query: { code: order.code, state: order.state },
      signedIn,
      takeBrowserSecret: () => order.secret,
    })
  }
  if (order.do === 'disconnect')
    return await connection.disconnect(partnerId, { kind: 'system', user_id: null, email: null })
  const results = await Promise.all(
    Array.from({ length: order.callers }, () =>
      connection.getValidAccessToken(partnerId).then(
        token => token.accessToken,
        (error: { code?: string }) => `error ${error.code ?? String(error)}`,
      ),
    ),
  )
  return { tokens: [...new Set(results)], answered: results.length }
}

process.on('message', (order: WorkerOrder) => {
  void tell(order).then(
    answer => process.send?.({ answer }),
    (error: Error) => process.send?.({ failure: error.stack }),
  )
})
process.on('disconnect', () => process.exit(0))
void database.ping().then(() => process.send?.({ ready: true }))
