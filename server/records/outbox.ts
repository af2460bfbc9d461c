import { randomUUID } from 'node:crypto'
import type { ObjectId } from 'mongodb'
import type { Failure } from '#shared/contracts/primitives'
import { byHundreds } from '../database/by-hundreds'
import type { DocumentOf, KindName, LeadDocument } from '../database/documents'
import { isDuplicateKey } from '../database/duplicate-key'
import { hasAssociations, hasStage, recordsOf, type RecordKind } from './kinds'
import { absorbDeal, absorbLead } from './same-object'
import { editRecord } from './edit-record'
import { afterWrite, type Written } from './after-write'
import { stageNotMapped } from './merge-record'
import { pendingWrite, type PendingWrite } from './pending-write'
import { wakeDeals } from './wake-deals'
import type { RecordDeps } from '../leads/index'

export type { PendingWrite } from './pending-write'
export type { Written } from './after-write'

/** "Not until somebody changes something": HubSpot refused for good. */
export const neverAgain = new Date('9999-12-31T00:00:00.000Z')

/**
 * How long a deal waits for its new leads to reach HubSpot before it is looked at again (their
 * arrival ends the wait).
 */
const waitForLeadsMs = 5 * 60_000

type Deps = Pick<RecordDeps, 'collections' | 'clock' | 'mapping'>

/**
 * The outbox of one kind of record: what is dirty is claimed under a lease, written to HubSpot by
 * the caller, and settled. Everything is decided anew on the record as it stands, so that an edit
 * made during the write is neither lost nor taken for written.
 */
export function createOutbox<K extends KindName>(
  { collections, clock, mapping }: Deps,
  kind: RecordKind<K>,
) {
  type D = DocumentOf<K>
  const records = recordsOf(collections, kind)

  /**
   * What stands in HubSpot of these records' associations, or would once their leads have arrived.
   */
  async function contactsOf(
    partnerId: ObjectId,
    portalId: string,
    found: readonly D[],
  ): Promise<LeadDocument[]> {
    const deals = found.filter(hasAssociations)
    const leadIds = deals.flatMap(deal => deal.lead_ids)
    const contactIds = deals.flatMap(deal => deal.hubspot_contact_ids)
    if (leadIds.length + contactIds.length === 0) return []
    const [byId, byContact] = await Promise.all([
      collections.leads
        .find({ partner_id: partnerId, _id: { $in: leadIds } })
        .hint('_id_')
        .toArray(),
      byHundreds(contactIds, ids =>
        collections.leads
          .find({ partner_id: partnerId, portal_id: portalId, hubspot_id: { $in: ids } })
          .toArray(),
      ),
    ])
    return [...byId, ...byContact]
  }

  /**
   * Claims records that have something to write, oldest first. Only those of this portal, or of
   * none yet; not the archived ones; not before their next try.
   * @param options.leaseUntil until when nobody else may claim them
   * @returns what to write for each; records whose write turns out empty or impossible are settled
   *   here and not returned
   */
  async function claimDirty(
    partnerId: ObjectId,
    { portalId, limit, leaseUntil }: { portalId: string; limit: number; leaseUntil: Date },
  ): Promise<PendingWrite<D>[]> {
    const now = clock()
    const free = {
      partner_id: partnerId,
      dirty: true,
      'sync.next_try_at': { $not: { $gt: now } },
      portal_id: { $in: [null, portalId] },
      archived_at: null,
      $or: [{ lease: null }, { 'lease.until': { $lte: now } }],
    }
    const candidates = await records
      .find(free, { projection: { _id: 1 } })
      .sort({ 'sync.next_try_at': 1 })
      .limit(limit)
      .hint('outbox')
      .toArray()
    if (candidates.length === 0) return []
    const owner = randomUUID()
    const ids = candidates.map(candidate => candidate._id)
    await records.updateMany(
      { ...free, _id: { $in: ids } },
      { $set: { lease: { owner, fence: 1, until: leaseUntil } } },
    )
    const claimed = await records
      .find<D>({ partner_id: partnerId, _id: { $in: ids }, 'lease.owner': owner })
      .hint('_id_')
      .toArray()
    const [rules, stages, contacts] = await Promise.all([
      mapping.fieldsFor(partnerId),
      mapping.stagesFor(partnerId, portalId),
      contactsOf(partnerId, portalId, claimed),
    ])
    const needsFirstStage = claimed.some(
      record => hasStage(record) && record.hubspot_id === null && record.stage === null,
    )
    const firstStage = needsFirstStage ? await mapping.firstStage(partnerId) : null
    const writes: PendingWrite<D>[] = []
    for (const record of claimed) {
      const write = pendingWrite(record, {
        rules: rules[kind.name],
        stages,
        firstStage,
        contacts,
        portalId,
        now,
      })
      if (write === 'nothing') await settleEmpty(partnerId, record)
      else if (write === 'waiting')
        await release(partnerId, [record._id], new Date(now.getTime() + waitForLeadsMs))
      else if (write === 'stage_not_mapped')
        await markFailed(partnerId, record._id, {
          revision: record.revision,
          error: stageNotMapped,
          retryAt: null,
        })
      else writes.push(write)
    }
    return writes
  }

  async function settleEmpty(partnerId: ObjectId, record: D): Promise<void> {
    await records.updateOne(
      { _id: record._id, partner_id: partnerId, version: record.version },
      {
        $set: {
          dirty: false,
          lease: null,
          'sync.state': 'in_sync',
          'sync.error': null,
          'sync.attempts': 0,
          'sync.next_try_at': null,
        },
        $inc: { version: 1 },
      },
    )
  }

  /**
   * Stores, before a create is sent, the id it is sent under: after a crash the object is looked up
   * before anything is tried again.
   * @param sending what is sent: the object is looked up by it, whatever was edited since
   */
  async function setCreateIntent(
    partnerId: ObjectId,
    id: ObjectId,
    intentId: string,
    sending: { sent: Record<string, string>; contacts: string[] },
  ): Promise<void> {
    await records.updateOne(
      { _id: id, partner_id: partnerId },
      {
        $set: { create_intent: { id: intentId, at: clock(), ...sending } },
        $inc: { version: 1 },
      },
    )
  }

  /** Stores when it was first seen that nobody knows what became of a create. */
  async function markIntentUnclear(
    partnerId: ObjectId,
    id: ObjectId,
    intentId: string,
    at: Date,
  ): Promise<void> {
    await records.updateOne(
      { _id: id, partner_id: partnerId, 'create_intent.id': intentId },
      { $set: { 'create_intent.unclear_at': at }, $inc: { version: 1 } },
    )
  }

  /**
   * HubSpot refused the create: it surely has no such object, and nothing needs to be looked for.
   */
  async function forgetCreateIntent(partnerId: ObjectId, id: ObjectId): Promise<void> {
    await records.updateOne(
      { _id: id, partner_id: partnerId },
      { $set: { create_intent: null }, $inc: { version: 1 } },
    )
  }

  /**
   * Records a write that HubSpot took. What changed here meanwhile stays marked as to be written;
   * what HubSpot made of our text (its own format) is taken over. A record whose object in HubSpot
   * turns out to be another one's here is folded into that one.
   * @returns the record as it stands, or `null` when it is gone
   */
  async function markWritten(
    partnerId: ObjectId,
    id: ObjectId,
    written: Written,
  ): Promise<D | null> {
    const [rules, stages] = await Promise.all([
      mapping.fieldsFor(partnerId),
      mapping.stagesFor(partnerId, written.portalId),
    ])
    try {
      const stored = await editRecord(collections, kind, partnerId, id, async current =>
        afterWrite(current, written, {
          rules: rules[kind.name],
          stages,
          now: clock(),
          contacts: await contactsOf(partnerId, written.portalId, [current]),
        }),
      )
      if (kind.name === 'lead') await wakeDeals(collections, partnerId, [id])
      return stored
    } catch (error) {
      if (!isDuplicateKey(error)) throw error
      await (kind.name === 'lead' ? absorbLead : absorbDeal)(collections, clock, {
        partnerId,
        duplicateId: id,
        portalId: written.portalId,
        hubspotId: written.object.id,
      })
      return null
    }
  }

  /**
   * Records a write that failed, on the record itself.
   * @param failed.revision the revision that was claimed: a record edited since is simply tried
   *   again
   * @param failed.retryAt when to try again; `null`: not before one of the sides changes
   */
  async function markFailed(
    partnerId: ObjectId,
    id: ObjectId,
    failed: { revision: number; error: Failure; retryAt: Date | null },
  ): Promise<void> {
    const { matchedCount } = await records.updateOne(
      { _id: id, partner_id: partnerId, revision: failed.revision },
      {
        $set: {
          lease: null,
          'sync.state': 'failed',
          'sync.error': failed.error,
          'sync.next_try_at': failed.retryAt ?? neverAgain,
        },
        $inc: { 'sync.attempts': 1, version: 1 },
      },
    )
    if (matchedCount === 0) await release(partnerId, [id])
  }

  /** Gives claimed records back untouched. @param nextTryAt not to be claimed before */
  async function release(
    partnerId: ObjectId,
    ids: readonly ObjectId[],
    nextTryAt: Date | null = null,
  ): Promise<void> {
    if (ids.length === 0) return
    await records.updateMany(
      { partner_id: partnerId, _id: { $in: [...ids] } },
      { $set: { lease: null, ...(nextTryAt ? { 'sync.next_try_at': nextTryAt } : {}) } },
    )
  }

  return {
    claimDirty,
    setCreateIntent,
    markIntentUnclear,
    forgetCreateIntent,
    markWritten,
    markFailed,
    release,
    /** Whether something waits to be written to this portal now. */
    async hasDirty(partnerId: ObjectId): Promise<boolean> {
      return (
        (await records.findOne(
          {
            partner_id: partnerId,
            dirty: true,
            'sync.next_try_at': { $not: { $gt: clock() } },
          },
          { projection: { _id: 1 }, hint: 'outbox' },
        )) !== null
      )
    },
    /** Failed writes are to be tried again at once. @param ids `null`: all. @returns how many */
    async retryFailed(partnerId: ObjectId, ids: readonly ObjectId[] | null): Promise<number> {
      const failed = {
        partner_id: partnerId,
        dirty: true,
        archived_at: null,
        'sync.state': 'failed',
        ...(ids ? { _id: { $in: [...ids] } } : {}),
      }
      const { modifiedCount } = await records.updateMany(
        failed,
        {
          $set: {
            'sync.state': 'pending',
            'sync.error': null,
            'sync.attempts': 0,
            'sync.next_try_at': null,
          },
          $inc: { version: 1 },
        },
        { hint: ids ? '_id_' : 'outbox' },
      )
      return modifiedCount
    },
    /** Write-back was turned on: new records that waited for it show as pending. */
    async openOutbox(partnerId: ObjectId): Promise<void> {
      await records.updateMany(
        {
          partner_id: partnerId,
          dirty: true,
          hubspot_id: null,
          archived_at: null,
          'sync.state': 'unlinked',
        },
        { $set: { 'sync.state': 'pending' }, $inc: { version: 1 } },
        { hint: 'outbox' },
      )
    },
  }
}
