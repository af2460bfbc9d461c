import { ObjectId } from 'mongodb'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createAlerts, type Alerts } from '../../../server/alerts/index'
import { createMailer, type Mailer } from '../../../server/alerts/mail'
import { createDatabase, type Database } from '../../../server/database/client'
import type { HubspotIntegrationDocument } from '../../../server/database/documents'
import { createLog } from '../../../server/observability/log'
import { createMetrics } from '../../../server/observability/metrics'
import { testDatabase, type TestDatabase } from '../../support/mongo'
import { startSmtpInbox, type SmtpInbox } from './smtp-inbox'
import { present } from '../../support/present'

const minute = 60_000
const syncIntervalSeconds = 300
let store: TestDatabase
let database: Database
let inbox: SmtpInbox
let now = new Date()
let partnerId: ObjectId
const lines: string[] = []
const log = createLog({ level: 'info', destination: { write: line => void lines.push(line) } })
const mailers: Mailer[] = []

function anotherProcess({ smtpUrl = inbox.url }: { smtpUrl?: string } = {}): Alerts {
  const mailer = createMailer({ smtpUrl, from: 'alerts@app.example' })
  mailers.push(mailer)
  return createAlerts({
    collections: database.collections,
    clock: () => now,
    log,
    metrics: createMetrics(),
    mailer,
    operatorAddress: 'operator@app.example',
    origin: 'https://app.example',
    syncIntervalSeconds,
    accounts: {
      adminEmails: async id =>
        id.equals(partnerId) ? ['ada@partner.example', 'bob@partner.example'] : [],
    },
  })
}

async function aPartner(integration: Partial<HubspotIntegrationDocument>): Promise<ObjectId> {
  const _id = new ObjectId()
  await database.collections.partners.insertOne({
    _id,
    schema_version: 1,
    name: _id.toHexString(),
    created_at: now,
    hubspot_integration: {
      access_token: null,
      refresh_token: null,
      expires_at: null,
      expires_in: null,
      connected_at: at(-600),
      last_synced_at: null,
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
      ...integration,
    },
  })
  return _id
}
/** So many minutes from now */
function at(minutes: number): Date {
  return new Date(now.getTime() + minutes * minute)
}
const set = (change: Record<string, unknown>) =>
  database.collections.partners.updateOne(
    { _id: partnerId },
    {
      $set: Object.fromEntries(
        Object.entries(change).map(([key, value]) => [`hubspot_integration.${key}`, value]),
      ),
    },
  )
const kinds = async (alerts: Alerts) => (await alerts.list(partnerId)).map(notice => notice.kind)

beforeAll(async () => {
  store = await testDatabase()
  database = createDatabase(store)
  await database.prepare()
  inbox = await startSmtpInbox()
})
afterAll(async () => {
  await inbox.close()
  await database.close()
  await store.drop()
})
beforeEach(async () => {
  now = new Date('2026-11-24T12:00:00.000Z')
  inbox.mails.length = 0
  inbox.refuse(0)
  lines.length = 0
  for (const name of ['partners', 'notices', 'syncRuns', 'stageMappings'] as const)
    await database.collections[name].deleteMany({})
  partnerId = await aPartner({ last_synced_at: now })
})
afterEach(() => {
  for (const mailer of mailers.splice(0)) mailer.close()
})

describe('re-authorization', () => {
  test('is told of once, by notice and e-mail, and the notice goes when the grant is good again', async () => {
    const alerts = anotherProcess()
    await set({
      status: 'revoked',
      reason: {
        code: 'grant_revoked',
        message: 'The app was removed in HubSpot. Connect again to go on.',
        at: now,
      },
    })
    await alerts.check()
    await alerts.check()
    expect(await alerts.list(partnerId)).toMatchObject([
      {
        kind: 'reauthorization_required',
        message: 'The app was removed in HubSpot. Connect again to go on.',
        path: '/settings/hubspot',
        createdAt: now.toISOString(),
      },
    ])
    expect(inbox.mails).toHaveLength(1)
    expect(inbox.mails[0]).toMatchObject({
      from: 'alerts@app.example',
      to: ['ada@partner.example', 'bob@partner.example'],
      subject: '[Partner Connector] HubSpot needs to be connected again',
    })
    expect(inbox.mails[0]?.body).toContain('https://app.example/settings/hubspot')

    await set({ status: 'connected', last_synced_at: now })
    await alerts.check()
    expect(await alerts.list(partnerId)).toEqual([])
    expect(inbox.mails).toHaveLength(1)
  })

  test('is sent once however many processes see it at the same moment', async () => {
    await set({ status: 'revoked' })
    const processes = Array.from({ length: 8 }, () => anotherProcess())
    await Promise.all(
      processes.flatMap(alerts => [
        alerts.check(),
        alerts.raise({ partnerId, kind: 'reauthorization_required', message: 'Connect again.' }),
      ]),
    )
    await Promise.all(processes.map(alerts => alerts.stop()))
    expect(inbox.mails).toHaveLength(1)
    expect(await kinds(present(processes[0]))).toEqual(['reauthorization_required'])
  })

  test('that comes and goes sends one e-mail an hour at most', async () => {
    const alerts = anotherProcess()
    for (let turn = 0; turn < 30; turn++) {
      await set({ status: 'revoked' })
      await alerts.check()
      now = at(1)
      await set({ status: 'connected', last_synced_at: now })
      await alerts.check()
      now = at(1)
    }
    expect(inbox.mails).toHaveLength(1)
    await set({ status: 'revoked' })
    await alerts.check()
    now = at(60)
    await alerts.check()
    expect(inbox.mails).toHaveLength(2)
  })
})

describe('a sync that does not succeed', () => {
  test('is told of after twice the interval, not before', async () => {
    const alerts = anotherProcess()
    now = at(9.9)
    await alerts.check()
    expect(await kinds(alerts)).toEqual([])
    now = at(0.2)
    await alerts.check()
    expect(await kinds(alerts)).toEqual(['sync_stale'])
    expect(inbox.mails.map(mail => mail.subject)).toEqual([
      '[Partner Connector] HubSpot has not been synchronized for a while',
    ])
    await set({ last_synced_at: now })
    await alerts.check()
    expect(await kinds(alerts)).toEqual([])
  })

  test('that never succeeded is told of too', async () => {
    const alerts = anotherProcess()
    await set({ last_synced_at: null, connected_at: at(-11) })
    await alerts.check()
    expect(await kinds(alerts)).toEqual(['sync_stale'])
  })

  test.each<[string, Partial<HubspotIntegrationDocument>]>([
    ['paused', { paused: true }],
    ['disconnected', { status: 'disconnected' }],
    ['connected anew a moment ago', { connected_at: new Date('2026-11-24T11:59:00.000Z') }],
  ])('is nothing to tell of while %s', async (_what, change) => {
    const alerts = anotherProcess()
    await set({ last_synced_at: at(-100), ...change })
    await alerts.check()
    expect(await kinds(alerts)).toEqual([])
  })

  test('is nothing to tell of while a run gets on, and is when the run stands still', async () => {
    const alerts = anotherProcess()
    await set({ last_synced_at: null, connected_at: at(-100) })
    const run = {
      _id: new ObjectId(),
      schema_version: 1 as const,
      partner_id: partnerId,
      portal_id: '1',
      kind: 'initial' as const,
      status: 'running' as const,
      trigger: 'connect' as const,
      active: true,
      phase: 'contacts' as const,
      checkpoint: null,
      watermark: now,
      counts: { seen: 1, created: 1, updated: 0, unchanged: 0, failed: 0, writtenBack: 0 },
      total: null,
      error: null,
      identical: null,
      lease: null,
      again: null,
      queued_at: at(-100),
      started_at: at(-100),
      finished_at: null,
      version: 1,
      updated_at: at(-1),
    }
    await database.collections.syncRuns.insertOne(run)
    await alerts.check()
    expect(await kinds(alerts)).toEqual([])
    await database.collections.syncRuns.updateOne(
      { _id: run._id },
      { $set: { updated_at: at(-11) } },
    )
    await alerts.check()
    expect(await kinds(alerts)).toEqual(['sync_stale'])
  })
})

test('a drifted stage mapping of the connected portal is told of, one of an earlier portal is not', async () => {
  const alerts = anotherProcess()
  const portalId = partnerId.toHexString()
  const drift = [{ pipeline_id: 'p', stage_id: 's', kind: 'renamed' as const, since: now }]
  const mapping = (portal_id: string) => ({
    _id: `${partnerId.toHexString()}:${portal_id}`,
    partner_id: partnerId,
    portal_id,
    mapping: [],
    drift,
    known_stages: [{ pipeline_id: 'p', stage_id: 's', label: 'Demo booked' }],
    revision: 1,
    updated_at: now,
  })
  await database.collections.stageMappings.insertOne(mapping('an-earlier-one'))
  await alerts.check()
  expect(await kinds(alerts)).toEqual([])
  await database.collections.stageMappings.insertOne(mapping(portalId))
  await alerts.check()
  expect((await alerts.list(partnerId))[0]).toMatchObject({
    kind: 'mapping_drift',
    path: '/settings/hubspot/mapping',
    message: expect.stringContaining('“Demo booked” was renamed'),
  })
  await database.collections.stageMappings.updateMany({}, { $set: { drift: [] } })
  await alerts.check()
  expect(await kinds(alerts)).toEqual([])
})

describe('the operator', () => {
  test('hears of bad client configuration once, for all partners together, and no partner sees it', async () => {
    const alerts = anotherProcess()
    const other = anotherProcess()
    for (let i = 0; i < 50; i++)
      await (i % 2 ? alerts : other).raise({
        partnerId: null,
        kind: 'hubspot_configuration',
        message: "HubSpot refuses this installation's client secret.",
      })
    await Promise.all([alerts.stop(), other.stop()])
    expect(inbox.mails).toMatchObject([{ to: ['operator@app.example'] }])
    expect(await kinds(alerts)).toEqual([])
  })

  test('hears once of tokens that cannot be read, however many partners they belong to', async () => {
    const alerts = anotherProcess()
    for (let i = 0; i < 30; i++)
      await alerts.raise({
        partnerId: new ObjectId(),
        kind: 'token_unreadable',
        message: 'A stored token needs the key "k1".',
      })
    await alerts.stop()
    expect(inbox.mails).toMatchObject([{ to: ['operator@app.example'] }])
  })

  test('has it settled an hour after the last report', async () => {
    const alerts = anotherProcess()
    await alerts.raise({ partnerId: null, kind: 'cannot_seal', message: 'No key can seal.' })
    now = at(50)
    await alerts.raise({ partnerId: null, kind: 'cannot_seal', message: 'No key can seal.' })
    now = at(50)
    await alerts.check()
    expect(
      await database.collections.notices.countDocuments({ resolved_at: null, kind: 'cannot_seal' }),
    ).toBe(1)
    now = at(11)
    await alerts.check()
    expect(
      await database.collections.notices.countDocuments({ resolved_at: null, kind: 'cannot_seal' }),
    ).toBe(0)
  })
})

describe('an SMTP server in trouble', () => {
  test('gets the e-mail later, once', async () => {
    const alerts = anotherProcess()
    inbox.refuse(2)
    await set({ status: 'revoked' })
    await alerts.check()
    await alerts.check()
    expect(inbox.mails).toHaveLength(0)
    now = at(3)
    await alerts.check()
    now = at(5)
    await alerts.check()
    now = at(600)
    await alerts.check()
    expect(inbox.mails).toHaveLength(1)
  })

  test('holds nobody up, and its password stays out of the log', async () => {
    const alerts = anotherProcess({ smtpUrl: 'smtp://mailer:canary-password@127.0.0.1:1' })
    await alerts.raise({ partnerId, kind: 'reauthorization_required', message: 'Connect again.' })
    expect(await kinds(alerts)).toEqual(['reauthorization_required'])
    await alerts.stop()
    expect(lines.join('')).toContain('alert_not_emailed')
    expect(lines.join('')).not.toContain('canary-password')
  })

  test('is not needed: without one the notices still show', async () => {
    const alerts = createAlerts({
      collections: database.collections,
      clock: () => now,
      log,
      metrics: createMetrics(),
      mailer: null,
      operatorAddress: null,
      origin: 'https://app.example',
      syncIntervalSeconds,
      accounts: { adminEmails: async () => [] },
    })
    await set({ status: 'revoked' })
    await alerts.check()
    expect(await kinds(alerts)).toEqual(['reauthorization_required'])
  })
})
