import { ObjectId } from 'mongodb'
import type { Field, FieldCreate, FieldList, FieldLoss, FieldPatch } from '#shared/contracts/fields'
import type { Clock } from '../config/clock'
import type { Actor, AuditLog } from '../database/audit'
import type { Collections } from '../database/collections'
import type { KindName, OwnFieldDocument } from '../database/documents'
import { DomainError, NotFound, ValidationFailed } from '../errors'
import type { HubspotProperty } from '../hubspot/crm-types'
import { kinds } from '../records/kinds'
import type { FieldMapping } from './fields'
import { createFollowOptions } from './own-field-options'
import { directionOf, keysFor, mappedEntry, optionsOf, typeOf } from './own-field-rules'
import { entryOf, presentField, presentFields, presentLoss } from './own-field-presenter'
import { createOwnFieldsRepository, maxFields } from './own-fields-repository'
import { connectedPortal } from './portal'
import type { Schema } from './schema'
import type { Versions } from './versions'

export interface OwnFieldsDeps {
  collections: Collections
  clock: Clock
  audit: AuditLog
  schema: Schema
  fields: FieldMapping
  versions: Pick<Versions, 'keep'>
  onChange: (partnerId: ObjectId, change: { reread: boolean }) => Promise<void>
}

/** So long a deleted field can be taken back. */
const restorableMs = 30 * 24 * 60 * 60 * 1000

/** Fields that admins add to leads and deals. */
export function createOwnFields({
  collections,
  clock,
  audit,
  schema,
  fields: mapping,
  versions,
  onChange,
}: OwnFieldsDeps) {
  const repository = createOwnFieldsRepository(collections)

  async function byKind(partnerId: ObjectId): Promise<Record<KindName, OwnFieldDocument[]>> {
    const live = (await repository.all(partnerId)).filter(field => field.deleted_at === null)
    return {
      lead: live.filter(field => field.object === 'lead'),
      deal: live.filter(field => field.object === 'deal'),
    }
  }

  /** @throws {NotFound} */
  async function get(partnerId: ObjectId, id: string): Promise<OwnFieldDocument> {
    const field = await repository.find(partnerId, new ObjectId(id))
    if (!field) throw new NotFound('This field')
    return field
  }

  /** @throws {ValidationFailed} HubSpot has no such property */
  async function propertyOf(
    partnerId: ObjectId,
    object: KindName,
    name: string,
  ): Promise<HubspotProperty> {
    const portalId = await connectedPortal(collections, partnerId)
    const all = await schema.properties(partnerId, portalId, kinds[object].hubspotType, true)
    const found = all.find(property => property.name === name)
    if (!found)
      throw new ValidationFailed([{ path: 'property', message: 'does not exist in HubSpot' }])
    return found
  }

  /**
   * Maps a field to a property, or ends its mapping.
   * @throws {ValidationFailed} the property does not fit the field, or another field has it
   */
  async function map(
    partnerId: ObjectId,
    field: OwnFieldDocument,
    property: HubspotProperty | null,
    actor: Actor,
  ): Promise<void> {
    const before = await mapping.view(partnerId)
    await mapping.change(
      partnerId,
      present => {
        const others = present.filter(entry => entry !== entryOf(present, field))
        if (property === null) return others.length === present.length ? null : others
        return [...others, mappedEntry(field, property, others)]
      },
      clock(),
    )
    const entries = await mapping.view(partnerId)
    const names = new Map([[`${field.object}:${field.key}`, field.label]])
    await versions.keep(partnerId, { kind: 'fields', entries, names }, before, actor)
  }

  async function lossOf(field: OwnFieldDocument, isDeleted: boolean): Promise<FieldLoss> {
    const records = await repository.countValues(kinds[field.object], field.partner_id, field.key)
    const entries = await mapping.stored(field.partner_id)
    const until = new Date(clock().getTime() + restorableMs)
    return presentLoss(presentField(field, entries), { records, isDeleted, until })
  }

  async function presented(partnerId: ObjectId, id: ObjectId): Promise<Field> {
    const field = await get(partnerId, id.toHexString())
    return presentField(field, await mapping.stored(partnerId))
  }

  async function note(field: OwnFieldDocument, actor: Actor, action: string): Promise<void> {
    await audit.record({
      partnerId: field.partner_id,
      actor,
      action,
      target: field._id.toHexString(),
      details: { object: field.object, key: field.key },
    })
  }

  const follow = createFollowOptions({ repository, schema, clock })

  return {
    byKind,

    /** Lets the choices of mapped fields follow HubSpot's. @throws as HubSpot cannot be asked */
    async followOptions(partnerId: ObjectId, portalId: string): Promise<void> {
      const place = { partnerId, portalId }
      await follow(place, await byKind(partnerId), await mapping.stored(partnerId))
    },

    async list(partnerId: ObjectId): Promise<FieldList> {
      const [all, entries] = await Promise.all([
        repository.all(partnerId),
        mapping.stored(partnerId),
      ])
      return presentFields(all, entries, { now: clock(), restorableMs })
    },

    /**
     * Adds a field; one that takes a property is mapped at once, and its values are read.
     * @throws {ValidationFailed} a hundred are there already; the property does not fit
     */
    async create(partnerId: ObjectId, input: FieldCreate, actor: Actor): Promise<Field> {
      const { object } = input
      const property = input.property ? await propertyOf(partnerId, object, input.property) : null
      const type = input.type ?? (property ? typeOf(property) : 'text')
      const options = input.options ?? (property ? optionsOf(type, property) : [])
      const label = input.label ?? property?.label ?? ''
      const at = clock()
      const field: Omit<OwnFieldDocument, 'key' | 'place'> = {
        _id: new ObjectId(),
        partner_id: partnerId,
        object,
        label,
        type,
        options: type === 'choice' || type === 'choices' ? options : [],
        direction: input.direction ?? (property ? directionOf(property) : 'both'),
        policy: input.policy ?? 'hubspot_wins',
        created_at: at,
        updated_at: at,
        deleted_at: null,
        deleted_property: null,
      }
      if (property) {
        // Before it is stored: a field that does not fit is not to be left behind.
        mappedEntry({ ...field, key: 'new' }, property, await mapping.stored(partnerId))
      }
      const stored = await repository.add(field, keysFor(label, kinds[object]))
      if (!stored) throw tooMany(object)
      if (property) await map(partnerId, stored, property, actor)
      await note(stored, actor, 'field_added')
      if (property) await onChange(partnerId, { reread: true })
      return await presented(partnerId, stored._id)
    },

    /**
     * @throws {NotFound} no such field
     * @throws {ValidationFailed} choices for a field that takes HubSpot's; see `create`
     */
    async patch(
      partnerId: ObjectId,
      id: string,
      { property: wanted, ...change }: FieldPatch,
      actor: Actor,
    ): Promise<Field> {
      const field = await get(partnerId, id)
      if (field.deleted_at !== null) throw new NotFound('This field')
      const entry = entryOf(await mapping.stored(partnerId), field)
      const isChoice = field.type === 'choice' || field.type === 'choices'
      if (change.options && !isChoice)
        throw new ValidationFailed([{ path: 'options', message: 'this field has no choices' }])
      const name = wanted === undefined ? (entry?.property ?? null) : wanted
      const isRemapped =
        wanted !== undefined || change.direction !== undefined || change.policy !== undefined
      const property = name && isRemapped ? await propertyOf(partnerId, field.object, name) : null
      const options =
        property && name !== entry?.property && isChoice && !change.options
          ? optionsOf(field.type, property)
          : change.options
      const next: OwnFieldDocument = {
        ...field,
        ...change,
        direction: change.direction ?? entry?.direction ?? field.direction,
        policy: change.policy ?? entry?.policy ?? field.policy,
      }
      if (isRemapped) await map(partnerId, next, property, actor)
      await repository.update(
        field,
        {
          label: next.label,
          direction: next.direction,
          policy: next.policy,
          ...(options ? { options } : {}),
        },
        clock(),
      )
      await note(field, actor, 'field_changed')
      if (isRemapped) await onChange(partnerId, { reread: true })
      return await presented(partnerId, field._id)
    },

    /**
     * Deletes a field, or says what that would take away. Values stay with the records for thirty
     * days, out of sight.
     * @throws {NotFound}
     */
    async remove(
      partnerId: ObjectId,
      id: string,
      { dryRun }: { dryRun: boolean },
      actor: Actor,
    ): Promise<FieldLoss> {
      const field = await get(partnerId, id)
      if (field.deleted_at !== null) throw new NotFound('This field')
      const loss = await lossOf(field, !dryRun)
      if (dryRun) return loss
      const entry = entryOf(await mapping.stored(partnerId), field)
      await map(partnerId, field, null, actor)
      await repository.markDeleted(field, entry?.property ?? null, clock())
      await note(field, actor, 'field_deleted')
      if (entry) await onChange(partnerId, { reread: false })
      return loss
    },

    /**
     * Takes a deleted field back, with its values and, where HubSpot still has the property, its
     * mapping.
     * @throws {NotFound} not deleted, or longer than thirty days ago
     * @throws {ValidationFailed} a hundred are there already
     */
    async restore(partnerId: ObjectId, id: string, actor: Actor): Promise<Field> {
      const field = await get(partnerId, id)
      const { deleted_at: deletedAt, deleted_property: name } = field
      if (!deletedAt || deletedAt.getTime() + restorableMs <= clock().getTime())
        throw new NotFound('This field')
      if (!(await repository.restore(field, clock()))) throw tooMany(field.object)
      await note(field, actor, 'field_restored')
      const property =
        name === null
          ? null
          : await propertyOf(partnerId, field.object, name).catch((error: unknown) => {
              // The property is gone, or HubSpot is not connected: the field comes back unmapped.
              if (error instanceof DomainError) return null
              throw error
            })
      if (property) {
        await map(partnerId, field, property, actor).catch((error: unknown) => {
          // Another field has its property by now: it comes back without one.
          if (!(error instanceof ValidationFailed)) throw error
        })
        await onChange(partnerId, { reread: true })
      }
      return await presented(partnerId, field._id)
    },

    /** Forgets fields that were deleted more than thirty days ago, and their values. */
    async purge(): Promise<void> {
      for (const field of await repository.deletedBefore(
        new Date(clock().getTime() - restorableMs),
      ))
        await repository.purge(kinds[field.object], field)
    },
  }
}

export type OwnFields = ReturnType<typeof createOwnFields>

const tooMany = (object: KindName) =>
  new ValidationFailed([
    { path: 'object', message: `has ${maxFields} fields of its own already: ${object}` },
  ])
