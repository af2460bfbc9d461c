import type { ObjectId } from 'mongodb'
import type { Failure } from '#shared/contracts/primitives'
import { usableStatuses } from '../../connection/integration'
import type { Collections } from '../../database/collections'
import type { HubspotLimit } from '../failures'
import type { PartnerDocument, SyncRunDocument } from '../../database/documents'

type RunOfPortal = Pick<SyncRunDocument, 'partner_id' | 'portal_id'>

const portalOf = (run: RunOfPortal) => ({
  _id: run.partner_id,
  'hubspot_integration.portal_id': run.portal_id,
})

/** When partners are due, on the partner's document. */
export function createDuePartnersRepository({ partners }: Pick<Collections, 'partners'>) {
  return {
    /** Takes one partner that is due, and sets when it is due next: of several callers one gets it. */
    async claim({ now, nextAt }: { now: Date; nextAt: Date }): Promise<PartnerDocument | null> {
      return await partners.findOneAndUpdate(
        {
          'hubspot_integration.status': { $in: [...usableStatuses] },
          'hubspot_integration.next_sync_at': { $lte: now },
          'hubspot_integration.paused': false,
        },
        { $set: { 'hubspot_integration.next_sync_at': nextAt } },
        { sort: { 'hubspot_integration.next_sync_at': 1 }, returnDocument: 'after' },
      )
    },

    /** Notes how a run ended, and when the next one is due. @param failure `null`: it succeeded */
    async setNext(
      run: RunOfPortal,
      {
        now,
        nextAt,
        failure,
        limit,
      }: { now: Date; nextAt: Date; failure: Failure | null; limit: HubspotLimit | null },
    ): Promise<void> {
      await partners.updateOne(
        { ...portalOf(run), 'hubspot_integration.status': { $in: [...usableStatuses] } },
        {
          $set: {
            'hubspot_integration.next_sync_at': nextAt,
            'hubspot_integration.last_failure': failure && {
              code: failure.code,
              at: now,
              ...(limit ? { limit } : {}),
            },
            ...(failure === null
              ? {
                  'hubspot_integration.last_synced_at': now,
                  'hubspot_integration.outage': null,
                }
              : {}),
          },
        },
      )
    },

    /**
     * Notes that a look found nothing. @returns whether the partner is still connected with this
     * portal, not paused, and in no trouble
     */
    async setLooked(partnerId: ObjectId, portalId: string, now: Date): Promise<boolean> {
      const { matchedCount } = await partners.updateOne(
        {
          _id: partnerId,
          'hubspot_integration.portal_id': portalId,
          'hubspot_integration.status': { $in: [...usableStatuses] },
          'hubspot_integration.paused': false,
          'hubspot_integration.last_failure': null,
          'hubspot_integration.outage': null,
        },
        { $set: { 'hubspot_integration.last_synced_at': now } },
      )
      return matchedCount === 1
    },

    /**
     * Puts the next look off to `nextAt`, but not by more than `mostMs` after the last success, and
     * never brings it forward.
     */
    async putOff(
      run: RunOfPortal,
      { nextAt, mostMs }: { nextAt: Date; mostMs: number },
    ): Promise<void> {
      const latest = { $add: ['$hubspot_integration.last_synced_at', mostMs] }
      await partners.updateOne(
        {
          ...portalOf(run),
          'hubspot_integration.next_sync_at': { $lt: nextAt },
          'hubspot_integration.last_synced_at': { $ne: null },
          'hubspot_integration.last_failure': null,
        },
        [
          {
            $set: {
              'hubspot_integration.next_sync_at': {
                $max: ['$hubspot_integration.next_sync_at', { $min: [nextAt, latest] }],
              },
            },
          },
        ],
      )
    },

    async setDue(run: RunOfPortal, at: Date): Promise<void> {
      await partners.updateOne(portalOf(run), {
        $set: { 'hubspot_integration.next_sync_at': at },
      })
    },

    /** The first note of an outage says since when it is. */
    async noteOutage(
      run: RunOfPortal,
      { now, nextTryAt }: { now: Date; nextTryAt: Date | null },
    ): Promise<void> {
      await partners.updateOne(portalOf(run), [
        {
          $set: {
            'hubspot_integration.outage': {
              since: { $ifNull: ['$hubspot_integration.outage.since', now] },
              next_try_at: nextTryAt,
            },
          },
        },
      ])
    },

    async endOutage(run: RunOfPortal): Promise<void> {
      await partners.updateOne(portalOf(run), { $set: { 'hubspot_integration.outage': null } })
    },
  }
}
