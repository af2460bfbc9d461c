import type { ObjectId } from 'mongodb'
import type { DealStage } from '#shared/leads/stages'
import type { Clock } from '../../config/clock'
import type { Collections } from '../../database/collections'
import type { DealDocument } from '../../database/documents'
import { stageNotMapped, stateUpdate, triedAgain } from '../sync-state'

export interface StageCount {
  pipelineId: string | null
  stageId: string | null
  count: number
}

/** The deals in HubSpot's stages. */
export function createStageRepository({ deals }: Pick<Collections, 'deals'>, clock: Clock) {
  /** Answered from an index alone. */
  async function countByStage(filter: Record<string, unknown>): Promise<StageCount[]> {
    const counted = await deals
      .aggregate<{ _id: { p: string | null; s: string | null }; n: number }>(
        [
          { $match: filter },
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

  return {
    /** How many deals each of HubSpot's stages has here; archived ones do not count. */
    dealCounts: (partnerId: ObjectId, portalId: string): Promise<StageCount[]> =>
      countByStage({ partner_id: partnerId, portal_id: portalId, archived_at: null }),

    /** HubSpot's stages that deals are in, archived ones too. */
    stagesInUse: (partnerId: ObjectId, portalId: string): Promise<StageCount[]> =>
      countByStage({ partner_id: partnerId, portal_id: portalId }),

    /**
     * Deals in a stage of HubSpot's take the stage that it means now. A change made here and not
     * written yet stays.
     */
    async takeStage(
      partnerId: ObjectId,
      portalId: string,
      { pipelineId, stageId }: Pick<StageCount, 'pipelineId' | 'stageId'>,
      stage: DealStage | null,
    ): Promise<void> {
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
    },

    /** Deals of a portal that failed or wait to be written. */
    async *unsettled(partnerId: ObjectId, portalId: string): AsyncGenerator<DealDocument, void> {
      for (const state of ['failed', 'pending'] as const)
        yield* deals
          .find({ partner_id: partnerId, 'sync.state': state, portal_id: portalId })
          .hint('by_sync_state')
    },

    /** Stores stage and state of deals, each unless it changed since it was read. */
    async storeStages(next: readonly DealDocument[]): Promise<void> {
      if (next.length === 0) return
      const operations = next.map(({ _id, version, stage, stage_base, dirty, sync }) => ({
        updateOne: {
          filter: { _id, version },
          update: { $set: { stage, stage_base, dirty, sync }, $inc: { version: 1 } },
        },
      }))
      await deals.bulkWrite(operations, { ordered: false })
    },

    /** New deals whose stage had no place in HubSpot are tried again. */
    async retryUnmapped(partnerId: ObjectId): Promise<void> {
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
    },
  }
}
