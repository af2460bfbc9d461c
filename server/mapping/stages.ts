import { ObjectId } from 'mongodb'
import type { Pipeline, StageMapping, StageMappingEntry } from '#shared/contracts/mapping'
import type { Clock } from '../config/clock'
import type { Collections } from '../database/collections'
import type { StageMappingDocument } from '../database/documents'
import { ValidationFailed } from '../errors'
import type { HubspotPipeline } from '../hubspot/crm-types'
import { findDrift, knownStages, pauseDrifted } from './stage-drift'
import { createDriftNotices, driftLabel } from './stage-drift-notices'
import { connectedPortal } from './portal'
import type { FieldRules } from '../records/merge-field'
import { createStageMappingRepository } from './repository'
import type { Schema } from './schema'
import { createStageRules, type HubspotStage, type StageRules } from '../records/merge-stage'
import { createStageRecount } from './stage-recount'
import { suggestStages } from './suggestions'

export interface StageMappingDeps {
  collections: Collections
  clock: Clock
  schema: Schema
  fieldsFor(partnerId: ObjectId): Promise<FieldRules>
}

/**
 * HubSpot's (pipeline, stage) ↔ our deal stages. Nothing is mapped until an admin accepts a
 * mapping; suggestions are only offered.
 */
export function createStageMapping({ collections, clock, schema, fieldsFor }: StageMappingDeps) {
  const repository = createStageMappingRepository(collections, clock)
  const recount = createStageRecount({ collections, clock, fieldsFor })
  const notices = createDriftNotices(repository)

  async function stagesFor(partnerId: ObjectId, portalId: string): Promise<StageRules> {
    return createStageRules((await repository.find(partnerId, portalId))?.mapping ?? [])
  }

  /**
   * Compares HubSpot's stages with those that the mapping was accepted for, and stores what is
   * found.
   */
  async function detect(
    partnerId: ObjectId,
    portalId: string,
    pipelines: HubspotPipeline[],
  ): Promise<StageMappingDocument | null> {
    const stored = await repository.find(partnerId, portalId)
    if (!stored) return null
    const archived = await schema.archivedStages(partnerId, portalId)
    const drift = findDrift(stored, pipelines, archived, clock())
    const mapping = pauseDrifted(stored.mapping, drift)
    if (JSON.stringify([drift, mapping]) === JSON.stringify([stored.drift, stored.mapping]))
      return stored
    // An admin who stores a mapping at this moment wins.
    if (!(await repository.storeDrift(stored, { drift, mapping })))
      return await repository.find(partnerId, portalId)
    await notices.update(partnerId, drift, stored.known_stages, pipelines)
    return { ...stored, drift, mapping }
  }

  async function view(partnerId: ObjectId): Promise<StageMapping> {
    const portalId = await connectedPortal(collections, partnerId)
    const pipelines = await schema.pipelines(partnerId, portalId)
    const [stored, counts] = await Promise.all([
      detect(partnerId, portalId, pipelines),
      recount.dealCounts(partnerId, portalId),
    ])
    const mapping = (stored?.mapping ?? []).map(presentEntry)
    const key = (pipelineId: string | null, stageId: string | null) =>
      JSON.stringify([pipelineId, stageId])
    // A stage that HubSpot deleted has no mapping that could still mean anything.
    const there = new Set(knownStages(pipelines).map(one => key(one.pipeline_id, one.stage_id)))
    const mapped = new Set(
      mapping.map(entry => key(entry.pipelineId, entry.stageId)).filter(stage => there.has(stage)),
    )
    return {
      pipelines: pipelines.map(pipeline => presentPipeline(pipeline, counts)),
      mapping,
      suggestions: suggestStages(pipelines, mapping),
      unmapped: counts
        .filter(({ pipelineId, stageId }) => !mapped.has(key(pipelineId, stageId)))
        .reduce((sum, { count }) => sum + count, 0),
      drift: (stored?.drift ?? []).map(drift => ({
        pipelineId: drift.pipeline_id,
        stageId: drift.stage_id,
        label: driftLabel(drift, stored?.known_stages ?? [], pipelines),
        kind: drift.kind,
        since: drift.since.toISOString(),
      })),
    }
  }

  return {
    stagesFor,
    view,

    /** HubSpot's pipelines with the number of our deals in each stage. */
    async pipelines(partnerId: ObjectId): Promise<Pipeline[]> {
      const portalId = await connectedPortal(collections, partnerId)
      const [pipelines, counts] = await Promise.all([
        schema.pipelines(partnerId, portalId),
        recount.dealCounts(partnerId, portalId),
      ])
      return pipelines.map(pipeline => presentPipeline(pipeline, counts))
    },

    /**
     * Stores a whole mapping and lets every deal it touches follow. What is stored is accepted: it
     * ends all drift found before.
     * @throws {ValidationFailed} unknown pipeline or stage, one named twice, a stage to write
     *   back to that no app may write, or two for one of ours in one pipeline
     */
    async put(partnerId: ObjectId, entries: StageMappingEntry[]): Promise<StageMapping> {
      const portalId = await connectedPortal(collections, partnerId)
      const pipelines = await schema.pipelines(partnerId, portalId, true)
      const issues = mappingIssues(entries, pipelines)
      if (issues.length > 0) throw new ValidationFailed(issues)
      const known = knownStages(pipelines)
      const mapping = known.flatMap(({ pipeline_id, stage_id, label }) => {
        const entry = entries.find(
          one => one.pipelineId === pipeline_id && one.stageId === stage_id,
        )
        return entry
          ? [
              {
                pipeline_id,
                stage_id,
                stage: entry.stage,
                write_back: entry.writeBack,
                label,
                paused: false,
              },
            ]
          : []
      })
      await repository.store(partnerId, portalId, { mapping, known_stages: known })
      await notices.resolveAll(partnerId)
      await recount.applyMapping(partnerId, portalId, createStageRules(mapping))
      return await view(partnerId)
    },

    /**
     * Looks at HubSpot's stages now and pauses what changed. Does nothing where no mapping is
     * stored.
     */
    async checkDrift(partnerId: ObjectId): Promise<void> {
      const portalId = await connectedPortal(collections, partnerId)
      if (!(await repository.isStored(partnerId, portalId))) return
      await detect(partnerId, portalId, await schema.pipelines(partnerId, portalId, true))
    },

    /**
     * Where a new deal goes for which nobody chose a stage: the first open stage of the first
     * pipeline, as in HubSpot's own form.
     */
    async firstStage(partnerId: ObjectId): Promise<HubspotStage | null> {
      const portalId = await connectedPortal(collections, partnerId)
      const [pipeline] = await schema.pipelines(partnerId, portalId)
      const open = pipeline?.stages.filter(one => !one.isReadOnly) ?? []
      const stage = open.find(one => !one.isClosed) ?? open[0] ?? pipeline?.stages[0]
      return pipeline && stage ? { pipelineId: pipeline.id, stageId: stage.id } : null
    },
  }
}

function presentEntry(entry: StageMappingDocument['mapping'][number]): StageMappingEntry {
  return {
    pipelineId: entry.pipeline_id,
    stageId: entry.stage_id,
    stage: entry.stage,
    writeBack: entry.write_back && !entry.read_only,
  }
}

function presentPipeline(
  { id, label, stages }: HubspotPipeline,
  counts: { pipelineId: string | null; stageId: string | null; count: number }[],
): Pipeline {
  return {
    id,
    label,
    stages: stages.map(stage => ({
      id: stage.id,
      label: stage.label,
      probability: stage.probability,
      isClosed: stage.isClosed,
      isWon: stage.isWon,
      writable: !stage.isReadOnly,
      dealCount: counts.find(one => one.pipelineId === id && one.stageId === stage.id)?.count ?? 0,
    })),
  }
}

function mappingIssues(
  entries: readonly StageMappingEntry[],
  pipelines: readonly HubspotPipeline[],
): { path: string; message: string }[] {
  return entries.flatMap((entry, index) => {
    const path = `mapping.${index}`
    const pipeline = pipelines.find(one => one.id === entry.pipelineId)
    if (!pipeline)
      return [{ path: `${path}.pipelineId`, message: 'is no pipeline of this HubSpot account' }]
    const stage = pipeline.stages.find(one => one.id === entry.stageId)
    if (!stage) return [{ path: `${path}.stageId`, message: 'is no stage of this pipeline' }]
    if (entry.writeBack && stage.isReadOnly)
      return [
        { path: `${path}.writeBack`, message: 'HubSpot lets no app move deals to this stage' },
      ]
    const earlier = entries.slice(0, index).filter(other => other.pipelineId === entry.pipelineId)
    if (earlier.some(other => other.stageId === entry.stageId))
      return [{ path: `${path}.stageId`, message: 'is mapped twice' }]
    if (entry.writeBack && earlier.some(other => other.writeBack && other.stage === entry.stage))
      return [
        {
          path: `${path}.writeBack`,
          message: 'this stage of ours already has a stage to write back to in this pipeline',
        },
      ]
    return []
  })
}
