import type { ObjectId } from 'mongodb'
import { NotConnected, ReauthorizationRequired } from '../connection/errors'
import { type Integration } from '../connection/integration'
import { syncRefusal } from '../connection/sync-refusal'
import type { Collections } from '../database/collections'
import { connectedPortalOf } from '../database/connected-portal'
import { DomainError } from '../errors'

class SyncPaused extends DomainError {
  constructor() {
    super('sync_paused', 'Sync is paused. Resume it in the settings first.')
  }
}

/** May this partner sync now, and if not, why? The rules are `connection/sync-refusal.ts`'s. */
export function createPermission({
  collections: { partners },
}: {
  collections: Pick<Collections, 'partners'>
}) {
  async function read(
    partnerId: ObjectId,
  ): Promise<Pick<Integration, 'status' | 'portal_id' | 'paused' | 'write_back'> | null> {
    const partner = await partners.findOne(
      { _id: partnerId },
      {
        projection: {
          'hubspot_integration.status': 1,
          'hubspot_integration.portal_id': 1,
          'hubspot_integration.paused': 1,
          'hubspot_integration.write_back': 1,
        },
      },
    )
    return partner?.hubspot_integration ?? null
  }

  return {
    /**
     * @returns the portal to sync with, and whether local changes are written to it
     * @throws {NotConnected} {ReauthorizationRequired} {SyncPaused}
     */
    async assertMaySync(
      partnerId: ObjectId,
    ): Promise<{ portalId: string; isWritingBack: boolean }> {
      const integration = await read(partnerId)
      const refusal = syncRefusal(integration)
      if (refusal === 'reauthorization_required') throw new ReauthorizationRequired()
      if (refusal === 'paused') throw new SyncPaused()
      const portalId = connectedPortalOf(integration)
      if (integration === null || portalId === null) throw new NotConnected()
      return { portalId, isWritingBack: integration.write_back }
    },

    /** @returns the portal that the partner is connected with, be it paused or revoked */
    async portalOf(partnerId: ObjectId): Promise<string | null> {
      return connectedPortalOf(await read(partnerId))
    },

    /**
     * @returns whether a run of this portal may go on: still connected with it and not paused. A
     *   lost grant is no reason here: HubSpot's answer ends the run and says why.
     */
    async mayContinue(partnerId: ObjectId, portalId: string): Promise<boolean> {
      const integration = await read(partnerId)
      return connectedPortalOf(integration) === portalId && !integration?.paused
    },

    /** @returns whether local changes may be written to this portal now */
    async mayWriteBack(partnerId: ObjectId, portalId: string): Promise<boolean> {
      const integration = await read(partnerId)
      return (
        syncRefusal(integration) === null &&
        integration?.portal_id === portalId &&
        integration.write_back
      )
    },

    /**
     * @returns the portal of a connected partner for whom no run comes until a person resumes the
     *   sync or connects again, and whether HubSpot still takes its grant; `null` for every other
     *   partner
     */
    async portalWithoutRuns(
      partnerId: ObjectId,
    ): Promise<{ portalId: string; hasGrant: boolean } | null> {
      const integration = await read(partnerId)
      const refusal = syncRefusal(integration)
      if (refusal !== 'paused' && refusal !== 'reauthorization_required') return null
      const portalId = connectedPortalOf(integration)
      return portalId === null ? null : { portalId, hasGrant: refusal === 'paused' }
    },
  }
}
export type Permission = ReturnType<typeof createPermission>
