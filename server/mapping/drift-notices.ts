import { ObjectId } from 'mongodb'
import type { Clock } from '../config/clock'
import type { Collections } from '../database/collections'
import type { StageMappingDocument } from '../database/documents'
import { isDuplicateKey } from '../database/duplicate-key'
import type { HubspotPipeline } from '../hubspot/crm-types'

const kind = 'stage_drift'
const words: Record<StageMappingDocument['drift'][number]['kind'], string> = {
  renamed: 'was renamed in HubSpot. Its mapping is paused until you confirm it.',
  archived: 'was archived in HubSpot. Its mapping is paused.',
  deleted: 'was deleted in HubSpot. Its mapping is paused.',
  new: 'is new in HubSpot. Deals in it have no stage here until you map it.',
}

/** Tells the partner's admins which stages changed in HubSpot: one open notice for each. */
export function createDriftNotices({
  collections,
  clock,
}: {
  collections: Collections
  clock: Clock
}) {
  const { notices } = collections

  return {
    async update(
      partnerId: ObjectId,
      drift: StageMappingDocument['drift'],
      known: StageMappingDocument['known_stages'],
      pipelines: readonly HubspotPipeline[],
    ): Promise<void> {
      const keys: string[] = []
      for (const one of drift) {
        const key = `${kind}:${one.kind}:${one.pipeline_id}:${one.stage_id}`
        keys.push(key)
        const label =
          pipelines
            .find(pipeline => pipeline.id === one.pipeline_id)
            ?.stages.find(stage => stage.id === one.stage_id)?.label ??
          known.find(
            stage => stage.pipeline_id === one.pipeline_id && stage.stage_id === one.stage_id,
          )?.label ??
          'A stage'
        await notices
          .updateOne(
            { partner_id: partnerId, key, resolved_at: null },
            {
              $setOnInsert: {
                _id: new ObjectId(),
                kind,
                message: `“${label}” ${words[one.kind]}`,
                created_at: clock(),
                emailed_at: null,
              },
            },
            { upsert: true },
          )
          .catch((error: unknown) => {
            if (!isDuplicateKey(error)) throw error
          })
      }
      await notices.updateMany(
        { partner_id: partnerId, kind, key: { $nin: keys }, resolved_at: null },
        { $set: { resolved_at: clock() } },
      )
    },
    async resolveAll(partnerId: ObjectId): Promise<void> {
      await notices.updateMany(
        { partner_id: partnerId, kind, resolved_at: null },
        { $set: { resolved_at: clock() } },
      )
    },
  }
}
