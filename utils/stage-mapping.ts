import type { Pipeline, StageMappingEntry } from '#shared/contracts/mapping'
import type { DealStage } from '#shared/leads/stages'

type Place = Pick<StageMappingEntry, 'pipelineId' | 'stageId'>

export const stageKey = (place: Place) => `${place.pipelineId}\u0000${place.stageId}`
const same = (a: Place, b: Place) => a.pipelineId === b.pipelineId && a.stageId === b.stageId

/**
 * Maps one HubSpot stage to one of ours, or to none. The first stage that maps to one of ours in a
 * pipeline is where it is written back to, until another is chosen; when that one leaves, the next
 * takes its place.
 */
export function mapStage(
  mapping: readonly StageMappingEntry[],
  place: Place,
  stage: DealStage | null,
): StageMappingEntry[] {
  const before = mapping.find(entry => same(entry, place))
  const rest = mapping.filter(entry => !same(entry, place))
  if (before?.writeBack && before.stage !== stage) {
    const heir = rest.find(
      entry => entry.pipelineId === place.pipelineId && entry.stage === before.stage,
    )
    if (heir) rest.splice(rest.indexOf(heir), 1, { ...heir, writeBack: true })
  }
  if (stage === null) return rest
  const taken = rest.some(
    entry => entry.pipelineId === place.pipelineId && entry.stage === stage && entry.writeBack,
  )
  return [
    ...rest,
    {
      pipelineId: place.pipelineId,
      stageId: place.stageId,
      stage,
      writeBack: before?.stage === stage ? before.writeBack : !taken,
    },
  ]
}

/**
 * Chooses (or no longer chooses) a stage as the one that its own of ours is written back to: one
 * for each of ours in a pipeline.
 */
export function chooseWriteBack(
  mapping: readonly StageMappingEntry[],
  place: Place,
  chosen: boolean,
): StageMappingEntry[] {
  const target = mapping.find(entry => same(entry, place))
  if (!target) return [...mapping]
  return mapping.map(entry => {
    if (same(entry, place)) return { ...entry, writeBack: chosen }
    return chosen && entry.pipelineId === target.pipelineId && entry.stage === target.stage
      ? { ...entry, writeBack: false }
      : entry
  })
}

/**
 * Takes over the suggestions for stages that are not mapped yet; where a write-back stage is chosen
 * already, it stays.
 */
export function acceptSuggestions(
  mapping: readonly StageMappingEntry[],
  suggestions: readonly StageMappingEntry[],
): StageMappingEntry[] {
  const open = suggestions.filter(suggestion => !mapping.some(entry => same(entry, suggestion)))
  // Those that are meant to be written back to come first: the first one of each of ours gets that
  // role.
  const ordered = [...open].sort((a, b) => Number(b.writeBack) - Number(a.writeBack))
  return ordered.reduce<StageMappingEntry[]>(
    (so, suggestion) =>
      mapStage(
        so,
        { pipelineId: suggestion.pipelineId, stageId: suggestion.stageId },
        suggestion.stage,
      ),
    [...mapping],
  )
}

/** @returns deals whose HubSpot stage would be mapped to nothing */
export function unmappedDeals(
  pipelines: readonly Pipeline[],
  mapping: readonly StageMappingEntry[],
): number {
  const mapped = new Set(mapping.map(stageKey))
  return pipelines
    .flatMap(pipeline =>
      pipeline.stages.filter(
        stage => !mapped.has(stageKey({ pipelineId: pipeline.id, stageId: stage.id })),
      ),
    )
    .reduce((sum, stage) => sum + stage.dealCount, 0)
}

/** @returns in how many stages two mappings differ */
export function countStageChanges(
  saved: readonly StageMappingEntry[],
  current: readonly StageMappingEntry[],
): number {
  const say = (entry: StageMappingEntry | undefined) =>
    entry ? `${entry.stage}/${entry.writeBack}` : ''
  const before = new Map(saved.map(entry => [stageKey(entry), entry]))
  const after = new Map(current.map(entry => [stageKey(entry), entry]))
  return [...new Set([...before.keys(), ...after.keys()])].filter(
    key => say(before.get(key)) !== say(after.get(key)),
  ).length
}
