import { ObjectId } from 'mongodb'
import type { Failure } from '#shared/contracts/primitives'
import type { RecordOutcome, RunResultsQuery } from '#shared/contracts/runs'
import type { Clock } from '../../config/clock'
import type { Collections } from '../../database/collections'
import type { RunResultDocument, SyncRunDocument } from '../../database/documents'
import type { ObjectType } from '../../hubspot/crm-types'

/** What a run did with one record. */
export interface RecordResult {
  type: ObjectType
  direction: 'in' | 'out'
  outcome: RecordOutcome
  recordId?: ObjectId | null
  hubspotId: string | null
  /** Fields that changed, by our names */
  fields?: string[]
  reason?:
    | 'linked_by_email'
    | 'found_in_hubspot'
    | 'merged_in_hubspot'
    | 'gone_in_hubspot'
    | 'unreadable_value'
  error?: Failure | null
}

export type Tell = (result: RecordResult) => void

/**
 * Results that are stored of one run at most. Failures have a limit of their own: a large import
 * does not crowd them out.
 */
export const maxStored = { changed: 1000, failed: 1000 }
const dayMs = 24 * 60 * 60 * 1000
const maxMessageLength = 300

export interface RunResultsDeps {
  collections: Pick<Collections, 'runResults'>
  clock: Clock
  /** How long runs are kept, and webhook runs */
  keep: { days: number; webhookDays: number }
  limits?: typeof maxStored
}

/**
 * What runs did, record by record: a bounded number per run, written with each page, deleted with
 * the run.
 */
export function createRunResults({
  collections: { runResults },
  clock,
  keep,
  limits = maxStored,
}: RunResultsDeps) {
  function documentOf(run: SyncRunDocument, result: RecordResult): Omit<RunResultDocument, '_id'> {
    const {
      type,
      direction,
      outcome,
      recordId = null,
      hubspotId,
      fields = [],
      reason = null,
      error = null,
    } = result
    const object = type === 'contacts' ? 'lead' : 'deal'
    return {
      partner_id: run.partner_id,
      run_id: run._id,
      portal_id: run.portal_id,
      key: `${direction}:${object}:${direction === 'in' && hubspotId !== null ? hubspotId : String(recordId)}`,
      object,
      direction,
      outcome,
      record_id: recordId,
      hubspot_id: hubspotId,
      fields,
      reason,
      error: error && { ...error, message: error.message.slice(0, maxMessageLength) },
      at: clock(),
      expires_at: new Date(
        clock().getTime() + (run.kind === 'webhook' ? keep.webhookDays : keep.days) * dayMs,
      ),
    }
  }

  async function countKept(run: SyncRunDocument): Promise<{ changed: number; failed: number }> {
    // A run that has counted nothing yet has kept nothing.
    if (Object.values(run.counts).every(count => count === 0)) return { changed: 0, failed: 0 }
    const [all, failed] = await Promise.all(
      [{}, { outcome: 'failed' as const }].map(filter =>
        runResults.countDocuments({ run_id: run._id, ...filter }, { hint: 'by_run' }),
      ),
    )
    return { changed: (all ?? 0) - (failed ?? 0), failed: failed ?? 0 }
  }

  return {
    /** Collects the results of one run until each page is stored. Memory is bounded by the limits. */
    keeperOf(run: SyncRunDocument): { tell: Tell; flush(): Promise<void> } {
      let waiting: Record<'changed' | 'failed', RecordResult[]> = { changed: [], failed: [] }
      let kept: Record<'changed' | 'failed', number> | null = null
      return {
        tell(result) {
          const one = result.outcome === 'failed' ? 'failed' : 'changed'
          if ((kept?.[one] ?? 0) + waiting[one].length < limits[one]) waiting[one].push(result)
        },
        async flush() {
          if (waiting.changed.length + waiting.failed.length === 0) return
          kept ??= await countKept(run)
          const results = (['changed', 'failed'] as const).flatMap(one =>
            waiting[one].slice(0, Math.max(0, limits[one] - (kept?.[one] ?? 0))),
          )
          kept = {
            changed: kept.changed + waiting.changed.length,
            failed: kept.failed + waiting.failed.length,
          }
          waiting = { changed: [], failed: [] }
          if (results.length === 0) return
          await runResults.bulkWrite(
            results.map(result => {
              const { run_id, key, ...fields } = documentOf(run, result)
              return {
                updateOne: {
                  filter: { run_id, key },
                  update: { $set: fields, $setOnInsert: { _id: new ObjectId() } },
                  upsert: true,
                },
              }
            }),
            { ordered: false },
          )
        },
      }
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

    /** @returns whether all results of this run are stored */
    async isComplete(run: SyncRunDocument): Promise<boolean> {
      const kept = await countKept(run)
      return kept.changed < limits.changed && kept.failed < limits.failed
    },

    async prune(): Promise<number> {
      return (await runResults.deleteMany({ expires_at: { $lte: clock() } })).deletedCount
    },
  }
}
export type RunResults = ReturnType<typeof createRunResults>
