import { ObjectId, type Document, type Filter } from 'mongodb'
import type { Failure } from '#shared/contracts/primitives'
import type { RunCounts, RunKind, RunStatus, RunTrigger } from '#shared/contracts/runs'
import type { Clock } from '../../config/clock'
import type { Collections } from '../../database/collections'
import type { SyncRunDocument } from '../../database/documents'
import { isDuplicateKey } from '../../database/duplicate-key'
import { leaseAt, leaseReleased, type LeaseHolder } from '../../database/lease'
import { RunInterrupted, type Progress } from './context'

/** Who carries a run out at present. */
export interface Holder extends LeaseHolder {
  runId: ObjectId
}

export interface NewRun {
  partnerId: ObjectId
  portalId: string
  kind: RunKind
  trigger: RunTrigger
  /** An unfinished run whose work this one goes on with */
  resumes?: SyncRunDocument | null
}

const noCounts: RunCounts = {
  seen: 0,
  created: 0,
  updated: 0,
  unchanged: 0,
  failed: 0,
  writtenBack: 0,
}
/** Which runs of a partner: all that fit */
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

/**
 * The runs of all partners. A partner has one active run at most: a unique index says so, not this
 * code. Leases go by the database's clock.
 * @param leaseMs how long a process may be silent before another one takes its run over
 */
export function createRuns({
  collections: { syncRuns },
  clock,
  leaseMs,
}: {
  collections: Pick<Collections, 'syncRuns'>
  clock: Clock
  leaseMs: number
}) {
  const seen = (now: Date): Document => ({ version: { $add: ['$version', 1] }, updated_at: now })
  const lease = leaseAt('lease', leaseMs)
  const held = (holder: Holder): Filter<SyncRunDocument> => ({
    _id: holder.runId,
    active: true,
    ...lease.heldBy(holder),
  })

  return {
    /** @returns the new run, or the one that is active already */
    async create({
      partnerId,
      portalId,
      kind,
      trigger,
      resumes = null,
    }: NewRun): Promise<{ run: SyncRunDocument; created: boolean }> {
      for (;;) {
        const now = clock()
        const run: SyncRunDocument = {
          _id: new ObjectId(),
          schema_version: 1,
          partner_id: partnerId,
          portal_id: portalId,
          kind,
          status: 'queued',
          trigger,
          active: true,
          eventful: true,
          phase: null,
          checkpoint: resumes?.checkpoint ?? null,
          watermark: resumes?.watermark ?? now,
          counts: resumes?.counts ?? noCounts,
          total: resumes?.total ?? null,
          error: null,
          identical: null,
          lease: null,
          again: null,
          queued_at: now,
          started_at: null,
          finished_at: null,
          version: 1,
          updated_at: now,
        }
        try {
          await syncRuns.insertOne(run)
          return { run, created: true }
        } catch (error) {
          if (!isDuplicateKey(error)) throw error
        }
        const active = await syncRuns.findOne({ partner_id: partnerId, active: true })
        // It ended between the two: try again.
        if (active) return { run: active, created: false }
      }
    },

    async active(partnerId: ObjectId): Promise<SyncRunDocument | null> {
      return await syncRuns.findOne({ partner_id: partnerId, active: true })
    },

    async find(partnerId: ObjectId, runId: ObjectId): Promise<SyncRunDocument | null> {
      return await syncRuns.findOne({ _id: runId, partner_id: partnerId })
    },

    /** Newest first. @param before the last one of the page before */
    async page(
      partnerId: ObjectId,
      { before, limit, ...chosen }: RunChoice & { before?: ObjectId; limit: number },
    ): Promise<SyncRunDocument[]> {
      return await syncRuns
        .find({ ...filterOf(partnerId, chosen), ...(before ? { _id: { $lt: before } } : {}) })
        .sort({ _id: -1 })
        .limit(limit)
        .toArray()
    },

    async count(partnerId: ObjectId, chosen: RunChoice): Promise<number> {
      return await syncRuns.countDocuments(filterOf(partnerId, chosen))
    },

    /**
     * The latest initial run of this portal when it did not come to its end: its checkpoint is
     * where to go on.
     */
    async unfinishedImport(partnerId: ObjectId, portalId: string): Promise<SyncRunDocument | null> {
      const [last] = await syncRuns
        .find({ partner_id: partnerId, kind: 'initial', portal_id: portalId })
        .sort({ _id: -1 })
        .limit(1)
        .toArray()
      return last && last.status !== 'succeeded' && !last.active && last.checkpoint ? last : null
    },

    /**
     * Takes the run's lease when nobody holds it. @returns the run as taken, `null` when it is not
     * to be had
     */
    async claim(
      runId: ObjectId,
      owner: string,
    ): Promise<{ run: SyncRunDocument; holder: Holder } | null> {
      const now = clock()
      const run = await syncRuns.findOneAndUpdate(
        { _id: runId, active: true, ...lease.isFree },
        [
          {
            $set: {
              status: 'running',
              started_at: { $ifNull: ['$started_at', now] },
              ...lease.takenBy(owner),
              ...seen(now),
            },
          },
        ],
        { returnDocument: 'after' },
      )
      return run?.lease ? { run, holder: { runId, owner, fence: run.lease.fence } } : null
    },

    /**
     * Stores progress and prolongs the lease in one write. @throws {RunInterrupted} when the run is
     * no longer the holder's
     */
    async save(
      holder: Holder,
      { phase, checkpoint, counts = {}, total, identical }: Progress,
    ): Promise<void> {
      const set: Document = { ...seen(clock()), ...lease.prolonged }
      // Checkpoints are data: a text that begins with a dollar sign must not be taken for an
      // expression.
      if (phase !== undefined) set.phase = { $literal: phase }
      if (checkpoint !== undefined) set.checkpoint = { $literal: checkpoint }
      if (total !== undefined) set.total = { $literal: total }
      if (identical !== undefined) set.identical = { $literal: identical }
      for (const name of Object.keys(noCounts) as (keyof RunCounts)[]) {
        if (counts[name]) set[`counts.${name}`] = { $add: [`$counts.${name}`, counts[name]] }
      }
      const result = await syncRuns.updateOne(held(holder), [{ $set: set }])
      if (result.matchedCount === 0)
        throw new RunInterrupted(
          (await this.wasCancelled(holder.runId)) ? 'cancelled' : 'lease_lost',
        )
    },

    /** @returns whether the run is still the holder's */
    async prolong(holder: Holder): Promise<boolean> {
      return (
        (await syncRuns.updateOne(held(holder), [{ $set: lease.prolonged }])).matchedCount === 1
      )
    },

    /** Lets another process go on with the run at once. */
    async release(holder: Holder): Promise<void> {
      await syncRuns.updateOne(held(holder), {
        $set: { ...lease.released, queued_at: clock() },
      })
    },

    /** @returns the run as it ended, `null` when it was not the holder's any more */
    async finish(
      holder: Holder,
      status: 'succeeded' | 'failed',
      error: Failure | null,
    ): Promise<SyncRunDocument | null> {
      const now = clock()
      const eventful =
        status === 'failed'
          ? { $literal: true }
          : {
              $gt: [
                {
                  $add: [
                    '$counts.created',
                    '$counts.updated',
                    '$counts.failed',
                    '$counts.writtenBack',
                  ],
                },
                0,
              ],
            }
      return await syncRuns.findOneAndUpdate(
        held(holder),
        [
          {
            $set: {
              status,
              eventful,
              error: { $literal: error },
              active: false,
              finished_at: now,
              ...seen(now),
            },
          },
        ],
        { returnDocument: 'after' },
      )
    },

    /**
     * Ends the partner's active run, whoever carries it out: they find out with their next write.
     * @returns its id
     */
    async cancel(partnerId: ObjectId): Promise<ObjectId | null> {
      const now = clock()
      const run = await syncRuns.findOneAndUpdate(
        { partner_id: partnerId, active: true },
        {
          $set: { status: 'cancelled', active: false, finished_at: now, updated_at: now },
          $inc: { version: 1 },
        },
      )
      return run?._id ?? null
    },

    async wasCancelled(runId: ObjectId): Promise<boolean> {
      return (
        (await syncRuns.findOne({ _id: runId }, { projection: { status: 1 } }))?.status ===
        'cancelled'
      )
    },

    /**
     * Notes what is to be done once this run is over; of several, the one that looks at everything.
     * @returns whether it was still active
     */
    async askAgain(
      runId: ObjectId,
      next: { kind: RunKind; trigger: RunTrigger },
    ): Promise<boolean> {
      const again = { $cond: [{ $eq: ['$again.kind', 'reconcile'] }, '$again', { $literal: next }] }
      return (
        (await syncRuns.updateOne({ _id: runId, active: true }, [{ $set: { again } }]))
          .matchedCount === 1
      )
    },

    /**
     * Active runs that nobody works on: their process died, or the trigger got lost. Each is handed
     * to one caller per `leaseMs`.
     * @param triggerMs how long a trigger may take before it counts as lost
     */
    async abandoned({
      triggerMs,
      limit,
    }: {
      triggerMs: number
      limit: number
    }): Promise<SyncRunDocument[]> {
      const now = clock()
      const candidates = await syncRuns
        .find({ active: true, $or: [{ lease: null }, { 'lease.until': { $lt: now } }] })
        .limit(limit)
        .toArray()
      const found: SyncRunDocument[] = []
      for (const run of candidates) {
        const quietMs =
          run.lease === null
            ? triggerMs
            : run.lease.until.getTime() === leaseReleased.getTime()
              ? 0
              : leaseMs / 4
        if (now.getTime() - run.queued_at.getTime() < quietMs) continue
        const result = await syncRuns.updateOne(
          { _id: run._id, active: true, queued_at: run.queued_at },
          { $set: { queued_at: now } },
        )
        if (result.modifiedCount === 1) found.push(run)
      }
      return found
    },

    /**
     * Forgets old history. Webhook runs are many and say little; what they did stands with the
     * records.
     */
    async prune(now: Date, keep: { webhookDays: number; days: number }): Promise<number> {
      const before = (days: number) =>
        ObjectId.createFromTime(Math.floor(now.getTime() / 1000) - days * 86_400)
      const old = await syncRuns.deleteMany({ _id: { $lt: before(keep.days) }, active: false })
      const oldHints = await syncRuns.deleteMany({
        _id: { $lt: before(keep.webhookDays) },
        active: false,
        kind: 'webhook',
      })
      return old.deletedCount + oldHints.deletedCount
    },
  }
}
export type Runs = ReturnType<typeof createRuns>
