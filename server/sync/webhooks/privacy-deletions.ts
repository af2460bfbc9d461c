import type { ObjectId } from 'mongodb'
import type { AuditLog } from '../../database/audit'
import { hubspotActor } from '../../database/audit'
import type { WebhookEventDocument } from '../../database/documents'
import type { Crm } from '../../hubspot/crm-types'
import type { Inbound } from '../inbound/apply'
import type { EventStore } from './repository'

const minute = 60_000
/** When a contact that still answers is asked for again; after the last of them it stays */
const askAgainAfterMs = [1, 5, 30, 120, 360, 900].map(minutes => minutes * minute)

export interface PrivacyDeletionsDeps {
  store: Pick<EventStore, 'markDone' | 'postpone'>
  inbound: Pick<Inbound, 'erase'>
  audit: AuditLog
}

type Event = Pick<WebhookEventDocument, '_id' | 'object_id' | 'attempts'>

/**
 * Privacy deletions are hints, as all events are: whoever can sign could otherwise erase anybody.
 * With a live grant HubSpot is asked first. Who is gone there is erased here; who still answers is
 * asked for again for a day.
 */
export function createPrivacyDeletions({ store, inbound, audit }: PrivacyDeletionsDeps) {
  return {
    /**
     * @param crm HubSpot as the partner sees it; `null` when the grant is lost and nobody can be
     *   asked
     * @returns the contacts that are gone
     */
    async carryOut(
      { partnerId, portalId }: { partnerId: ObjectId; portalId: string },
      events: readonly Event[],
      crm: Pick<Crm, 'batchRead'> | null,
    ): Promise<Set<string>> {
      if (events.length === 0) return new Set()
      const ids = [...new Set(events.map(event => event.object_id))]
      const { results } =
        crm === null ? { results: [] } : await crm.batchRead('contacts', ids, ['email'])
      const present = new Set(results.filter(one => !one.archived).map(one => one.id))
      const gone = new Set(ids.filter(id => !present.has(id)))
      await inbound.erase({ partnerId, portalId, contactIds: [...gone] })
      await store.markDone(
        events.filter(event => gone.has(event.object_id)).map(event => event._id),
      )
      for (const event of events) {
        if (gone.has(event.object_id)) continue
        const delayMs = askAgainAfterMs[event.attempts] ?? null
        await store.postpone(event._id, delayMs)
        if (delayMs === null)
          await audit.record({
            partnerId,
            actor: hubspotActor,
            action: 'contact_erasure_not_confirmed',
            outcome: 'failed',
            target: event.object_id,
            details: { portalId, asked: event.attempts + 1 },
          })
      }
      return gone
    },
  }
}
export type PrivacyDeletions = ReturnType<typeof createPrivacyDeletions>
