import type { Filter, ObjectId } from 'mongodb'
import type { Clock } from '../../config/clock'
import { byHundreds } from '../../database/by-hundreds'
import type { Collections } from '../../database/collections'
import type { DealDocument, LeadDocument } from '../../database/documents'
import type { ObjectType } from '../../hubspot/crm-types'
import { kindOfType } from '../../records/kinds'
import { pendingWrite, type PendingWriteContext } from '../../records/pending-write'
import type { Mapping } from '../../mapping/index'
import { labelOf, type Tally } from './tally'

/** Counting what already agrees stops here. */
const maxUnchanged = 100_000
const maxWaiting = 10_000

/** What write-back would do, whether or not it is turned on yet: the admin decides by this. */
export function createOutboundPreview({
  collections,
  clock,
  mapping,
}: {
  collections: Collections
  clock: Clock
  mapping: Mapping
}) {
  async function contextFor(
    partnerId: ObjectId,
    portalId: string,
    type: ObjectType,
    records: readonly (LeadDocument | DealDocument)[],
  ): Promise<PendingWriteContext> {
    const [rules, stages] = await Promise.all([
      mapping.fieldsFor(partnerId),
      mapping.stagesFor(partnerId, portalId),
    ])
    const deals = records.filter((record): record is DealDocument => 'lead_ids' in record)
    const [byId, byContact] = await Promise.all([
      collections.leads
        .find({ partner_id: partnerId, _id: { $in: deals.flatMap(deal => deal.lead_ids) } })
        .hint('_id_')
        .toArray(),
      byHundreds(
        deals.flatMap(deal => deal.hubspot_contact_ids),
        ids =>
          collections.leads
            .find({ partner_id: partnerId, portal_id: portalId, hubspot_id: { $in: ids } })
            .toArray(),
      ),
    ])
    const firstStage = deals.some(deal => deal.hubspot_id === null && deal.stage === null)
      ? await mapping.firstStage(partnerId)
      : null
    return {
      rules: type === 'contacts' ? rules.lead : rules.deal,
      stages,
      firstStage,
      contacts: [...byId, ...byContact],
      portalId,
      now: clock(),
    }
  }

  return {
    /**
     * @param merged records as inbound would leave them, by our id: they count instead of what is
     *   stored
     */
    async count(
      partnerId: ObjectId,
      portalId: string,
      type: ObjectType,
      merged: ReadonlyMap<string, LeadDocument | DealDocument>,
      tally: Tally,
    ): Promise<void> {
      const filter = {
        partner_id: partnerId,
        dirty: true,
        portal_id: { $in: [null, portalId] },
        archived_at: null,
      }
      const stored: (LeadDocument | DealDocument)[] =
        type === 'contacts'
          ? await collections.leads.find(filter).hint('outbox').limit(maxWaiting).toArray()
          : await collections.deals.find(filter).hint('outbox').limit(maxWaiting).toArray()
      const records = [
        ...merged.values(),
        ...stored.filter(record => !merged.has(record._id.toHexString())),
      ]
      for (let start = 0; start < records.length; start += 100) {
        const batch = records.slice(start, start + 100)
        const context = await contextFor(partnerId, portalId, type, batch)
        for (const record of batch)
          judge(record, pendingWrite(kindOfType(type), record, context), tally)
      }
      const inSync: Filter<LeadDocument> = { partner_id: partnerId, 'sync.state': 'in_sync' }
      const options = { limit: maxUnchanged, hint: 'by_sync_state' }
      const settled =
        type === 'contacts'
          ? await collections.leads.countDocuments(inSync, options)
          : await collections.deals.countDocuments(inSync as Filter<DealDocument>, options)
      tally.count('outbound', 'unchanged', settled)
    },
  }
}

function judge(
  record: LeadDocument | DealDocument,
  write: ReturnType<typeof pendingWrite>,
  tally: Tally,
): void {
  const base = {
    direction: 'outbound' as const,
    label: labelOf(record),
    hubspotId: record.hubspot_id,
    changes: [],
  }
  if (write === 'nothing') return
  if (write === 'waiting' || write === 'stage_not_mapped') {
    tally.count('outbound', 'skip', 1)
    tally.sample({
      ...base,
      action: 'skip',
      why:
        write === 'waiting'
          ? 'Its leads have to reach HubSpot first.'
          : 'No HubSpot stage is chosen to write its stage to.',
    })
    return
  }
  tally.count('outbound', write.action, 1)
  const changes = Object.entries(write.properties).map(([field, to]) => ({
    field,
    from: record.remote?.[field] ?? null,
    to: to === '' ? null : to,
  }))
  tally.sample({
    ...base,
    action: write.action,
    changes,
    why: record.sync.state === 'failed' ? 'HubSpot refused this before.' : null,
  })
}
