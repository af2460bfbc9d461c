import type { Document, Filter, ObjectId } from 'mongodb'
import type { Failure } from '#shared/contracts/primitives'
import type { RunCounts, RunKind, RunTrigger } from '#shared/contracts/runs'
import type { Clock } from '../../config/clock'
import type { Collections } from '../../database/collections'
import type { SyncRunDocument } from '../../database/documents'
import { isDuplicateKey } from '../../database/duplicate-key'
import { leaseAt, leaseReleased, type LeaseHolder } from '../../database/lease'
import { RunInterrupted, type Progress } from './context'
import { newRunDocument, noCounts, type NewRun } from './document'

/** Who carries a run out at present. */
export interface Holder extends LeaseHolder {
  runId: ObjectId
}

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
    async create(wanted: NewRun): Promise<{ run: SyncRunDocument; created: boolean }> {
      for (;;) {
        const run = newRunDocument(wanted, clock())
        try {
          await syncRuns.insertOne(run)
          return { run, created: true }
        } catch (error) {
          if (!isDuplicateKey(error)) throw error
        }
        const active = await syncRuns.findOne({ partner_id: wanted.partnerId, active: true })
        // It ended between the two: try again.
        if (active) return { run: active, created: false }
      }
    },

    async active(partnerId: ObjectId): Promise<SyncRunDocument | null> {
      return await syncRuns.findOne({ partner_id: partnerId, active: true })
    },

    /**
     * Takes the run's lease when nobody holds it.
     * @returns the run as taken, `null` when another process holds it or the run has ended
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
  }
}
export type Runs = ReturnType<typeof createRuns>
