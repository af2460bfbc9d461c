import type { ObjectId } from 'mongodb'
import type { Failure } from '#shared/contracts/primitives'
import type { RecordOutcome } from '#shared/contracts/runs'
import type { Clock } from '../../config/clock'
import type { Collections } from '../../database/collections'
import type { RunResultDocument, SyncRunDocument } from '../../database/documents'
import type { ObjectType } from '../../hubspot/crm-types'
import { createRunResultsRepository } from './results-repository'

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
    | 'out_of_scope'
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
export function createRunResults({ collections, clock, keep, limits = maxStored }: RunResultsDeps) {
  const stored = createRunResultsRepository(collections)

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
      [{}, { outcome: 'failed' as const }].map(filter => stored.count(run._id, filter)),
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
          await stored.store(results.map(result => documentOf(run, result)))
        },
      }
    },

    find: stored.find,
    page: stored.page,
    failed: stored.failed,

    /** @returns whether all results of this run are stored */
    async isComplete(run: SyncRunDocument): Promise<boolean> {
      const kept = await countKept(run)
      return kept.changed < limits.changed && kept.failed < limits.failed
    },

    prune: () => stored.prune(clock()),
  }
}
export type RunResults = ReturnType<typeof createRunResults>
