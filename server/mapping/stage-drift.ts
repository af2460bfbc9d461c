import type { StageMappingDocument } from '../database/documents'
import type { HubspotPipeline } from '../hubspot/crm-types'

type Drift = StageMappingDocument['drift'][number]
type Known = StageMappingDocument['known_stages']
type Stored = Pick<StageMappingDocument, 'known_stages' | 'mapping' | 'drift'>

/**
 * What changed in HubSpot's stages since the mapping was accepted. Pure.
 * @param archived keys (`pipeline:stage`) that HubSpot still lists as archived
 * @param stored the mapping, and drift found earlier: that keeps the instant at which it was seen
 */
export function findDrift(
  { known_stages: known, mapping, drift: before }: Stored,
  pipelines: readonly HubspotPipeline[],
  archived: ReadonlySet<string>,
  now: Date,
): Drift[] {
  const readOnly = readOnlyStages(pipelines)
  const writtenTo = new Set(mapping.filter(entry => entry.write_back).map(keyOf))
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
    if (readOnly.has(keyOf(stage)) && writtenTo.has(keyOf(stage)))
      found.push({ pipeline_id, stage_id, kind: 'read_only' })
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
 * is back to what it was goes on. A stage that no app may write to any more is still read.
 */
export function pauseDrifted(
  mapping: StageMappingDocument['mapping'],
  drift: readonly Drift[],
): StageMappingDocument['mapping'] {
  const of = (...kinds: Drift['kind'][]) =>
    new Set(drift.filter(one => kinds.includes(one.kind)).map(keyOf))
  const drifted = of('renamed', 'archived', 'deleted')
  const readOnly = of('read_only')
  return mapping.map(({ read_only: _, ...entry }) => ({
    ...entry,
    paused: drifted.has(keyOf(entry)),
    ...(readOnly.has(keyOf(entry)) ? { read_only: true } : {}),
  }))
}

/** Keys of the stages that no app may move deals to. */
function readOnlyStages(pipelines: readonly HubspotPipeline[]): Set<string> {
  return new Set(
    pipelines.flatMap(({ id: pipeline_id, stages }) =>
      stages
        .filter(stage => stage.isReadOnly)
        .map(({ id: stage_id }) => keyOf({ pipeline_id, stage_id })),
    ),
  )
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
