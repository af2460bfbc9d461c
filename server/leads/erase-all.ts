import type { Collection, Document, Filter, ObjectId } from 'mongodb'
import type { RecordsErased } from '#shared/contracts/connection'
import type { Clock } from '../config/clock'
import type { AuditLog } from '../database/audit'
import type { Collections } from '../database/collections'
import type { AuditDocument } from '../database/documents'
import { DomainError } from '../errors'

const batchSize = 500
/**
 * One call works this long at most and says whether more is left: a proxy would give up on a longer
 * one
 */
const turnMs = 15_000

export interface EraseDeps {
  collections: Pick<
    Collections,
    'partners' | 'leads' | 'deals' | 'syncRuns' | 'runResults' | 'syncCursors' | 'webhookEvents'
  >
  clock: Clock
  audit: AuditLog
  /** How long one call works; tests turn it down */
  turnMs?: number
}

interface Caller {
  actor: AuditDocument['actor']
  correlationId?: string | null
}

/**
 * Erases what came from HubSpot, once it is disconnected: leads and deals that are or were linked
 * to a HubSpot record, with their copies of its values and the decisions about them; webhook
 * events; what runs kept of records; the cursors. What never was in HubSpot, mappings, counts of
 * past runs, the audit log and the tombstones of erased people stay.
 *
 * Can be interrupted anywhere and repeated. Cursors and checkpoints go first: whatever a half-done
 * erasure has left, a later connection imports everything anew.
 */
export function createEraseRecords({
  collections,
  clock,
  audit,
  turnMs: longestMs = turnMs,
}: EraseDeps) {
  const { partners, leads, deals, syncRuns, runResults, syncCursors, webhookEvents } = collections

  /** @throws {DomainError} `hubspot_connected`: a sync would bring back what is being erased */
  async function assertNotConnected(partnerId: ObjectId): Promise<void> {
    const partner = await partners.findOne(
      { _id: partnerId },
      { projection: { 'hubspot_integration.status': 1 } },
    )
    const status = partner?.hubspot_integration?.status
    if (status !== undefined && status !== 'disconnected')
      throw new DomainError(
        'hubspot_connected',
        'Disconnect HubSpot first: a sync would bring back what is erased.',
      )
  }

  async function forgetProgress(partnerId: ObjectId): Promise<void> {
    // Their ids begin with the partner's (`<partner id>:<portal id>`): a stretch of the index that
    // is there anyway.
    const prefix = partnerId.toHexString()
    await syncCursors.deleteMany({
      _id: { $gt: `${prefix}:`, $lt: `${prefix};` },
      partner_id: partnerId,
    })
    const ofPartner = { partner_id: partnerId, active: false }
    await syncRuns.updateMany(
      { ...ofPartner, checkpoint: { $ne: null } },
      { $set: { checkpoint: null } },
      { hint: 'newest_first' },
    )
    // The code says what went wrong; the sentence may quote HubSpot about a record.
    await syncRuns.updateMany(
      { ...ofPartner, error: { $ne: null } },
      { $set: { 'error.message': 'Erased.', 'error.correlationId': null } },
      { hint: 'newest_first' },
    )
  }

  /** Deletes what matches, some hundreds at a time. @returns how many, and whether none is left */
  async function inBatches<D extends Document>(
    collection: Collection<D>,
    filter: Filter<D>,
    hint: string,
    {
      partnerId,
      until,
      before,
    }: { partnerId: ObjectId; until: number; before?: (ids: D['_id'][]) => Promise<void> },
  ): Promise<{ count: number; done: boolean }> {
    let count = 0
    for (;;) {
      await assertNotConnected(partnerId)
      const found = await collection
        .find(filter, { projection: { _id: 1 } })
        .limit(batchSize)
        .hint(hint)
        .toArray()
      if (found.length === 0) return { count, done: true }
      const ids = found.map(document => document._id as D['_id'])
      await before?.(ids)
      const { deletedCount } = await collection.deleteMany({
        ...filter,
        _id: { $in: ids },
      } as Filter<D>)
      count += deletedCount
      if (clock().getTime() >= until) return { count, done: false }
    }
  }

  return async function eraseRecords(
    partnerId: ObjectId,
    { actor, correlationId = null }: Caller,
  ): Promise<RecordsErased> {
    await assertNotConnected(partnerId)
    await audit.record({
      partnerId,
      actor,
      action: 'records.erase',
      details: { step: 'begun' },
      correlationId,
    })
    await forgetProgress(partnerId)
    const imported = { partner_id: partnerId, portal_id: { $gt: '' }, hubspot_id: { $gt: '' } }
    const turn = { partnerId, until: clock().getTime() + longestMs }
    const none = { count: 0, done: false }
    const events = await inBatches(webhookEvents, { partner_id: partnerId }, 'by_object', turn)
    const results = events.done
      ? await inBatches(runResults, { partner_id: partnerId }, 'by_outcome', turn)
      : none
    const erasedDeals = results.done
      ? await inBatches(deals, imported, 'one_record_per_hubspot_id', turn)
      : none
    const erasedLeads = erasedDeals.done
      ? await inBatches(leads, imported, 'one_record_per_hubspot_id', {
          ...turn,
          // Deals that were made here and stay: they point to nobody.
          before: async ids =>
            void (await deals.updateMany(
              { partner_id: partnerId, lead_ids: { $in: ids } },
              { $pullAll: { lead_ids: ids }, $set: { updated_at: clock() }, $inc: { version: 1 } },
            )),
        })
      : none
    const answer = {
      done: erasedLeads.done,
      leads: erasedLeads.count,
      deals: erasedDeals.count,
      webhookEvents: events.count,
    }
    await audit.record({
      partnerId,
      actor,
      action: 'records.erase',
      details: {
        step: answer.done ? 'done' : 'to be continued',
        leads: answer.leads,
        deals: answer.deals,
        webhookEvents: answer.webhookEvents,
      },
      correlationId,
    })
    return answer
  }
}
