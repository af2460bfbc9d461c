import { ObjectId } from 'mongodb'
import type { Collections } from '../database/collections'
import type { MappingVersionDocument } from '../database/documents'

/** So many versions of each mapping are listed. */
const listed = 100

/** Mappings as they were stored, the newest first. */
export function createVersionsRepository({
  mappingVersions,
}: Pick<Collections, 'mappingVersions'>) {
  return {
    async add(version: Omit<MappingVersionDocument, '_id'>): Promise<void> {
      await mappingVersions.insertOne({ _id: new ObjectId(), ...version })
    },

    async latest(partnerId: ObjectId): Promise<MappingVersionDocument[]> {
      return await mappingVersions
        .find({ partner_id: partnerId })
        .sort({ _id: -1 })
        .limit(listed)
        .hint('newest_first')
        .toArray()
    },

    /** The one of this mapping that applies; `null` before the first change */
    async newest(
      partnerId: ObjectId,
      kind: MappingVersionDocument['kind'],
    ): Promise<MappingVersionDocument | null> {
      return await mappingVersions.findOne(
        { partner_id: partnerId, kind },
        { sort: { _id: -1 }, hint: 'newest_of_kind' },
      )
    },

    async find(partnerId: ObjectId, id: ObjectId): Promise<MappingVersionDocument | null> {
      return await mappingVersions.findOne({ _id: id, partner_id: partnerId })
    },
  }
}
