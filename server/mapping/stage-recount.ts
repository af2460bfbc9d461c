import type { ObjectId } from 'mongodb'
import type { Clock } from '../config/clock'
import type { Collections } from '../database/collections'
import type { DealDocument } from '../database/documents'
import { kinds } from '../records/kinds'
import type { FieldRules } from '../records/merge-field'
import { mergeRecord, type MergeContext } from '../records/merge-record'
import type { StageRules } from '../records/merge-stage'
import { createStageRepository } from '../records/repository/stages'
import { stageNotMapped, withState } from '../records/sync-state'

const batchSize = 100

export interface StageRecountDeps {
  collections: Pick<Collections, 'deals'>
  clock: Clock
  fieldsFor(partnerId: ObjectId): Promise<FieldRules>
}

/** The deals in HubSpot's stages: how many, and what a new mapping changes of them. */
export function createStageRecount({ collections, clock, fieldsFor }: StageRecountDeps) {
  const repository = createStageRepository(collections, clock)

  /**
   * Deals without a local change take the stage that their HubSpot stage now means; one write for
   * each HubSpot stage. Then those whose own change waits or was stuck are decided again.
   */
  async function applyMapping(
    partnerId: ObjectId,
    portalId: string,
    stages: StageRules,
  ): Promise<void> {
    for (const used of await repository.stagesInUse(partnerId, portalId)) {
      const stage = stages.toOurs(used.pipelineId, used.stageId)
      if (stage !== undefined) await repository.takeStage(partnerId, portalId, used, stage)
    }
    const { deal: rules } = await fieldsFor(partnerId)
    let next: DealDocument[] = []
    for await (const deal of repository.unsettled(partnerId, portalId)) {
      next.push(withNewMapping(deal, { rules, stages, now: clock() }))
      if (next.length < batchSize) continue
      await repository.storeStages(next)
      next = []
    }
    await repository.storeStages(next)
    await repository.retryUnmapped(partnerId)
  }

  return { dealCounts: repository.dealCounts, applyMapping }
}

/** The new mapping may have a place for the deal's stage, or agree with it already. */
function withNewMapping(deal: DealDocument, context: MergeContext): DealDocument {
  const wasStuck = deal.sync.error?.code === stageNotMapped.code
  const tried = wasStuck ? withState(deal, { state: 'pending' }) : deal
  return mergeRecord(kinds.deal, tried, null, context).next
}
