import { ObjectId } from 'mongodb'
import type { Collections } from '../database/collections'
import type { KindName, OwnFieldDocument } from '../database/documents'
import { isDuplicateKey } from '../database/duplicate-key'
import { recordsOf, type RecordKind } from '../records/kinds'

/** So many fields an admin may add to leads, and to deals. */
export const maxFields = 100

type Owned = { partnerId: ObjectId; object: KindName }

/** The fields that admins added, and what their deletion takes from records. */
export function createOwnFieldsRepository({
  ownFields,
  ...collections
}: Pick<Collections, 'ownFields' | 'leads' | 'deals'>) {
  /** @returns the places of one object that no field has, in no order */
  async function freePlaces({ partnerId, object }: Owned): Promise<number[]> {
    const taken = await ownFields
      .find(
        { partner_id: partnerId, object, place: { $gte: 0 } },
        { projection: { place: 1 }, hint: 'one_field_per_place' },
      )
      .toArray()
    const used = new Set(taken.map(field => field.place))
    return Array.from({ length: maxFields }, (_, place) => place).filter(place => !used.has(place))
  }

  return {
    /** All of a partner, deleted ones too, in the order in which they were added. */
    async all(partnerId: ObjectId): Promise<OwnFieldDocument[]> {
      return await ownFields
        .find({ partner_id: partnerId })
        .sort({ _id: 1 })
        .hint('one_field_per_key')
        .toArray()
    },

    async find(partnerId: ObjectId, id: ObjectId): Promise<OwnFieldDocument | null> {
      return await ownFields.findOne({ _id: id, partner_id: partnerId })
    },

    /**
     * Stores a new field, or a deleted one that comes back, in a place of its own.
     * @param keys to try one after the other, until one is free
     * @returns `null` when there are a hundred already
     */
    async add(
      field: Omit<OwnFieldDocument, 'key' | 'place'>,
      keys: readonly string[],
    ): Promise<OwnFieldDocument | null> {
      const owned = { partnerId: field.partner_id, object: field.object }
      const left = [...keys]
      for (;;) {
        const [place] = await freePlaces(owned)
        const [key] = left
        if (place === undefined || key === undefined) return null
        try {
          const stored = { ...field, key, place }
          await ownFields.insertOne(stored)
          return stored
        } catch (error) {
          if (!isDuplicateKey(error)) throw error
          const isKeyTaken = await ownFields.findOne({
            partner_id: field.partner_id,
            object: field.object,
            key,
          })
          if (isKeyTaken) left.shift()
        }
      }
    },

    async update(
      { _id, partner_id }: Pick<OwnFieldDocument, '_id' | 'partner_id'>,
      change: Partial<Pick<OwnFieldDocument, 'label' | 'options' | 'direction' | 'policy'>>,
      at: Date,
    ): Promise<void> {
      await ownFields.updateOne({ _id, partner_id }, { $set: { ...change, updated_at: at } })
    },

    async markDeleted(
      { _id, partner_id }: Pick<OwnFieldDocument, '_id' | 'partner_id'>,
      property: string | null,
      at: Date,
    ): Promise<void> {
      await ownFields.updateOne(
        { _id, partner_id, deleted_at: null },
        {
          $set: { deleted_at: at, deleted_property: property, updated_at: at },
          $unset: { place: 1 },
        },
      )
    },

    /** @returns `false` when there are a hundred already */
    async restore(field: OwnFieldDocument, at: Date): Promise<boolean> {
      const owned = { partnerId: field.partner_id, object: field.object }
      for (;;) {
        const [place] = await freePlaces(owned)
        if (place === undefined) return false
        try {
          await ownFields.updateOne(
            { _id: field._id, partner_id: field.partner_id },
            { $set: { place, deleted_at: null, deleted_property: null, updated_at: at } },
          )
          return true
        } catch (error) {
          if (!isDuplicateKey(error)) throw error
        }
      }
    },

    /** Records that have a value of the field. */
    async countValues(kind: RecordKind, partnerId: ObjectId, key: string): Promise<number> {
      return await recordsOf(collections, kind).countDocuments(
        {
          partner_id: partnerId,
          own_index: { $exists: true },
          [`own_index.sorted.${key}`]: { $gt: '' },
        },
        { hint: 'own_values' },
      )
    },

    /** @returns fields that were deleted before an instant, of all partners */
    async deletedBefore(at: Date): Promise<OwnFieldDocument[]> {
      return await ownFields
        .find({ deleted_at: { $lt: at, $gt: new Date(0) } })
        .limit(100)
        .hint('to_purge')
        .toArray()
    },

    /** Takes the values from the records, some at a time, then the field itself. */
    async purge(kind: RecordKind, field: OwnFieldDocument): Promise<void> {
      const { partner_id, key } = field
      const records = recordsOf(collections, kind)
      for (;;) {
        const some = await records
          .find(
            {
              partner_id,
              own_index: { $exists: true },
              [`own_index.sorted.${key}`]: { $gt: '' },
            },
            { projection: { _id: 1 } },
          )
          .limit(1000)
          .hint('own_values')
          .toArray()
        if (some.length === 0) break
        await records.updateMany(
          { partner_id, _id: { $in: some.map(record => record._id) } },
          {
            $unset: {
              [`values.${key}`]: 1,
              [`own_index.sorted.${key}`]: 1,
              [`own_index.choices.${key}`]: 1,
            },
            $inc: { version: 1 },
          },
        )
      }
      await ownFields.deleteOne({ _id: field._id, partner_id })
    },
  }
}
export type OwnFieldsRepository = ReturnType<typeof createOwnFieldsRepository>
