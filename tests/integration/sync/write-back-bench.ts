import { afterAll, afterEach, beforeAll } from 'vitest'
import { startSyncBench, type SyncBench, type SyncBenchOptions } from '../../support/sync'

/**
 * A portal of 30 contacts and 10 deals that came in. Its first three stages are mapped and may be
 * written. No webhook comes, and the search index lags by nothing.
 */
export function useWriteBackBench(options: Pick<SyncBenchOptions, 'fetch'> = {}) {
  // Filled before the first test.
  const bench = {} as SyncBench
  beforeAll(async () => {
    const started = await startSyncBench({
      simulator: { contacts: 30, deals: 10 },
      sync: { indexLagMs: 0 },
      ...options,
    })
    Object.assign(bench, started)
    await bench.control.setWebhooks({ enabled: false })
    await bench.run()
    const pipelines = await bench.portal.pipelines()
    const pipeline = pipelines[0]
    await bench.collections.stageMappings.insertOne({
      _id: `${bench.partner.partnerId.toHexString()}:${bench.partner.portalId}`,
      partner_id: bench.partner.partnerId,
      portal_id: bench.partner.portalId,
      mapping: (pipeline?.stages ?? []).slice(0, 3).map((stage, index) => ({
        pipeline_id: pipeline?.id ?? '',
        stage_id: stage.id,
        stage: (['new', 'contacted', 'qualified'] as const)[index] ?? 'new',
        write_back: true,
        label: stage.label,
        paused: false,
      })),
      drift: [],
      known_stages: [],
      revision: 1,
      updated_at: new Date(),
    })
  }, 120_000)
  afterEach(() => bench.control.clearFaults())
  afterAll(() => bench.stop())

  const partnerId = () => bench.partner.partnerId
  return {
    bench,
    partnerId,
    leads: () => bench.services.leads,
    deals: () => bench.services.deals,
    drain: () => bench.run('webhook'),
    lead: (id: string) => bench.services.leads.get(partnerId(), id),
  }
}
