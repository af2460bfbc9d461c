import type { ObjectId } from 'mongodb'
import type {
  FieldMapping,
  FieldMappingEntry,
  Owner,
  Property,
  StageMapping,
  StageMappingEntry,
} from '#shared/contracts/mapping'
import { ownerScope } from '#shared/hubspot/scopes'
import type { Actor, AuditLog } from '../database/audit'
import type { Collections } from '../database/collections'
import type { KindName } from '../database/documents'
import { ValidationFailed } from '../errors'
import { allKinds, kinds } from '../records/kinds'
import type { ObjectType } from '../hubspot/crm-types'
import { createChoices } from './choices'
import { fieldMappingIssues } from './field-checks'
import { createOutboxRepository } from '../records/repository/outbox'
import { createFieldDrift } from './field-drift'
import { createFieldMapping } from './fields'
import { createOwnFields } from './own-fields'
import { createLabels } from './labels'
import { accountZone, connectedPortal, grantedScopes } from './portal'
import { createSchema, ownerName, type SchemaDeps } from './schema'
import { createRehearsedMapping, storedEntries } from './mapping-as-stored'
import { createSamples } from './samples'
import { createScope } from './scope'
import { createStageMapping } from './stages'
import { createVersions } from './versions'

export interface MappingDeps extends SchemaDeps {
  collections: Collections
  audit: AuditLog
  /**
   * Told after a mapping changed. `reread`: values have to be read again from HubSpot, also of
   * records that did not change there
   */
  onChange: (partnerId: ObjectId, change: { reread: boolean }) => Promise<void>
}

/** Which property of HubSpot's is which field here, and which stage is which. */
export function createMapping({
  collections,
  clock,
  audit,
  storage,
  crmFor,
  onChange,
}: MappingDeps) {
  const schema = createSchema({ storage, clock, crmFor })
  const fields = createFieldMapping({ collections })
  const lookAtFields = createFieldDrift({
    repository: fields.repository,
    schema,
    clock,
    storedFields: fields.stored,
  })
  const labels = createLabels({ collections, schema, fields })
  const versions = createVersions({ collections, clock })
  const own = createOwnFields({ collections, clock, audit, schema, fields, versions, onChange })
  const scope = createScope({ collections, clock, audit, schema, crmFor, onChange })
  const samplesOf = createSamples({ collections, schema, crmFor })
  const stages = createStageMapping({
    collections,
    clock,
    schema,
    fieldsFor: fields.fieldsFor,
  })

  /**
   * Pauses the fields whose property cannot be used now. Records that HubSpot refused for such a
   * property are tried again, and read again once it is back.
   * @param isFresh asks HubSpot even if its answer is a minute old at most
   * @throws as HubSpot cannot be asked
   */
  async function checkFields(partnerId: ObjectId, isFresh = false): Promise<void> {
    const portalId = await connectedPortal(collections, partnerId)
    const isChanged = await lookAtFields(partnerId, portalId, isFresh)
    await own.followOptions(partnerId, portalId)
    if (!isChanged) return
    for (const kind of allKinds)
      await createOutboxRepository({ collections, clock }, kind).retryFailed(partnerId, null)
    await onChange(partnerId, { reread: true })
  }

  return {
    fieldsFor: fields.fieldsFor,
    /** The HubSpot properties that a read of this object must ask for. */
    async propertiesToRead(partnerId: ObjectId, type: ObjectType): Promise<string[]> {
      const [mapped, scoped] = await Promise.all([
        fields.propertiesToRead(partnerId, type),
        scope.propertiesToRead(partnerId, type),
      ])
      return [...new Set([...mapped, ...scoped])]
    },
    /** Which records are synced. */
    scope,
    scopeFor: scope.scopeFor,
    /** The account's time zone, by its IANA name */
    zoneFor: (partnerId: ObjectId): Promise<string> => accountZone(collections, partnerId),
    /** The fields that admins of this partner added, by kind of record. */
    ownFieldsOf: own.byKind,
    ownFields: own,
    isBuiltIn: (object: KindName, field: string) => kinds[object].fields.includes(field),
    /** Mappings as they were stored, newest first. */
    versions,
    /** The rules of a mapping that is only tried out. */
    rehearsed: createRehearsedMapping({ schema, fields, own }),
    /**
     * The stage mapping as the merge asks it. Nothing is mapped until an admin accepts a mapping.
     */
    stagesFor: stages.stagesFor,
    choicesOf: createChoices({ collections, schema, fields }),
    firstStage: stages.firstStage,
    /**
     * To be called at the start of a run: pauses the mapping of stages and fields that changed in
     * HubSpot.
     * @throws as HubSpot cannot be asked
     */
    async checkDrift(partnerId: ObjectId): Promise<void> {
      await stages.checkDrift(partnerId)
      await checkFields(partnerId, true)
    },
    checkFields,
    pipelines: stages.pipelines,
    stageMapping: stages.view,
    labels,

    /** @throws {ValidationFailed} see `createStageMapping` */
    async putStageMapping(
      partnerId: ObjectId,
      mapping: StageMappingEntry[],
      actor: Actor,
    ): Promise<StageMapping> {
      const { mapping: before, drift } = await stages.view(partnerId)
      const view = await stages.put(partnerId, mapping)
      const names = new Map([
        ...drift.map(one => [`${one.pipelineId}:${one.stageId}`, one.label] as const),
        ...view.pipelines.flatMap(({ id, stages: all }) =>
          all.map(stage => [`${id}:${stage.id}`, stage.label] as const),
        ),
      ])
      await versions.keep(
        partnerId,
        { kind: 'stages', entries: view.mapping, names },
        before,
        actor,
      )
      await audit.record({
        partnerId,
        actor,
        action: 'stage_mapping_changed',
        details: { entries: mapping.length },
      })
      await onChange(partnerId, { reread: false })
      return view
    },

    async properties(partnerId: ObjectId, type: ObjectType): Promise<Property[]> {
      const portalId = await connectedPortal(collections, partnerId)
      const known = await schema.properties(partnerId, portalId, type)
      return known
        .filter(property => !property.hidden)
        .map(({ name, label, type: valueType, fieldType, writable, options }) => ({
          name,
          label,
          type: valueType,
          fieldType,
          writable,
          options: options
            .filter(option => !option.hidden)
            .map(option => ({ label: option.label, value: option.value })),
        }))
    },

    /** A few recent values of these properties. @throws {NotConnected} */
    async samples(
      partnerId: ObjectId,
      type: ObjectType,
      properties: readonly string[],
    ): Promise<Record<string, string[]>> {
      return await samplesOf(
        partnerId,
        await connectedPortal(collections, partnerId),
        type,
        properties,
      )
    },

    /** HubSpot's owners by name; none where the account did not grant the optional scope. */
    async owners(partnerId: ObjectId): Promise<Owner[]> {
      const portalId = await connectedPortal(collections, partnerId)
      if (!(await grantedScopes(collections, partnerId)).includes(ownerScope)) return []
      const owners = await schema.owners(partnerId, portalId)
      return owners.map(owner => ({ id: owner.id, name: ownerName(owner) }))
    },

    /** The partner's field mapping, or the default until one is stored. */
    async fieldMapping(partnerId: ObjectId): Promise<FieldMapping> {
      return { fields: await fields.view(partnerId) }
    },

    /** @throws {ValidationFailed} see `fieldMappingIssues` */
    async putFieldMapping(
      partnerId: ObjectId,
      entries: FieldMappingEntry[],
      actor: Actor,
    ): Promise<FieldMapping> {
      const portalId = await connectedPortal(collections, partnerId)
      const [lead, deal] = await Promise.all([
        schema.properties(partnerId, portalId, 'contacts', true),
        schema.properties(partnerId, portalId, 'deals', true),
      ])
      const properties = { lead, deal }
      const added = await own.byKind(partnerId)
      const all = [...added.lead, ...added.deal]
      const before = await fields.stored(partnerId)
      const issues = fieldMappingIssues(entries, properties, all, before)
      if (issues.length > 0) throw new ValidationFailed(issues)
      const stored = storedEntries(entries, properties, added, before)
      const viewBefore = await fields.view(partnerId)
      await fields.change(partnerId, () => stored, clock())
      const names = new Map(
        all.map(field => [`${field.object}:${field.key}`, field.label] as const),
      )
      await versions.keep(partnerId, { kind: 'fields', entries, names }, viewBefore, actor)
      await lookAtFields(partnerId, portalId, false)
      await audit.record({
        partnerId,
        actor,
        action: 'field_mapping_changed',
        details: { entries: entries.length },
      })
      await onChange(partnerId, { reread: true })
      return { fields: await fields.view(partnerId) }
    },
  }
}

export type Mapping = ReturnType<typeof createMapping>
