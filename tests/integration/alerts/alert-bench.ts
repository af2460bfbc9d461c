import { ObjectId } from 'mongodb'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { createAlerts, type Alerts } from '../../../server/alerts/index'
import type { NoticeRecipient } from '../../../server/accounts/index'
import { createMailer, type Mailer } from '../../../server/alerts/mailer'
import { createDatabase, type Database } from '../../../server/database/client'
import type { HubspotIntegrationDocument } from '../../../server/database/documents'
import { createLog, type Log } from '../../../server/observability/log'
import { createMetrics } from '../../../server/observability/metrics'
import { testDatabase, type TestDatabase } from '../../support/mongo'
import { startSmtpInbox, type SmtpInbox } from './smtp-inbox'

const syncIntervalSeconds = 300
const minute = 60_000

/** A database with one connected partner, an inbox, and a clock that stands still. */
export interface AlertBench {
  now: Date
  /** The partner; made anew before each test */
  partnerId: ObjectId
  database: Database
  inbox: SmtpInbox
  /** Who works for the partner: two admins in the beginning of each test */
  people: NoticeRecipient[]
  /** Whether the partner's own address takes what it gets; `null`: none is set */
  webhook: boolean | null
  delivered: { id: string; told: string[] }[]
  /** What was logged in this test */
  lines: string[]
  log: Log
  /** Alerts as one process of several has them */
  anotherProcess(options?: { smtpUrl?: string }): Alerts
  /** So many minutes from now */
  at(minutes: number): Date
  /** Changes fields of the partner's integration. */
  set(change: Partial<HubspotIntegrationDocument>): Promise<void>
  /** Kinds of the partner's open notices */
  kinds(alerts: Alerts): Promise<string[]>
}

/** Starts the bench before the tests of a file, resets it before each, and closes it. */
export function useAlertBench(): AlertBench {
  let store: TestDatabase
  const lines: string[] = []
  const mailers: Mailer[] = []
  const log = createLog({ level: 'info', destination: { write: line => void lines.push(line) } })
  const at = (minutes: number) => new Date(bench.now.getTime() + minutes * minute)

  async function aPartner(): Promise<ObjectId> {
    const _id = new ObjectId()
    await bench.database.collections.partners.insertOne({
      _id,
      schema_version: 1,
      name: _id.toHexString(),
      created_at: bench.now,
      hubspot_integration: {
        access_token: null,
        refresh_token: null,
        expires_at: null,
        expires_in: null,
        connected_at: at(-600),
        last_synced_at: bench.now,
        scopes: [],
        status: 'connected',
        portal_id: _id.toHexString(),
        last_portal_id: null,
        account: null,
        connected_by: null,
        token_version: 1,
        refresh_lease: null,
        refresh_failures: 0,
        retry_refresh_at: null,
        reason: null,
        write_back: false,
        paused: false,
        next_sync_at: null,
        pending_grant: null,
        remote_cleanup: null,
      },
    })
    return _id
  }

  // Made before each test, or once before all.
  const later = {} as Pick<AlertBench, 'partnerId' | 'database' | 'inbox'>
  const bench: AlertBench = Object.assign(later, {
    now: new Date(),
    people: [],
    webhook: null,
    delivered: [],
    lines,
    log,
    at,
    anotherProcess({ smtpUrl = bench.inbox.url }: { smtpUrl?: string } = {}) {
      const mailer = createMailer({ smtpUrl, from: 'alerts@app.example' })
      mailers.push(mailer)
      return createAlerts({
        collections: bench.database.collections,
        clock: () => bench.now,
        log,
        metrics: createMetrics(),
        mailer,
        operatorAddress: 'operator@app.example',
        origin: 'https://app.example',
        syncIntervalSeconds,
        accounts: {
          noticeRecipients: async id => (id.equals(bench.partnerId) ? bench.people : []),
        },
        webhooks: {
          isSet: async () => bench.webhook !== null,
          deliver: async (_id, id, told) => {
            bench.delivered.push({ id, told: told.map(({ message }) => message) })
            return bench.webhook
          },
        },
      })
    },
    async set(change: Partial<HubspotIntegrationDocument>) {
      await bench.database.collections.partners.updateOne(
        { _id: bench.partnerId },
        {
          $set: Object.fromEntries(
            Object.entries(change).map(([key, value]) => [`hubspot_integration.${key}`, value]),
          ),
        },
      )
    },
    kinds: async (alerts: Alerts) =>
      (await alerts.list(bench.partnerId)).map(notice => notice.kind),
  })

  beforeAll(async () => {
    store = await testDatabase()
    bench.database = createDatabase(store)
    await bench.database.prepare()
    bench.inbox = await startSmtpInbox()
  })
  afterAll(async () => {
    await bench.inbox.close()
    await bench.database.close()
    await store.drop()
  })
  beforeEach(async () => {
    bench.now = new Date('2026-11-24T12:00:00.000Z')
    bench.inbox.mails.length = 0
    bench.inbox.refuse(0)
    lines.length = 0
    bench.webhook = null
    bench.delivered.length = 0
    for (const name of ['partners', 'notices', 'syncRuns', 'stageMappings', 'users'] as const)
      await bench.database.collections[name].deleteMany({})
    bench.partnerId = await aPartner()
    bench.people = ['ada', 'bob'].map(name => ({
      id: new ObjectId(),
      email: `${name}@partner.example`,
      role: 'admin' as const,
      preferences: {},
    }))
  })
  afterEach(() => {
    for (const mailer of mailers.splice(0)) mailer.close()
  })
  return bench
}
