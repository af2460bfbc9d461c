import { ObjectId } from 'mongodb'
import type { RunKind, RunStatus } from '#shared/contracts/runs'
import type { Collections } from '../../database/collections'
import type { SyncRunDocument } from '../../database/documents'

/** Which runs of a partner: all that match */
export interface RunChoice {
  kind?: RunKind
  status?: RunStatus
  /** Only those that are worth a look */
  eventful?: boolean
}

const filterOf = (partnerId: ObjectId, { kind, status, eventful }: RunChoice) => ({
  partner_id: partnerId,
  ...(eventful ? { eventful: true } : {}),
  ...(kind ? { kind } : {}),
  ...(status ? { status } : {}),
})

/** Reads the runs of partners, and forgets old ones. */
export function createRunHistory({
  collections: { syncRuns },
}: {
  collections: Pick<Collections, 'syncRuns'>
}) {
  return {
    async find(partnerId: ObjectId, runId: ObjectId): Promise<SyncRunDocument | null> {
      return await syncRuns.findOne({ _id: runId, partner_id: partnerId })
    },

    /** Newest first. @param before the last one of the page before */
    async page(
      partnerId: ObjectId,
      { before, limit, ...choice }: RunChoice & { before?: ObjectId; limit: number },
    ): Promise<SyncRunDocument[]> {
      return await syncRuns
        .find({ ...filterOf(partnerId, choice), ...(before ? { _id: { $lt: before } } : {}) })
        .sort({ _id: -1 })
        .limit(limit)
        .toArray()
    },

    async count(partnerId: ObjectId, choice: RunChoice): Promise<number> {
      return await syncRuns.countDocuments(filterOf(partnerId, choice))
    },

    /**
     * The latest initial run of this portal if it did not come to its end: the next one starts at
     * its checkpoint.
     */
    async unfinishedImport(partnerId: ObjectId, portalId: string): Promise<SyncRunDocument | null> {
      const [last] = await syncRuns
        .find({ partner_id: partnerId, kind: 'initial', portal_id: portalId })
        .sort({ _id: -1 })
        .limit(1)
        .toArray()
      return last && last.status !== 'succeeded' && !last.active && last.checkpoint ? last : null
    },

    /** Removes what a portal's records told: checkpoints, and sentences about failures. */
    async forgetProgress(partnerId: ObjectId): Promise<void> {
      const ended = { partner_id: partnerId, active: false }
      await syncRuns.updateMany(
        { ...ended, checkpoint: { $ne: null } },
        { $set: { checkpoint: null } },
        { hint: 'newest_first' },
      )
      // The code says what went wrong; the sentence may quote HubSpot about a record.
      await syncRuns.updateMany(
        { ...ended, error: { $ne: null } },
        { $set: { 'error.message': 'Erased.', 'error.correlationId': null } },
        { hint: 'newest_first' },
      )
    },

    /** Deletes old runs, webhook runs earlier: they are many, and each says little. */
    async prune(now: Date, keep: { webhookDays: number; days: number }): Promise<number> {
      const before = (days: number) =>
        ObjectId.createFromTime(Math.floor(now.getTime() / 1000) - days * 86_400)
      const old = await syncRuns.deleteMany({ _id: { $lt: before(keep.days) }, active: false })
      const oldWebhookRuns = await syncRuns.deleteMany({
        _id: { $lt: before(keep.webhookDays) },
        active: false,
        kind: 'webhook',
      })
      return old.deletedCount + oldWebhookRuns.deletedCount
    },
  }
}
export type RunHistory = ReturnType<typeof createRunHistory>
