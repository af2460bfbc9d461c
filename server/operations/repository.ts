import { ObjectId } from 'mongodb'
import type { OperationCounts, OperationResultsQuery } from '#shared/contracts/operations'
import type { Failure } from '#shared/contracts/primitives'
import type { Clock } from '../config/clock'
import type { Collections } from '../database/collections'
import type { KindName, OperationDocument, OperationResultDocument } from '../database/documents'
import { leaseAt, type LeaseHolder } from '../database/lease'

/** How long an operation can be looked at and taken back, days */
const keptDays = 90
const dayMs = 24 * 60 * 60 * 1000

export interface OperationsRepositoryDeps {
  collections: Pick<Collections, 'operations' | 'operationResults'>
  clock: Clock
  /** How long a process may be silent before another one goes on with its operation, ms */
  leaseMs: number
}

/** Who carries an operation out at present. */
export interface OperationHolder extends LeaseHolder {
  operationId: ObjectId
}

/** What became of one record that was not changed. */
export interface Outcome {
  object: KindName
  recordId: ObjectId | null
  line?: number
  outcome: 'failed' | 'skipped'
  why: string
}

/** The operations of all partners, and the records that they left as they were. */
export function createOperationsRepository({
  collections: { operations, operationResults },
  clock,
  leaseMs,
}: OperationsRepositoryDeps) {
  const lease = leaseAt('lease', leaseMs)
  const held = (holder: OperationHolder) => ({
    _id: holder.operationId,
    status: 'running' as const,
    ...lease.heldBy(holder),
  })

  return {
    async create(
      partnerId: ObjectId,
      {
        task,
        by,
        total,
        id = new ObjectId(),
      }: Pick<OperationDocument, 'task' | 'by'> & { total: number; id?: ObjectId | undefined },
    ): Promise<OperationDocument> {
      const now = clock()
      const operation: OperationDocument = {
        _id: id,
        schema_version: 1,
        partner_id: partnerId,
        task,
        status: 'queued',
        by,
        cursor: null,
        counts: { total, done: 0, failed: 0, skipped: 0 },
        error: null,
        undone_by: null,
        lease: null,
        queued_at: now,
        started_at: null,
        finished_at: null,
        expires_at: new Date(now.getTime() + keptDays * dayMs),
      }
      await operations.insertOne(operation)
      return operation
    },

    async find(partnerId: ObjectId, id: ObjectId): Promise<OperationDocument | null> {
      return await operations.findOne(
        { _id: id, partner_id: partnerId, expires_at: { $gt: clock() } },
        { projection: { 'task.which.ids': 0 } },
      )
    },

    /** Takes the lease when nobody holds it. @returns `null` when somebody does, or it has ended */
    async claim(
      id: ObjectId,
      owner: string,
    ): Promise<{ operation: OperationDocument; holder: OperationHolder } | null> {
      const operation = await operations.findOneAndUpdate(
        { _id: id, status: { $in: ['queued', 'running'] }, ...lease.isFree },
        [
          {
            $set: {
              status: 'running',
              started_at: { $ifNull: ['$started_at', clock()] },
              ...lease.takenBy(owner),
            },
          },
        ],
        { returnDocument: 'after' },
      )
      return (
        operation && {
          operation,
          holder: { operationId: id, owner, fence: operation.lease?.fence ?? 0 },
        }
      )
    },

    /**
     * Stores where to go on, and adds to the counts, in one write.
     * @returns whether the operation is still the holder's
     */
    async save(
      holder: OperationHolder,
      cursor: Record<string, unknown> | null,
      counts: Omit<OperationCounts, 'total'>,
    ): Promise<boolean> {
      const { matchedCount } = await operations.updateOne(held(holder), [
        {
          $set: {
            cursor: { $literal: cursor },
            'counts.done': { $add: ['$counts.done', counts.done] },
            'counts.failed': { $add: ['$counts.failed', counts.failed] },
            'counts.skipped': { $add: ['$counts.skipped', counts.skipped] },
            ...lease.prolonged,
          },
        },
      ])
      return matchedCount === 1
    },

    /** @returns whether the operation is still the holder's; then its lease lasts from now on */
    async prolong(holder: OperationHolder): Promise<boolean> {
      const { matchedCount } = await operations.updateOne(held(holder), [{ $set: lease.prolonged }])
      return matchedCount === 1
    },

    /** Lets another process go on at once. */
    async release(holder: OperationHolder): Promise<void> {
      await operations.updateOne(held(holder), { $set: lease.released })
    },

    /** @returns whether the operation was still the holder's */
    async finish(holder: OperationHolder, error: Failure | null): Promise<boolean> {
      const { matchedCount } = await operations.updateOne(held(holder), [
        {
          $set: {
            status: error ? 'failed' : 'succeeded',
            error: { $literal: error },
            finished_at: clock(),
            // Records that came or went since it was asked for do not leave it unfinished.
            'counts.total': { $add: ['$counts.done', '$counts.failed', '$counts.skipped'] },
            ...lease.released,
          },
        },
      ])
      return matchedCount === 1
    },

    /** Stores what was left as it was. The same outcomes again change nothing. */
    async addResults(
      { _id, partner_id, expires_at }: OperationDocument,
      outcomes: readonly Outcome[],
    ): Promise<void> {
      if (outcomes.length === 0) return
      await operationResults.bulkWrite(
        outcomes.map(({ object, recordId, line = null, outcome, why }) => ({
          updateOne: {
            filter: {
              operation_id: _id,
              key: `${object}:${recordId?.toHexString() ?? `line ${line}`}`,
            },
            update: {
              $set: { partner_id, object, record_id: recordId, line, outcome, why, expires_at },
              $setOnInsert: { _id: new ObjectId() },
            },
            upsert: true,
          },
        })),
        { ordered: false },
      )
    },

    async results(
      partnerId: ObjectId,
      id: ObjectId,
      {
        outcome,
        after,
        limit,
      }: Pick<OperationResultsQuery, 'outcome' | 'limit'> & {
        after?: ObjectId
      },
    ): Promise<{ items: OperationResultDocument[]; total: number }> {
      const filter = { operation_id: id, partner_id: partnerId, ...(outcome ? { outcome } : {}) }
      const hint = outcome ? 'by_outcome' : 'by_operation'
      const [items, total] = await Promise.all([
        operationResults
          .find({ ...filter, ...(after ? { _id: { $gt: after } } : {}) })
          .sort({ _id: 1 })
          .limit(limit)
          .hint(hint)
          .toArray(),
        operationResults.countDocuments(filter, { hint }),
      ])
      return { items, total }
    },

    /** Notes which operation took this one back; `null`: it stands again. */
    async setUndoneBy(partnerId: ObjectId, id: ObjectId, by: ObjectId | null): Promise<void> {
      await operations.updateOne({ _id: id, partner_id: partnerId }, { $set: { undone_by: by } })
    },

    /** Operations that nobody works on: their process died, or the job got lost. */
    async abandoned(limit: number): Promise<OperationDocument[]> {
      return await operations
        .find({
          status: { $in: ['queued', 'running'] },
          $or: [{ lease: null }, { 'lease.until': { $lt: clock() } }],
        })
        .limit(limit)
        .hint('to_take_over')
        .toArray()
    },

    async prune(): Promise<void> {
      const expired = { expires_at: { $lte: clock() } }
      await operationResults.deleteMany(expired, { hint: 'expiry' })
      await operations.deleteMany(expired, { hint: 'expiry' })
    },
  }
}
export type OperationsRepository = ReturnType<typeof createOperationsRepository>
