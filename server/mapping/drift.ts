import type { StageMappingDocument } from '../database/documents'
import type { HubspotPipeline } from '../hubspot/crm-types'

type Drift = StageMappingDocument['drift'][number]
type Known = StageMappingDocument['known_stages']

/**
 * What changed in HubSpot's stages since the mapping was accepted. Pure.
 * @param archived keys (`pipeline:stage`) that HubSpot still lists as archived
 * @param before drift found earlier: keeps the instant at which it was first seen
 */
export function findDrift(
  known: Known,
  pipelines: readonly HubspotPipeline[],
  archived: ReadonlySet<string>,
  before: readonly Drift[],
  now: Date,
): Drift[] {
  const present = new Map(knownStages(pipelines).map(stage => [keyOf(stage), stage]))
  const found: Omit<Drift, 'since'>[] = []
  for (const stage of known) {
    const { pipeline_id, stage_id } = stage
    const today = present.get(keyOf(stage))
    if (!today)
      found.push({
        pipeline_id,
        stage_id,
        kind: archived.has(keyOf(stage)) ? 'archived' : 'deleted',
      })
    else if (today.label !== stage.label) found.push({ pipeline_id, stage_id, kind: 'renamed' })
  }
  const knownKeys = new Set(known.map(keyOf))
  for (const [key, { pipeline_id, stage_id }] of present)
    if (!knownKeys.has(key)) found.push({ pipeline_id, stage_id, kind: 'new' })
  return found.map(drift => ({
    ...drift,
    since: before.find(one => keyOf(one) === keyOf(drift) && one.kind === drift.kind)?.since ?? now,
  }))
}

/**
 * The mapping with just those entries paused whose stage is no longer what was accepted; one that
 * is back to what it was goes on.
 */
export function pauseDrifted(
  mapping: StageMappingDocument['mapping'],
  drift: readonly Drift[],
): StageMappingDocument['mapping'] {
  const drifted = new Set(drift.filter(one => one.kind !== 'new').map(keyOf))
  return mapping.map(entry => ({ ...entry, paused: drifted.has(keyOf(entry)) }))
}

export function knownStages(pipelines: readonly HubspotPipeline[]): Known {
  return pipelines.flatMap(pipeline =>
    pipeline.stages.map(stage => ({
      pipeline_id: pipeline.id,
      stage_id: stage.id,
      label: stage.label,
    })),
  )
}

function keyOf({ pipeline_id, stage_id }: { pipeline_id: string; stage_id: string }): string {
  return `${pipeline_id}:${stage_id}`
}
