import type { ObjectId } from 'mongodb'
import type { FieldMappingEntry, StageMappingEntry } from '#shared/contracts/mapping'
import type { MappingRestored } from '#shared/contracts/mapping-versions'
import type { Actor } from '../database/audit'
import type { Mapping } from './index'

/**
 * Stores an earlier version again, as a new one. What is gone since is left out and named.
 * @throws {NotFound} no such version
 * @throws {ValidationFailed} it does not fit HubSpot's properties as they are now
 */
export async function restoreVersion(
  mapping: Mapping,
  partnerId: ObjectId,
  id: string,
  actor: Actor,
): Promise<MappingRestored> {
  const { stored, version } = await mapping.versions.find(partnerId, id)
  if (stored.kind === 'fields') {
    const entries = stored.entries as FieldMappingEntry[]
    const own = await mapping.ownFieldsOf(partnerId)
    const [leads, deals] = await Promise.all([
      mapping.properties(partnerId, 'contacts'),
      mapping.properties(partnerId, 'deals'),
    ])
    const isThere = ({ object, field, property }: FieldMappingEntry) =>
      (object === 'lead' ? leads : deals).some(one => one.name === property) &&
      (mapping.isBuiltIn(object, field) || own[object].some(one => one.key === field))
    const kept = entries.filter(isThere)
    return {
      version,
      fieldMapping: await mapping.putFieldMapping(partnerId, kept, actor),
      stageMapping: null,
      leftOut: entries.filter(entry => !kept.includes(entry)).map(entry => entry.field),
    }
  }
  const entries = stored.entries as StageMappingEntry[]
  const pipelines = await mapping.pipelines(partnerId)
  const isThere = ({ pipelineId, stageId }: StageMappingEntry) =>
    pipelines.some(one => one.id === pipelineId && one.stages.some(stage => stage.id === stageId))
  const kept = entries.filter(isThere)
  return {
    version,
    fieldMapping: null,
    stageMapping: await mapping.putStageMapping(partnerId, kept, actor),
    leftOut: entries.filter(entry => !kept.includes(entry)).map(entry => entry.stageId),
  }
}
