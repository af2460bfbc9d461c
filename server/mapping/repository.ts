import { ObjectId } from 'mongodb'
import type { Clock } from '../config/clock'
import type { Collections } from '../database/collections'
import type {
  FieldMappingDocument,
  FieldsSeenDocument,
  NoticeDocument,
  StageMappingDocument,
} from '../database/documents'
import { isDuplicateKey } from '../database/duplicate-key'

export type StoredField = FieldMappingDocument['fields'][number]
type StoredStages = Pick<StageMappingDocument, 'mapping' | 'known_stages'>
type Found = Pick<StageMappingDocument, 'drift' | 'mapping'>

const stageMappingId = (partnerId: ObjectId, portalId: string) =>
  `${partnerId.toHexString()}:${portalId}`

/** The mappings of a partner's fields. */
export function createFieldMappingRepository({
  fieldMappings,
}: Pick<Collections, 'fieldMappings'>) {
  return {
    /** @returns `null` until a mapping is stored */
    async find(
      partnerId: ObjectId,
    ): Promise<Pick<FieldMappingDocument, 'fields' | 'revision' | 'seen'> | null> {
      return await fieldMappings.findOne({ _id: partnerId })
    },

    /** @returns what was seen of HubSpot's properties; `null` until somebody looked */
    async seen(partnerId: ObjectId): Promise<FieldsSeenDocument | null> {
      const filter = { _id: partnerId }
      return (await fieldMappings.findOne(filter, { projection: { seen: 1 } }))?.seen ?? null
    },

    async storeSeen(partnerId: ObjectId, seen: FieldsSeenDocument): Promise<void> {
      await fieldMappings.updateOne(
        { _id: partnerId },
        // Without a mapping the default one applies: revision 0.
        { $set: { partner_id: partnerId, seen }, $setOnInsert: { revision: 0 } },
        { upsert: true },
      )
    },

    /** @returns `false` when another mapping was stored since `revision` (`null`: since none was) */
    async storeIf(
      partnerId: ObjectId,
      fields: StoredField[],
      revision: number | null,
      at: Date,
    ): Promise<boolean> {
      try {
        const { matchedCount, upsertedCount } = await fieldMappings.updateOne(
          { _id: partnerId, ...(revision === null ? { revision: 0 } : { revision }) },
          { $set: { partner_id: partnerId, fields, updated_at: at }, $inc: { revision: 1 } },
          { upsert: revision === null },
        )
        return matchedCount + upsertedCount === 1
      } catch (error) {
        if (isDuplicateKey(error)) return false
        throw error
      }
    },
  }
}

export type FieldMappingRepository = ReturnType<typeof createFieldMappingRepository>

/** The mapping of a portal's stages, and the open notices about what changed in HubSpot. */
export function createStageMappingRepository(
  { stageMappings, notices }: Pick<Collections, 'stageMappings' | 'notices'>,
  clock: Clock,
) {
  return {
    async find(partnerId: ObjectId, portalId: string): Promise<StageMappingDocument | null> {
      return await stageMappings.findOne({ _id: stageMappingId(partnerId, portalId) })
    },

    async isStored(partnerId: ObjectId, portalId: string): Promise<boolean> {
      const filter = { _id: stageMappingId(partnerId, portalId) }
      return (await stageMappings.findOne(filter, { projection: { _id: 1 } })) !== null
    },

    /** @returns `false` when an admin stored a mapping since it was read */
    async storeDrift(
      { _id, revision }: Pick<StageMappingDocument, '_id' | 'revision'>,
      { drift, mapping }: Found,
    ): Promise<boolean> {
      const { matchedCount } = await stageMappings.updateOne(
        { _id, revision },
        { $set: { drift, mapping, updated_at: clock() } },
      )
      return matchedCount === 1
    },

    /** What is stored is accepted: it ends all drift found before. */
    async store(partnerId: ObjectId, portalId: string, stored: StoredStages): Promise<void> {
      await stageMappings.updateOne(
        { _id: stageMappingId(partnerId, portalId) },
        {
          $set: {
            partner_id: partnerId,
            portal_id: portalId,
            ...stored,
            drift: [],
            updated_at: clock(),
          },
          $inc: { revision: 1 },
        },
        { upsert: true },
      )
    },

    /** Opens a notice, unless one with this key is open. */
    async openNotice(
      partnerId: ObjectId,
      { key, kind, message }: Pick<NoticeDocument, 'key' | 'kind' | 'message'>,
    ): Promise<void> {
      await notices
        .updateOne(
          { partner_id: partnerId, key, resolved_at: null },
          {
            $setOnInsert: {
              _id: new ObjectId(),
              kind,
              message,
              created_at: clock(),
              emailed_at: null,
            },
          },
          { upsert: true },
        )
        .catch((error: unknown) => {
          if (!isDuplicateKey(error)) throw error
        })
    },

    /** Resolves open notices of a kind. @param keep keys of those that stay open */
    async resolveNotices(
      partnerId: ObjectId,
      kind: NoticeDocument['kind'],
      keep: readonly string[] = [],
    ): Promise<void> {
      await notices.updateMany(
        {
          partner_id: partnerId,
          kind,
          resolved_at: null,
          ...(keep.length > 0 ? { key: { $nin: [...keep] } } : {}),
        },
        { $set: { resolved_at: clock() } },
      )
    },
  }
}
export type StageMappingRepository = ReturnType<typeof createStageMappingRepository>
