import type { ObjectId } from 'mongodb'
import type { FieldMappingEntry, StageMappingEntry } from '#shared/contracts/mapping'
import { ValidationFailed } from '../errors'
import type { HubspotProperty } from '../hubspot/crm-types'
import type { FieldRules } from '../records/merge-field'
import { createStageRules, type StageRules } from '../records/merge-stage'
import { fieldMappingIssues } from './field-checks'
import type { FieldMapping } from './fields'
import type { OwnFields } from './own-fields'
import type { StoredField } from './repository'
import type { Schema } from './schema'

export interface RehearsedDeps {
  schema: Pick<Schema, 'knownProperties'>
  fields: Pick<FieldMapping, 'stored' | 'rulesOf'>
  own: Pick<OwnFields, 'byKind'>
}

type Properties = Record<'lead' | 'deal', readonly HubspotProperty[]>

/** @returns the mapping as it is stored: with HubSpot's types, and what own fields hold */
export function storedEntries(
  entries: readonly FieldMappingEntry[],
  properties: Properties,
  own: Awaited<ReturnType<OwnFields['byKind']>>,
  before: readonly StoredField[],
): StoredField[] {
  return entries.map(({ object, field, property, direction, policy }) => {
    const added = own[object].find(one => one.key === field)
    const known = before.find(one => one.object === object && one.property === property)
    return {
      object,
      field,
      property,
      direction,
      policy,
      type: properties[object].find(one => one.name === property)?.type ?? known?.type ?? 'string',
      ...(added ? { own: added.type } : {}),
    }
  })
}

/** The rules of a mapping that is only tried out. HubSpot is not asked. */
export function createRehearsedMapping({ schema, fields, own }: RehearsedDeps) {
  return {
    /** @throws {ValidationFailed} such a mapping could not be stored */
    async rules(
      { partnerId, portalId }: { partnerId: ObjectId; portalId: string },
      entries: readonly FieldMappingEntry[],
    ): Promise<FieldRules> {
      const [lead, deal, added, before] = await Promise.all([
        schema.knownProperties(partnerId, portalId, 'contacts'),
        schema.knownProperties(partnerId, portalId, 'deals'),
        own.byKind(partnerId),
        fields.stored(partnerId),
      ])
      const properties = { lead: lead ?? [], deal: deal ?? [] }
      const issues =
        lead && deal
          ? fieldMappingIssues(entries, properties, [...added.lead, ...added.deal], before)
          : []
      if (issues.length > 0) throw new ValidationFailed(issues)
      return await fields.rulesOf(partnerId, storedEntries(entries, properties, added, before))
    },

    stages: (entries: readonly StageMappingEntry[]): StageRules =>
      createStageRules(
        entries.map(({ pipelineId, stageId, stage, writeBack }) => ({
          pipeline_id: pipelineId,
          stage_id: stageId,
          stage,
          write_back: writeBack,
          label: null,
          paused: false,
        })),
      ),
  }
}
