import type { Pipeline, StageDrift, StageMappingEntry } from '#shared/contracts/mapping'

export type PipelineEntries = ReadonlyMap<string, readonly StageMappingEntry[]>

const isSame = (one: readonly StageMappingEntry[], other: readonly StageMappingEntry[]) =>
  one.length === other.length && one.every((entry, index) => entry === other[index])

/**
 * A mapping by pipeline. @param before what it was: a pipeline in which nothing changed keeps its
 * very array, so that nothing of it is rendered again
 */
export function entriesByPipeline(
  mapping: readonly StageMappingEntry[],
  before: PipelineEntries = new Map(),
): PipelineEntries {
  const now = new Map<string, StageMappingEntry[]>()
  for (const entry of mapping) {
    const entries = now.get(entry.pipelineId)
    if (entries) entries.push(entry)
    else now.set(entry.pipelineId, [entry])
  }
  return new Map(
    [...now].map(([pipelineId, entries]) => {
      const known = before.get(pipelineId)
      return [pipelineId, known && isSame(known, entries) ? known : entries] as const
    }),
  )
}

export interface PipelineSummary {
  /** Stages without a mapping that counts: new, deleted or changed ones too */
  unmapped: number
  deals: number
}

/** What stands in the heading of each pipeline. */
export function summariesOf(
  pipelines: readonly Pipeline[],
  mapping: PipelineEntries,
  drift: readonly StageDrift[],
): ReadonlyMap<string, PipelineSummary> {
  const drifted = new Set(drift.map(one => one.pipelineId))
  return new Map(
    pipelines.map(({ id, stages }) => {
      const mapped = new Set((mapping.get(id) ?? []).map(entry => entry.stageId))
      const open = stages.filter(stage => !mapped.has(stage.id)).length
      return [
        id,
        {
          unmapped: open === 0 && drifted.has(id) ? 1 : open,
          deals: stages.reduce((sum, stage) => sum + stage.dealCount, 0),
        },
      ] as const
    }),
  )
}

/** Pipelines whose name, or one of whose stages' names, has all words of a query. */
export function findPipelines(pipelines: readonly Pipeline[], query: string): Pipeline[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  return pipelines.filter(({ label, stages }) => {
    const text = [label, ...stages.map(stage => stage.label)].join(' ').toLowerCase()
    return words.every(word => text.includes(word))
  })
}
