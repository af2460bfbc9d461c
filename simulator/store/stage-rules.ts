import { objectTypes, type ObjectType } from '../data/object-types'
import type { Pipeline } from '../data/pipelines'
import type { ErrorDetail } from '../http'
import type { Portal } from './portal'
import type { RecordView } from './record'

/**
 * A record's stage must be one of its pipeline, without a pipeline of the default one; and the
 * record may move there (docs/hubspot-platform.md#schema).
 * @param values of the write; the pipeline is added where it was not named
 */
export function stageProblems(
  portal: Portal,
  type: ObjectType,
  values: Record<string, string | null>,
  current: RecordView | null,
  problems: readonly ErrorDetail[],
): ErrorDetail[] {
  const names = objectTypes[type].pipeline
  if (!names || (values[names.stage] === undefined && values[names.property] === undefined))
    return []
  if (problems.some(({ context }) => context?.propertyName?.includes(names.property))) return []
  const usual = portal.pipelines[type].find(({ archived }) => !archived)?.id ?? null
  const pipeline = values[names.property] ?? current?.value(names.property) ?? usual
  const given = values[names.stage]
  const stage = given === undefined ? (current?.value(names.stage) ?? null) : given
  if (stage === null) return []
  const refused = (code: string, message: string): ErrorDetail[] => [
    { message, code, context: { propertyName: [names.stage] } },
  ]
  const found = portal.stage(type, pipeline, stage)
  if (!found)
    return refused('INVALID_OPTION', `${stage} is not a valid stage of pipeline ${pipeline}`)
  values[names.property] ??= pipeline
  if (current?.value(names.stage) === stage) return []
  if (found.writePermissions !== 'CRM_PERMISSIONS_ENFORCEMENT')
    return refused('READ_ONLY_VALUE', `${stage} cannot be set by an app`)
  const definition = portal.pipelines[type].find(({ id }) => id === pipeline)
  const isSamePipeline = current?.value(names.property) === pipeline
  const from = isSamePipeline ? (current?.value(names.stage) ?? null) : null
  const broken = definition && brokenRule(definition, current === null, from, stage)
  return broken ? refused('PIPELINE_RULE_VIOLATION', broken) : []
}

/** What HubSpot's `governanceValidationRules` of a pipeline say against a move; its words are unknown. */
function brokenRule(
  { stages, rules = {} }: Pipeline,
  isNew: boolean,
  from: string | null,
  to: string,
): string | null {
  const placeOf = (id: string | null) => stages.findIndex(stage => stage.id === id)
  if (isNew) {
    const { pipelineStageIds } = rules.objectCreationRule ?? {}
    return pipelineStageIds && !pipelineStageIds.includes(to)
      ? `Records cannot be created in stage ${to} of this pipeline`
      : null
  }
  const [before, after] = [placeOf(from), placeOf(to)]
  if (before < 0) return null
  if (after < before && holds(rules.noBackwardsMovementRule, to))
    return `Records of this pipeline cannot be moved back to stage ${to}`
  const skipped = stages
    .slice(before + 1, after)
    .find(({ id }) => holds(rules.noSkippingStagesRule, id))
  return skipped ? `Records of this pipeline cannot skip stage ${skipped.id}` : null
}

const holds = (
  rule: { enabledForAllStages: boolean; pipelineStageIds: string[] } | undefined,
  stage: string,
) => rule !== undefined && (rule.enabledForAllStages || rule.pipelineStageIds.includes(stage))
