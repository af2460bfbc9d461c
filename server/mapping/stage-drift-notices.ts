import type { ObjectId } from 'mongodb'
import type { StageMappingDocument } from '../database/documents'
import type { HubspotPipeline } from '../hubspot/crm-types'
import type { StageMappingRepository } from './repository'

type Drift = StageMappingDocument['drift'][number]

const kind = 'stage_drift'
const words: Record<Drift['kind'], string> = {
  renamed: 'was renamed in HubSpot. Its mapping is paused until you confirm it.',
  archived: 'was archived in HubSpot. Its mapping is paused.',
  deleted: 'was deleted in HubSpot. Its mapping is paused.',
  read_only:
    'may no longer be written to by apps. Deals here that reach its stage wait until you choose ' +
    'another stage to write back to.',
  new: 'is new in HubSpot. Deals in it have no stage here until you map it.',
}

/** Tells the partner's admins which stages changed in HubSpot: one open notice for each. */
export function createDriftNotices(repository: StageMappingRepository) {
  return {
    async update(
      partnerId: ObjectId,
      drift: readonly Drift[],
      known: StageMappingDocument['known_stages'],
      pipelines: readonly HubspotPipeline[],
    ): Promise<void> {
      const keys: string[] = []
      for (const one of drift) {
        const key = `${kind}:${one.kind}:${one.pipeline_id}:${one.stage_id}`
        keys.push(key)
        const message = `“${driftLabel(one, known, pipelines)}” ${words[one.kind]}`
        await repository.openNotice(partnerId, { key, kind, message })
      }
      await repository.resolveNotices(partnerId, kind, keys)
    },

    async resolveAll(partnerId: ObjectId): Promise<void> {
      await repository.resolveNotices(partnerId, kind)
    },
  }
}

/** The stage's label in HubSpot, or the one it had when its mapping was accepted. */
export function driftLabel(
  { pipeline_id, stage_id }: Drift,
  known: StageMappingDocument['known_stages'],
  pipelines: readonly HubspotPipeline[],
): string {
  const pipeline = pipelines.find(one => one.id === pipeline_id)
  const before = known.find(one => one.pipeline_id === pipeline_id && one.stage_id === stage_id)
  return pipeline?.stages.find(one => one.id === stage_id)?.label ?? before?.label ?? 'A stage'
}
