import type { ObjectId } from 'mongodb'
import { usableStatuses } from '../connection/integration'
import type { Collections } from '../database/collections'
import type {
  FieldMappingDocument,
  HubspotIntegrationDocument,
  PartnerDocument,
  StageMappingDocument,
} from '../database/documents'

type Partner = Pick<PartnerDocument, '_id' | 'hubspot_integration'>

/** What alerts look for, over all partners. Each query is served by an index. */
export function createConditionsRepository({
  partners,
  syncRuns,
  stageMappings,
  fieldMappings,
}: Pick<Collections, 'partners' | 'syncRuns' | 'stageMappings' | 'fieldMappings'>) {
  return {
    async revoked(): Promise<Partner[]> {
      return await partners
        .find(
          { 'hubspot_integration.status': 'revoked' },
          { projection: { 'hubspot_integration.reason': 1 } },
        )
        .toArray()
    },

    /** Partners whose last sync, or whose connection without one, is older than this. */
    async syncedBefore(before: Date): Promise<Partner[]> {
      const usable = { 'hubspot_integration.status': { $in: [...usableStatuses] } }
      const projection = {
        projection: {
          'hubspot_integration.status': 1,
          'hubspot_integration.portal_id': 1,
          'hubspot_integration.paused': 1,
          'hubspot_integration.last_synced_at': 1,
          'hubspot_integration.connected_at': 1,
        },
      }
      const [late, never] = await Promise.all([
        partners
          .find({ ...usable, 'hubspot_integration.last_synced_at': { $lt: before } }, projection)
          .toArray(),
        partners
          .find(
            {
              ...usable,
              'hubspot_integration.last_synced_at': null,
              'hubspot_integration.connected_at': { $lt: before },
            },
            projection,
          )
          .toArray(),
      ])
      return [...late, ...never]
    },

    /** @returns when the partner's active run last got on; `null` without one */
    async activeSince(partnerId: ObjectId): Promise<Date | null> {
      const run = await syncRuns.findOne(
        { partner_id: partnerId, active: true },
        { projection: { updated_at: 1 } },
      )
      return run?.updated_at ?? null
    },

    async drifted(): Promise<
      Pick<StageMappingDocument, 'partner_id' | 'portal_id' | 'drift' | 'known_stages'>[]
    > {
      return await stageMappings
        .find(
          { 'drift.since': { $gt: new Date(0) } },
          { projection: { partner_id: 1, portal_id: 1, drift: 1, known_stages: 1 } },
        )
        .toArray()
    },

    async pausedFields(): Promise<Pick<FieldMappingDocument, 'partner_id' | 'seen'>[]> {
      return await fieldMappings
        .find(
          { 'seen.drift.since': { $gt: new Date(0) } },
          { projection: { partner_id: 1, seen: 1 } },
        )
        .toArray()
    },

    async portalOf(partnerId: ObjectId): Promise<HubspotIntegrationDocument['portal_id']> {
      const partner = await partners.findOne(
        { _id: partnerId },
        { projection: { 'hubspot_integration.portal_id': 1 } },
      )
      return partner?.hubspot_integration?.portal_id ?? null
    },
  }
}
