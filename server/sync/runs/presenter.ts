import type { ObjectId } from 'mongodb'
import type { Run, RunResult } from '#shared/contracts/runs'
import type { Collections } from '../../database/collections'
import type { AnyRecord, RunResultDocument, SyncRunDocument } from '../../database/documents'
import { allKinds, kinds, type RecordKind } from '../../records/kinds'
import { findByIds } from '../../records/repository/by-ids'
import { findLinked } from '../../records/repository/linked'
import { createEventStates } from '../webhooks/repository'
import { retryEventId } from '../webhooks/retry-event'

const iso = (date: Date | null) => date?.toISOString() ?? null

/** Rates over less than this say nothing, ms */
const shortestMs = 100

/** Records per second of the run so far; `null` before there is anything to say. */
function rateOf(run: SyncRunDocument, now: Date): number | null {
  if (!run.started_at) return null
  const lastedMs = (run.finished_at ?? now).getTime() - run.started_at.getTime()
  const records = run.counts.seen + run.counts.writtenBack
  if (records === 0 || lastedMs < shortestMs) return null
  return Math.round((records * 10_000) / lastedMs) / 10
}

/** The contract's `Run`. */
export function presentRun(run: SyncRunDocument, now: Date): Run {
  return {
    id: run._id.toHexString(),
    kind: run.kind,
    status: run.status,
    trigger: run.trigger,
    startedAt: iso(run.started_at),
    finishedAt: iso(run.finished_at),
    counts: run.counts,
    total: run.total,
    ratePerSecond: rateOf(run, now),
    error: run.error,
    phase: run.phase,
    identical: run.identical,
  }
}

/**
 * The contract's `RunResult`: with the record's present name, and whether a failure can be tried
 * again. One query per kind of record.
 */
export function createResultPresenter({
  collections,
}: {
  collections: Pick<Collections, 'leads' | 'deals' | 'recordAliases' | 'webhookEvents'>
}) {
  /** The records of at most a hundred results, by our id and by HubSpot's. */
  async function findRecords(
    partnerId: ObjectId,
    results: readonly RunResultDocument[],
  ): Promise<(result: RunResultDocument) => AnyRecord | undefined> {
    const found = await Promise.all(
      allKinds.map(async kind => {
        const own = results.filter(result => result.object === kind.name)
        const ids = own.flatMap(result => result.record_id ?? [])
        const hubspotIds = own.flatMap(result =>
          result.record_id === null && result.hubspot_id !== null ? [result.hubspot_id] : [],
        )
        const portal = { partnerId, portalId: own[0]?.portal_id ?? '' }
        const [some, others] = await Promise.all([
          findByIds(collections, kind, partnerId, ids),
          findLinked(collections, kind, portal, hubspotIds),
        ])
        return { name: kind.name, asked: some, others }
      }),
    )
    const known = new Map<string, AnyRecord>()
    for (const { name, asked, others } of found) {
      for (const record of [...asked.values(), ...others])
        if (record.hubspot_id !== null) known.set(`${name}:${record.hubspot_id}`, record)
      for (const [id, record] of asked) known.set(`${name}:${id}`, record)
    }
    return ({ object, record_id, hubspot_id }) =>
      known.get(`${object}:${record_id?.toHexString() ?? hubspot_id ?? '-'}`)
  }

  const eventStates = createEventStates(collections)
  const eventsOf = (results: readonly RunResultDocument[]) =>
    eventStates(
      results
        .filter(result => result.outcome === 'failed' && result.direction === 'in')
        .map(retryEventId),
    )

  /** @param results of one partner, at most a hundred */
  return async function present(
    partnerId: ObjectId,
    results: readonly RunResultDocument[],
  ): Promise<RunResult[]> {
    const [recordOf, events] = await Promise.all([
      findRecords(partnerId, results),
      eventsOf(results),
    ])

    function retryOf(result: RunResultDocument, record: AnyRecord | undefined): RunResult['retry'] {
      if (result.outcome !== 'failed') return null
      if (result.direction === 'out') {
        if (record?.sync.state === 'failed') return record.dirty ? 'possible' : null
        return record?.sync.state === 'pending' ? 'waiting' : 'done'
      }
      const event = events.get(retryEventId(result))
      if (event?.status === 'pending') return 'waiting'
      if (event?.status === 'done' && event.processed_at && event.processed_at >= result.at)
        return 'done'
      return record?.sync.last_in_at && record.sync.last_in_at > result.at ? 'done' : 'possible'
    }

    return results.map(result => {
      const kind: RecordKind = kinds[result.object]
      const record = recordOf(result)
      return {
        id: result._id.toHexString(),
        object: result.object,
        direction: result.direction,
        outcome: result.outcome,
        recordId: record?._id.toHexString() ?? null,
        hubspotId: record?.hubspot_id ?? result.hubspot_id,
        name: record ? kind.nameOf(record) : null,
        fields: result.fields,
        reason: result.reason,
        error: result.error,
        at: result.at.toISOString(),
        retry: retryOf(result, record),
      }
    })
  }
}
export type PresentResults = ReturnType<typeof createResultPresenter>
