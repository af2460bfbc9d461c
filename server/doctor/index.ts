import process from 'node:process'
import type { ObjectId } from 'mongodb'
import { version as appVersion } from '../../package.json'
import type { Doctor, DoctorCheck } from '#shared/contracts/insight'
import type { Alerts } from '../alerts/index'
import type { Mailer } from '../alerts/mailer'
import type { Clock } from '../config/clock'
import type { Configuration } from '../config/configuration'
import type { ConnectionService } from '../connection/index'
import type { ApiCalls } from '../database/api-calls'
import type { Database } from '../database/client'
import type { Cipher } from '../database/encryption'
import { createHubspotHttp } from '../hubspot/http'
import { createOauthClient } from '../hubspot/oauth-client'
import type { Pacing } from '../hubspot/pacing'
import { errorFields, type Log } from '../observability/log'
import type { Metrics } from '../observability/metrics'
import type { Redactor } from '../observability/redact'
import { examineAlertEmail } from './alert-email'
import { calledWithinMs, examineApiVersions } from './api-versions'
import { examineApplication } from './application'
import { fail, skipped, type Examine } from './check'
import { examineCredentials } from './credentials'
import { examineDatabase } from './database'
import { examineEncryption } from './encryption'
import { examineFields } from './fields'
import { forPartner } from './for-partners'
import { examineGrant } from './grant'
import { observeFetch } from './observed-fetch'
import { writeReport } from './report'
import { examineSuccessRate } from './success-rate'
import { examineWebhooks } from './webhooks'

export interface DoctorDeps {
  configuration: Configuration
  database: Database
  cipher: Cipher
  connection: Pick<ConnectionService, 'getValidAccessToken'>
  pacing: Pick<Pacing, 'acquire' | 'usage'>
  mailer: Mailer | null
  alerts: Pick<Alerts, 'raise'>
  apiCalls: Pick<ApiCalls, 'since'>
  fetch: typeof globalThis.fetch
  clock: Clock
  log: Log & { redactor: Redactor }
  metrics: Metrics
}

/**
 * Longest wait for room in the portal's request budget; the doctor goes before everything that runs
 * in the background.
 */
const maxWaitMs = 5000

/** Examines an installation and one partner's connection. Changes nothing. */
export function createDoctor({
  configuration,
  database,
  cipher,
  connection,
  pacing,
  mailer,
  alerts,
  apiCalls,
  fetch,
  clock,
  log,
  metrics,
}: DoctorDeps) {
  const { hubspot } = configuration

  /** A group that breaks says so for itself and leaves the others alone. */
  async function guarded(group: string, examine: Examine): Promise<DoctorCheck[]> {
    try {
      return await examine()
    } catch (error) {
      log.error(
        { event: 'doctor_failed', kind: group, ...errorFields(error) },
        'A check could not be made',
      )
      return [
        fail(
          group,
          'This could not be examined.',
          'The log has the reason, under the event "doctor_failed".',
        ),
      ]
    }
  }

  /** A client of HubSpot's that notes what its answers say by the way. */
  function observedClient() {
    const { fetch: observed, seen } = observeFetch(fetch, clock)
    const http = createHubspotHttp({
      fetch: observed,
      apiBaseUrl: hubspot.apiBaseUrl,
      log,
      metrics,
    })
    const oauth = createOauthClient({
      http,
      clock,
      clientId: hubspot.clientId,
      clientSecret: hubspot.clientSecret,
      redirectUri: hubspot.redirectUri,
      apiVersion: hubspot.apiVersion,
    })
    return { oauth, seen }
  }

  async function grant(
    partnerId: ObjectId | null,
    { oauth, seen }: ReturnType<typeof observedClient>,
  ): Promise<DoctorCheck[]> {
    if (!partnerId) return [skipped('connection', 'No partner was named.')]
    const partner = await database.collections.partners.findOne(
      { _id: partnerId },
      { projection: { hubspot_integration: 1 } },
    )
    return await examineGrant({
      integration: partner?.hubspot_integration ?? null,
      oauth,
      seen,
      now: clock(),
      syncIntervalSeconds: hubspot.syncIntervalSeconds,
      usage: portalId => pacing.usage(portalId, 'general'),
      async accessToken() {
        const { accessToken, portalId } = await connection.getValidAccessToken(partnerId)
        await pacing.acquire(portalId, 'general', { priority: 'interactive', maxWaitMs })
        return accessToken
      },
    })
  }

  async function apiVersions(isReachable = true): Promise<DoctorCheck[]> {
    const now = clock()
    const from = new Date(now.getTime() - calledWithinMs)
    const called = isReachable ? await apiCalls.since(from) : []
    return examineApiVersions(hubspot.apiVersion, now, called)
  }

  return {
    /** Tells the operator when a release that calls really go to ends soon. */
    async warnOfSunset(): Promise<void> {
      for (const { status, message, fix } of await apiVersions())
        if (status !== 'pass')
          await alerts.raise({
            partnerId: null,
            kind: 'api_sunset',
            message: `${message} ${fix ?? ''}`.trim(),
          })
    },

    /** The checks of one partner's connection alone. */
    examineConnection: (partnerId: ObjectId): Promise<DoctorCheck[]> =>
      guarded('connection', () => grant(partnerId, observedClient())),

    /**
     * @param partnerId whose connection to look at; `null` looks at the installation, and at every
     *   stored token
     * @param reader who reads the answer; a partner's admin reads nothing of the installation but
     *   verdicts
     */
    async examine(
      partnerId: ObjectId | null,
      reader: 'operator' | 'partner' = 'operator',
    ): Promise<Doctor> {
      const now = clock()
      const { oauth, seen } = observedClient()
      const databaseChecks = await guarded('database', () => examineDatabase(database))
      const reachable = databaseChecks[0]?.status !== 'fail'

      const groups = await Promise.all([
        guarded('redirect_uri', () => examineApplication(configuration)),
        guarded('client_secret', () => examineCredentials(oauth, seen)),
        reachable
          ? guarded('connection', () => grant(partnerId, { oauth, seen }))
          : Promise.resolve([skipped('connection', 'MongoDB does not answer.')]),
        reachable
          ? guarded('field_mapping', () => examineFields(database.collections, partnerId))
          : Promise.resolve([skipped('field_mapping', 'MongoDB does not answer.')]),
        guarded('webhook_signature', () => examineWebhooks(configuration, now)),
        reachable
          ? guarded('encryption_keys', () =>
              examineEncryption({ collections: database.collections, cipher, partnerId }),
            )
          : Promise.resolve([skipped('encryption_keys', 'MongoDB does not answer.')]),
        Promise.resolve(databaseChecks),
        guarded('api_versions', () => apiVersions(reachable)),
        guarded('success_rate', () => examineSuccessRate(metrics)),
        guarded('alert_email', () => examineAlertEmail(mailer)),
      ])
      const isOperator = reader === 'operator'
      const checks = isOperator ? groups.flat() : groups.flat().map(forPartner)
      return {
        checks,
        report: writeReport(
          checks,
          {
            at: now,
            appVersion,
            nodeVersion: isOperator ? process.versions.node : null,
            apiVersion: hubspot.apiVersion,
          },
          log.redactor,
        ),
      }
    },
  }
}
export type DoctorService = ReturnType<typeof createDoctor>
