import type { ObjectId } from 'mongodb'
import type { Clock } from '../../config/clock'
import type { Collections } from '../../database/collections'
import type { HubspotIntegrationDocument, SyncRunDocument } from '../../database/documents'

const usable = ['connected', 'degraded'] as const
/**
 * The schedule tries again after this, ms, where trouble may pass soon, or after its interval where
 * that is shorter
 */
const retryAfterTroubleMs = 60_000

export interface DuePartner {
  partnerId: ObjectId
  portalId: string
  integration: HubspotIntegrationDocument
}

/** What sync keeps on the partner: when it was last in step, and when it is due again. */
export function createPartners({
  collections: { partners },
  clock,
  intervalSeconds,
}: {
  collections: Pick<Collections, 'partners'>
  clock: Clock
  intervalSeconds: number
}) {
  const intervalMs = intervalSeconds * 1000

  return {
    async integration(partnerId: ObjectId): Promise<HubspotIntegrationDocument | null> {
      return (
        (await partners.findOne({ _id: partnerId }, { projection: { hubspot_integration: 1 } }))
          ?.hubspot_integration ?? null
      )
    },

    /** @returns whether runs of this portal are still wanted: connected with it and not paused */
    async mayRun(partnerId: ObjectId, portalId: string): Promise<boolean> {
      const partner = await partners.findOne(
        { _id: partnerId },
        {
          projection: {
            'hubspot_integration.status': 1,
            'hubspot_integration.portal_id': 1,
            'hubspot_integration.paused': 1,
          },
        },
      )
      const integration = partner?.hubspot_integration
      return (
        !!integration &&
        integration.status !== 'disconnected' &&
        integration.portal_id === portalId &&
        !integration.paused
      )
    },

    /**
     * Takes one partner that is due, and puts its next sync one interval ahead: of several
     * processes one gets it.
     */
    async claimDue(): Promise<DuePartner | null> {
      const now = clock()
      const partner = await partners.findOneAndUpdate(
        {
          'hubspot_integration.status': { $in: [...usable] },
          'hubspot_integration.next_sync_at': { $lte: now },
          'hubspot_integration.paused': false,
        },
        { $set: { 'hubspot_integration.next_sync_at': new Date(now.getTime() + intervalMs) } },
        { sort: { 'hubspot_integration.next_sync_at': 1 }, returnDocument: 'after' },
      )
      const integration = partner?.hubspot_integration
      return partner && integration?.portal_id
        ? { partnerId: partner._id, portalId: integration.portal_id, integration }
        : null
    },

    /**
     * Notes how a run ended. Webhook and write-back runs look at single records and leave the
     * schedule alone.
     */
    async afterRun(
      run: SyncRunDocument,
      { succeeded, soon }: { succeeded: boolean; soon: boolean },
    ): Promise<void> {
      if (run.kind === 'webhook' || run.trigger === 'write_back') return
      const now = clock()
      const nextSyncAt = succeeded
        ? new Date(Math.max(now.getTime(), (run.started_at ?? now).getTime() + intervalMs))
        : new Date(now.getTime() + (soon ? Math.min(intervalMs, retryAfterTroubleMs) : intervalMs))
      await partners.updateOne(
        {
          _id: run.partner_id,
          'hubspot_integration.portal_id': run.portal_id,
          'hubspot_integration.status': { $in: [...usable] },
        },
        {
          $set: {
            'hubspot_integration.next_sync_at': nextSyncAt,
            ...(succeeded ? { 'hubspot_integration.last_synced_at': now } : {}),
          },
        },
      )
    },
  }
}
export type Partners = ReturnType<typeof createPartners>
