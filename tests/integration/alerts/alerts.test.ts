import { ObjectId } from 'mongodb'
import { describe, expect, test } from 'vitest'
import type { HubspotIntegrationDocument } from '../../../server/database/documents'
import { present } from '../../support/present'
import { useAlertBench } from './alert-bench'

const bench = useAlertBench()
const { anotherProcess, at, set, kinds } = bench

describe('re-authorization', () => {
  test('is told of once, by notice and e-mail, and the notice goes when the grant is good again', async () => {
    const alerts = anotherProcess()
    await set({
      status: 'revoked',
      reason: {
        code: 'grant_revoked',
        message: 'The app was removed in HubSpot. Connect again to go on.',
        at: bench.now,
      },
    })
    await alerts.check()
    await alerts.check()
    expect(await alerts.list(bench.partnerId)).toMatchObject([
      {
        kind: 'reauthorization_required',
        message: 'The app was removed in HubSpot. Connect again to go on.',
        path: '/settings/hubspot',
        createdAt: bench.now.toISOString(),
      },
    ])
    expect(bench.inbox.mails).toHaveLength(1)
    expect(bench.inbox.mails[0]).toMatchObject({
      from: 'alerts@app.example',
      to: ['ada@partner.example', 'bob@partner.example'],
      subject: '[Partner Connector] HubSpot needs to be connected again',
    })
    expect(bench.inbox.mails[0]?.body).toContain('https://app.example/settings/hubspot')

    await set({ status: 'connected', last_synced_at: bench.now })
    await alerts.check()
    expect(await alerts.list(bench.partnerId)).toEqual([])
    expect(bench.inbox.mails).toHaveLength(1)
  })

  test('is sent once however many processes see it at the same moment', async () => {
    await set({ status: 'revoked' })
    const processes = Array.from({ length: 8 }, () => anotherProcess())
    await Promise.all(
      processes.flatMap(alerts => [
        alerts.check(),
        alerts.raise({
          partnerId: bench.partnerId,
          kind: 'reauthorization_required',
          message: 'Connect again.',
        }),
      ]),
    )
    await Promise.all(processes.map(alerts => alerts.stop()))
    expect(bench.inbox.mails).toHaveLength(1)
    expect(await kinds(present(processes[0]))).toEqual(['reauthorization_required'])
  })

  test('that comes and goes sends one e-mail an hour at most', async () => {
    const alerts = anotherProcess()
    for (let turn = 0; turn < 30; turn++) {
      await set({ status: 'revoked' })
      await alerts.check()
      bench.now = at(1)
      await set({ status: 'connected', last_synced_at: bench.now })
      await alerts.check()
      bench.now = at(1)
    }
    expect(bench.inbox.mails).toHaveLength(1)
    await set({ status: 'revoked' })
    await alerts.check()
    bench.now = at(60)
    await alerts.check()
    expect(bench.inbox.mails).toHaveLength(2)
  })
})

describe('a sync that does not succeed', () => {
  test('is told of after twice the interval, not before', async () => {
    const alerts = anotherProcess()
    bench.now = at(9.9)
    await alerts.check()
    expect(await kinds(alerts)).toEqual([])
    bench.now = at(0.2)
    await alerts.check()
    expect(await kinds(alerts)).toEqual(['sync_stale'])
    expect(bench.inbox.mails.map(mail => mail.subject)).toEqual([
      '[Partner Connector] HubSpot has not been synchronized for a while',
    ])
    await set({ last_synced_at: bench.now })
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
      partner_id: bench.partnerId,
      portal_id: '1',
      kind: 'initial' as const,
      status: 'running' as const,
      trigger: 'connect' as const,
      active: true,
      phase: 'contacts' as const,
      checkpoint: null,
      watermark: bench.now,
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
    await bench.database.collections.syncRuns.insertOne(run)
    await alerts.check()
    expect(await kinds(alerts)).toEqual([])
    await bench.database.collections.syncRuns.updateOne(
      { _id: run._id },
      { $set: { updated_at: at(-11) } },
    )
    await alerts.check()
    expect(await kinds(alerts)).toEqual(['sync_stale'])
  })
})

test('a drifted stage mapping of the connected portal is told of, one of an earlier portal is not', async () => {
  const alerts = anotherProcess()
  const portalId = bench.partnerId.toHexString()
  const drift = [{ pipeline_id: 'p', stage_id: 's', kind: 'renamed' as const, since: bench.now }]
  const mapping = (portal_id: string) => ({
    _id: `${bench.partnerId.toHexString()}:${portal_id}`,
    partner_id: bench.partnerId,
    portal_id,
    mapping: [],
    drift,
    known_stages: [{ pipeline_id: 'p', stage_id: 's', label: 'Demo booked' }],
    revision: 1,
    updated_at: bench.now,
  })
  await bench.database.collections.stageMappings.insertOne(mapping('an-earlier-one'))
  await alerts.check()
  expect(await kinds(alerts)).toEqual([])
  await bench.database.collections.stageMappings.insertOne(mapping(portalId))
  await alerts.check()
  expect((await alerts.list(bench.partnerId))[0]).toMatchObject({
    kind: 'mapping_drift',
    path: '/settings/hubspot/mapping',
    message: expect.stringContaining('“Demo booked” was renamed'),
  })
  await bench.database.collections.stageMappings.updateMany({}, { $set: { drift: [] } })
  await alerts.check()
  expect(await kinds(alerts)).toEqual([])
})
