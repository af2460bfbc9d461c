import type { ObjectId } from 'mongodb'
import type { RunResult } from '#shared/contracts/runs'
import type { Collections } from '../../database/collections'
import type { DealDocument, LeadDocument, RunResultDocument } from '../../database/documents'
import { retryEventId } from '../webhooks/event-document'

/**
 * Results as they are shown: with the name of the record as it is now, and whether a failure can be
 * tried again. One query per kind of record.
 */
export function createResultsView({
  collections: { leads, deals, webhookEvents },
}: {
  collections: Pick<Collections, 'leads' | 'deals' | 'webhookEvents'>
}) {
  /** The records of at most a hundred results, by our id and by HubSpot's. */
  async function recordsOf(
    partnerId: ObjectId,
    results: readonly RunResultDocument[],
  ): Promise<(result: RunResultDocument) => LeadDocument | DealDocument | undefined> {
    const found = await Promise.all(
      (['lead', 'deal'] as const).map(async object => {
        const own = results.filter(result => result.object === object)
        const ids = own.flatMap(result => result.record_id ?? [])
        const hubspotIds = own.flatMap(result =>
          result.record_id === null && result.hubspot_id !== null ? [result.hubspot_id] : [],
        )
        const byId = { partner_id: partnerId, _id: { $in: ids } }
        const byHubspotId = {
          partner_id: partnerId,
          portal_id: own[0]?.portal_id ?? '',
          hubspot_id: { $in: hubspotIds },
        }
        const answers =
          object === 'lead'
            ? [
                ...(ids.length > 0 ? [leads.find(byId).hint('_id_').toArray()] : []),
                ...(hubspotIds.length > 0 ? [leads.find(byHubspotId).toArray()] : []),
              ]
            : [
                ...(ids.length > 0 ? [deals.find(byId).hint('_id_').toArray()] : []),
                ...(hubspotIds.length > 0 ? [deals.find(byHubspotId).toArray()] : []),
              ]
        return (await Promise.all<(LeadDocument | DealDocument)[]>(answers)).flat()
      }),
    )
    const all = found.flatMap((records, index) =>
      records.flatMap(
        record =>
          [
            [`${index}:${record._id.toHexString()}`, record],
            [`${index}:${record.hubspot_id ?? ''}`, record],
          ] as const,
      ),
    )
    const known = new Map<string, LeadDocument | DealDocument>(all)
    return ({ object, record_id, hubspot_id }) =>
      known.get(`${object === 'lead' ? 0 : 1}:${record_id?.toHexString() ?? hubspot_id ?? '-'}`)
  }

  async function eventsOf(
    results: readonly RunResultDocument[],
  ): Promise<Map<string, { status: string; processed_at: Date | null }>> {
    const ids = results
      .filter(result => result.outcome === 'failed' && result.direction === 'in')
      .map(retryEventId)
    if (ids.length === 0) return new Map()
    const events = await webhookEvents
      .find({ _id: { $in: ids } }, { projection: { status: 1, processed_at: 1 } })
      .toArray()
    return new Map(events.map(event => [event._id, event]))
  }

  /** @param results of one partner, at most a hundred */
  return async function view(
    partnerId: ObjectId,
    results: readonly RunResultDocument[],
  ): Promise<RunResult[]> {
    const [recordOf, events] = await Promise.all([recordsOf(partnerId, results), eventsOf(results)])

    function retryOf(
      result: RunResultDocument,
      record: LeadDocument | DealDocument | undefined,
    ): RunResult['retry'] {
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
      const record = recordOf(result)
      return {
        id: result._id.toHexString(),
        object: result.object,
        direction: result.direction,
        outcome: result.outcome,
        recordId: record?._id.toHexString() ?? null,
        hubspotId: record?.hubspot_id ?? result.hubspot_id,
        name: record ? nameOf(record) : null,
        fields: result.fields,
        reason: result.reason,
        error: result.error,
        at: result.at.toISOString(),
        retry: retryOf(result, record),
      }
    })
  }
}

function nameOf(record: LeadDocument | DealDocument): string | null {
  if ('lead_ids' in record) return record.values.name
  return (
    [record.values.firstName, record.values.lastName].filter(Boolean).join(' ') ||
    record.values.email
  )
}
