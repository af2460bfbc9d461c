import type { DealStage } from '#shared/leads/stages'
import type { StageDocument, StageMappingDocument } from '../database/documents'

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
          !one.read_only &&
          !one.paused &&
          one.stage === stage &&
          (pipelineId === null || one.pipeline_id === pipelineId),
      )
      return entry ? { pipelineId: entry.pipeline_id, stageId: entry.stage_id } : null
    },
  }
}

/** For kinds of record without stages. */
export const noStages = createStageRules([])

/** The length keeps two pairs of the same letters apart. */
function key(pipelineId: string, stageId: string): string {
  return `${pipelineId.length}:${pipelineId}${stageId}`
}

export interface StageMerge {
  stage: DealStage | null
  base: DealStage | null
  /** A local change waits to be written */
  isPending: boolean
  conflict: boolean
}

/**
 * Merges the stage, three ways; on a conflict HubSpot wins.
 * @param mapped what HubSpot's stage means here. `null`, without a mapping, does not speak against
 *   a local change; `undefined`, with a paused mapping, changes nothing at all
 */
export function mergeStage(
  { stage, stage_base: base }: Pick<StageDocument, 'stage' | 'stage_base'>,
  mapped: DealStage | null | undefined,
): StageMerge {
  const localChanged = stage !== base
  if (mapped === undefined) return { stage, base, isPending: localChanged, conflict: false }
  if (mapped === stage) return { stage, base: mapped, isPending: false, conflict: false }
  if (!localChanged) return { stage: mapped, base: mapped, isPending: false, conflict: false }
  if (mapped === base || mapped === null)
    return { stage, base: mapped, isPending: true, conflict: false }
  return { stage: mapped, base: mapped, isPending: false, conflict: true }
}

export interface StageOutcome {
  /** What the record says of its stage afterwards */
  fields: StageDocument
  /** By property, HubSpot's text to write */
  writes: Record<string, string>
  conflict: boolean
  /** Changed here, and the mapping names no stage of HubSpot's for it */
  isStuck: boolean
}

/**
 * A record's stage after HubSpot's side arrived.
 * @param remote HubSpot's `pipeline` and `dealstage`; where absent, what was known before counts
 */
export function mergeStageOf(
  record: StageDocument,
  remote: Record<string, string | null>,
  stages: StageRules,
): StageOutcome {
  const pipelineId = remote.pipeline ?? record.hubspot_pipeline_id
  const stageId = remote.dealstage ?? record.hubspot_stage_id
  const { stage, base, isPending, conflict } = mergeStage(
    record,
    stages.toOurs(pipelineId, stageId),
  )
  const isToWrite = isPending && stage !== null
  const target = isToWrite ? stages.toHubspot(stage, pipelineId) : null
  const writes: Record<string, string> = {}
  if (target && target.stageId !== stageId) writes.dealstage = target.stageId
  if (target && target.pipelineId !== pipelineId) writes.pipeline = target.pipelineId
  return {
    fields: {
      stage,
      stage_base: base,
      hubspot_pipeline_id: pipelineId,
      hubspot_stage_id: stageId,
    },
    writes,
    conflict,
    isStuck: isToWrite && !target && stages.isMapped,
  }
}
