import { ObjectId } from 'mongodb'
import type { RunResultsQuery } from '#shared/contracts/runs'
import type { Collections } from '../../database/collections'
import type { RunResultDocument } from '../../database/documents'

/** What runs did, record by record. */
export function createRunResultsRepository({ runResults }: Pick<Collections, 'runResults'>) {
  return {
    /** Stores results; one of the same run and key is replaced. */
    async store(results: readonly Omit<RunResultDocument, '_id'>[]): Promise<void> {
      await runResults.bulkWrite(
        results.map(({ run_id, key, ...fields }) => ({
          updateOne: {
            filter: { run_id, key },
            update: { $set: fields, $setOnInsert: { _id: new ObjectId() } },
            upsert: true,
          },
        })),
        { ordered: false },
      )
    },

    async count(
      runId: ObjectId,
      filter: Partial<Pick<RunResultDocument, 'outcome'>>,
    ): Promise<number> {
      return await runResults.countDocuments({ run_id: runId, ...filter }, { hint: 'by_run' })
    },

    async find(partnerId: ObjectId, id: ObjectId): Promise<RunResultDocument | null> {
      return await runResults.findOne({ _id: id, partner_id: partnerId })
    },

    /** In the order in which they came about. The limits bound how many are scanned. */
    async page(
      partnerId: ObjectId,
      runId: ObjectId,
      {
        outcome,
        object,
        after,
        limit,
      }: Pick<RunResultsQuery, 'outcome' | 'object' | 'limit'> & { after?: ObjectId },
    ): Promise<{ items: RunResultDocument[]; total: number }> {
      const filter = {
        run_id: runId,
        partner_id: partnerId,
        ...(outcome ? { outcome } : {}),
        ...(object ? { object } : {}),
      }
      const [items, total] = await Promise.all([
        runResults
          .find({ ...filter, ...(after ? { _id: { $gt: after } } : {}) })
          .sort({ _id: 1 })
          .limit(limit)
          .hint('by_run')
          .toArray(),
        runResults.countDocuments(filter, { hint: 'by_run' }),
      ])
      return { items, total }
    },

    /** Failed ones, oldest first: of one run, or of all. */
    async failed(
      partnerId: ObjectId,
      { runId, after, limit }: { runId?: ObjectId; after?: ObjectId; limit: number },
    ): Promise<RunResultDocument[]> {
      const filter = {
        partner_id: partnerId,
        outcome: 'failed' as const,
        ...(runId ? { run_id: runId } : {}),
        ...(after ? { _id: { $gt: after } } : {}),
      }
      return await runResults
        .find(filter)
        .sort({ _id: 1 })
        .limit(limit)
        .hint(runId ? 'by_run' : 'by_outcome')
        .toArray()
    },

    async prune(now: Date): Promise<number> {
      return (await runResults.deleteMany({ expires_at: { $lte: now } })).deletedCount
    },
  }
}
