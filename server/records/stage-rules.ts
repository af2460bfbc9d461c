import type { DealStage } from '#shared/leads/stages'
import type { StageMappingDocument } from '../database/documents'

export interface HubspotStage {
  pipelineId: string
  stageId: string
}

/** The stage mapping of one partner and portal, ready to be asked. */
export interface StageRules {
  /** An admin has accepted a mapping for this portal */
  isMapped: boolean
  /**
   * @returns our stage; `null` when the HubSpot stage has no mapping; `undefined` when its mapping
   *   is paused: leave the deal's stage alone
   */
  toOurs(pipelineId: string | null, stageId: string | null): DealStage | null | undefined
  /**
   * @param pipelineId the deal's pipeline; `null` for a deal that is new to HubSpot: the first
   *   pipeline that has a stage to write to
   * @returns where to put a deal that reached this stage of ours, or `null` when the mapping names
   *   no stage to write to
   */
  toHubspot(stage: DealStage, pipelineId: string | null): HubspotStage | null
}

/** @param stored entries in the order of HubSpot's pipelines and stages */
export function createStageRules(stored: StageMappingDocument['mapping']): StageRules {
  const byStage = new Map(stored.map(entry => [key(entry.pipeline_id, entry.stage_id), entry]))
  return {
    isMapped: stored.length > 0,
    toOurs(pipelineId, stageId) {
      if (pipelineId === null || stageId === null) return null
      const entry = byStage.get(key(pipelineId, stageId))
      if (!entry) return null
      return entry.paused ? undefined : entry.stage
    },
    toHubspot(stage, pipelineId) {
      const entry = stored.find(
        one =>
          one.write_back &&
          !one.paused &&
          one.stage === stage &&
          (pipelineId === null || one.pipeline_id === pipelineId),
      )
      return entry ? { pipelineId: entry.pipeline_id, stageId: entry.stage_id } : null
    },
  }
}

function key(pipelineId: string, stageId: string): string {
  return JSON.stringify([pipelineId, stageId])
}
