import type { ObjectId } from 'mongodb'
import type { Clock } from '../config/clock'
import type { Collections } from '../database/collections'
import type { DealDocument } from '../database/documents'
import { kinds } from '../records/kinds'
import { mergeRecord } from '../records/merge-record'
import { stageNotMapped, stateUpdate, triedAgain, withState } from '../records/sync-state'
import { createFieldMapping } from './fields'
import type { StageRules } from '../records/merge-stage'

export interface StageCount {
  pipelineId: string | null
  stageId: string | null
  count: number
}

const batchSize = 100

/** The deals in HubSpot's stages: how many, and what a new mapping makes of them. */
export function createStageRecount({
  collections,
  clock,
}: {
  collections: Collections
  clock: Clock
}) {
  const { deals } = collections

  /** Answered from an index alone; archived deals do not count. */
  async function dealCounts(partnerId: ObjectId, portalId: string): Promise<StageCount[]> {
    const counted = await deals
      .aggregate<{ _id: { p: string | null; s: string | null }; n: number }>(
        [
          { $match: { partner_id: partnerId, portal_id: portalId, archived_at: null } },
          {
            $group: { _id: { p: '$hubspot_pipeline_id', s: '$hubspot_stage_id' }, n: { $sum: 1 } },
          },
        ],
        { hint: 'by_hubspot_stage' },
      )
      .toArray()
    return counted
      .map(({ _id, n }) => ({ pipelineId: _id.p, stageId: _id.s, count: n }))
      .filter(({ stageId }) => stageId !== null)
  }

  /**
   * Deals without a local change waiting take the stage that their HubSpot stage now means; one
   * write for each HubSpot stage.
   */
  async function applyMapping(
    partnerId: ObjectId,
    portalId: string,
    rules: StageRules,
  ): Promise<void> {
    for (const { pipelineId, stageId } of await stagesInUse(partnerId, portalId)) {
      const stage = rules.toOurs(pipelineId, stageId)
      if (stage === undefined) continue
      await deals.updateMany(
        {
          partner_id: partnerId,
          portal_id: portalId,
          hubspot_pipeline_id: pipelineId,
          hubspot_stage_id: stageId,
          $or: [{ stage_base: { $ne: stage } }, { stage: { $ne: stage } }],
        },
        [
          {
            $set: {
              stage: { $cond: [{ $eq: ['$stage', '$stage_base'] }, { $literal: stage }, '$stage'] },
              stage_base: { $literal: stage },
              revision: { $add: ['$revision', 1] },
              version: { $add: ['$version', 1] },
              updated_at: clock(),
            },
          },
        ],
        { hint: 'by_hubspot_stage' },
      )
    }
    await settleWaiting(partnerId, portalId, rules)
  }

  async function stagesInUse(partnerId: ObjectId, portalId: string): Promise<StageCount[]> {
    const found = await deals
      .aggregate<{ _id: { p: string | null; s: string | null } }>(
        [
          { $match: { partner_id: partnerId, portal_id: portalId } },
          { $group: { _id: { p: '$hubspot_pipeline_id', s: '$hubspot_stage_id' } } },
        ],
        { hint: 'by_hubspot_stage' },
      )
      .toArray()
    return found
      .map(({ _id }) => ({ pipelineId: _id.p, stageId: _id.s, count: 0 }))
      .filter(({ stageId }) => stageId !== null)
  }

  /**
   * Deals whose own change waits or was stuck: the new mapping may have a place for it, or agree
   * with it already.
   */
  async function settleWaiting(
    partnerId: ObjectId,
    portalId: string,
    stages: StageRules,
  ): Promise<void> {
    const { deal: rules } = await createFieldMapping({ collections }).fieldsFor(partnerId)
    let batch: DealDocument[] = []
    const settle = async () => {
      const now = clock()
      const operations = batch.map(deal => {
        const wasStuck = deal.sync.error?.code === stageNotMapped.code
        const tried = wasStuck ? withState(deal, { state: 'pending' }) : deal
        const { next } = mergeRecord(kinds.deal, tried, null, { rules, stages, now })
        return {
          updateOne: {
            filter: { _id: deal._id, version: deal.version },
            update: {
              $set: {
                stage: next.stage,
                stage_base: next.stage_base,
                dirty: next.dirty,
                sync: next.sync,
              },
              $inc: { version: 1 },
            },
          },
        }
      })
      if (operations.length > 0) await deals.bulkWrite(operations, { ordered: false })
      batch = []
    }
    for (const state of ['failed', 'pending'] as const) {
      for await (const deal of deals
        .find({ partner_id: partnerId, 'sync.state': state, portal_id: portalId })
        .hint('by_sync_state')) {
        if (batch.push(deal) >= batchSize) await settle()
      }
    }
    await settle()
    // New deals that had no stage to go to.
    await deals.updateMany(
      {
        partner_id: partnerId,
        'sync.state': 'failed',
        hubspot_id: null,
        'sync.error.code': stageNotMapped.code,
      },
      { $set: stateUpdate(triedAgain), $inc: { version: 1 } },
      { hint: 'by_sync_state' },
    )
  }

  return { dealCounts, applyMapping }
}
