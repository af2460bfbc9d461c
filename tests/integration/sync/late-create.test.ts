import { afterAll, beforeAll, expect, test } from 'vitest'
import { createPaceStore } from '../../../server/database/pace'
import { createPacing } from '../../../server/hubspot/pacing'
import { startSyncBench, type SyncBench } from '../../support/sync'

let bench: SyncBench
beforeAll(async () => {
  bench = await startSyncBench({
    // For some records nearly twice as long.
    simulator: { settings: { searchLagMs: 1200, searchLagUneven: true } },
    sync: { indexLagMs: 2500 },
  })
  await bench.control.setWebhooks({ enabled: false })
}, 120_000)
afterAll(() => bench.stop())

test('a create that waited its turn for long, and whose reply was lost then, is looked for once the index can know it', async () => {
  const { partnerId, portalId } = bench.partner
  const waiting = () => bench.collections.leads.findOne({ partner_id: partnerId, dirty: true })
  await bench.services.leads.create(partnerId, { firstName: 'Late', lastName: 'Arrival' })
  // The intent is stored, and the request held back for longer than the index lags.
  await createPacing({
    store: createPaceStore(bench.collections),
    limits: { requestsPerTenSeconds: 10_000, searchesPerSecond: 1000 },
  }).pause(portalId, 'general', 3000)
  await bench.control.inject({
    path: '/contacts/batch/create',
    times: 1,
    action: { kind: 'reset', afterWork: true },
  })
  await bench.run('webhook')
  const unclear = await waiting()
  expect(unclear?.create_intent?.unclear_at).toBeInstanceOf(Date)
  expect(unclear?.sync.next_try_at?.getTime()).toBe(
    (unclear?.create_intent?.unclear_at?.getTime() ?? 0) + 2500,
  )
  expect(await bench.portal.find('contacts', 'lastname', 'Arrival')).toHaveLength(1)

  await expect
    .poll(
      async () => {
        await bench.run('webhook')
        return await waiting()
      },
      { timeout: 20_000, interval: 250 },
    )
    .toBeNull()
  const made = await bench.portal.find('contacts', 'lastname', 'Arrival')
  expect(made).toHaveLength(1)
  expect(
    await bench.collections.leads
      .find({ partner_id: partnerId, portal_id: portalId })
      .map(lead => lead.hubspot_id)
      .toArray(),
  ).toEqual([made[0]?.id])
}, 60_000)
