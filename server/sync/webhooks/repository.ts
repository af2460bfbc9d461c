import type { ObjectId } from 'mongodb'
import type { Clock } from '../../config/clock'
import type { Collections } from '../../database/collections'
import type { RunResultDocument, WebhookEventDocument } from '../../database/documents'
import { createAppend } from './store-once'
import { retryEvent, retryEventId } from './retry-event'

/** An object that HubSpot keeps refusing to read is given up after so many tries */
const maxAttempts = 5
const retentionMs = 7 * 24 * 60 * 60 * 1000

/** A partner's connected portal: whose events are meant */
export interface InboxOwner {
  partnerId: ObjectId
  portalId: string
}

/** @returns a look-up: how far these events are; those that are not there are left out */
export function createEventStates({ webhookEvents }: Pick<Collections, 'webhookEvents'>) {
  return async (ids: string[]): Promise<Map<string, EventState>> => {
    if (ids.length === 0) return new Map()
    const events = await webhookEvents
      .find<EventState>({ _id: { $in: ids } }, { projection: { status: 1, processed_at: 1 } })
      .toArray()
    return new Map(events.map(event => [event._id, event]))
  }
}
type EventState = Pick<WebhookEventDocument, '_id' | 'status' | 'processed_at'>

/** The inbox: HubSpot's events from their arrival until they are forgotten. */
export function createEventStore({
  collections,
  clock,
}: {
  collections: Pick<Collections, 'partners' | 'webhookEvents'>
  clock: Clock
}) {
  const { webhookEvents } = collections
  const done = () => ({ $set: { status: 'done' as const, processed_at: clock() } })
  const isDue = () => ({ not_before: { $not: { $gt: clock() } } })
  const waitingFor = ({ partnerId, portalId }: InboxOwner) => ({
    portal_id: portalId,
    status: 'pending' as const,
    partner_id: partnerId,
  })

  return {
    /**
     * Stores the events of one delivery. Deliveries that arrive at the same time share one write.
     * Resolves once the events are durable (the collection's write concern).
     * @throws {DomainError} `database_unavailable`: HubSpot sends again
     */
    append: createAppend({ collections, clock }),

    /** @returns the oldest events that wait and are due */
    async pending(owner: InboxOwner, limit: number): Promise<WebhookEventDocument[]> {
      return await webhookEvents
        .find({ ...waitingFor(owner), ...isDue() })
        .sort({ received_at: 1 })
        .limit(limit)
        .toArray()
    },

    /** @returns those of the ids that still wait */
    async stillPending(ids: string[]): Promise<string[]> {
      const found = await webhookEvents
        .find({ _id: { $in: ids }, status: 'pending' }, { projection: { _id: 1 } })
        .toArray()
      return found.map(event => event._id)
    },

    /** @returns how many events wait for the portal, counted up to `limit` */
    async countPending(portalId: string, limit: number): Promise<number> {
      return await webhookEvents.countDocuments(
        { portal_id: portalId, status: 'pending' },
        { limit },
      )
    },

    /** @returns when HubSpot's latest event of this portal arrived; our own retries are none */
    async latest(portalId: string): Promise<Date | null> {
      const latest = await Promise.all(
        (['pending', 'done', 'failed'] as const).map(status =>
          webhookEvents.findOne(
            { portal_id: portalId, status, subscription_type: { $not: /\.retry$/ } },
            { sort: { received_at: -1 }, projection: { received_at: 1 } },
          ),
        ),
      )
      const times = latest.flatMap(event => event?.received_at.getTime() ?? [])
      return times.length > 0 ? new Date(Math.max(...times)) : null
    },

    async markDone(ids: string[]): Promise<void> {
      await webhookEvents.updateMany({ _id: { $in: ids }, status: 'pending' }, done())
    },

    /**
     * A search has read every change: events that only told about changes, and came before it, are
     * done.
     * @returns how many
     */
    async markChangesDone(owner: InboxOwner, before: Date): Promise<number> {
      const { modifiedCount } = await webhookEvents.updateMany(
        {
          ...waitingFor(owner),
          received_at: { $lt: before },
          subscription_type: /\.(creation|propertyChange)$/,
        },
        done(),
      )
      return modifiedCount
    },

    /** HubSpot refused to read these objects: they are tried again a few times, then given up. */
    async setAside(ids: string[]): Promise<void> {
      await webhookEvents.updateMany({ _id: { $in: ids }, status: 'pending' }, [
        {
          $set: {
            attempts: { $add: ['$attempts', 1] },
            status: { $cond: [{ $gte: ['$attempts', maxAttempts - 1] }, 'failed', 'pending'] },
            processed_at: clock(),
          },
        },
      ])
    },

    /** Puts an event off; @param delayMs `null`: it is given up */
    async postpone(id: string, delayMs: number | null): Promise<void> {
      const now = clock()
      await webhookEvents.updateOne(
        { _id: id, status: 'pending' },
        {
          $inc: { attempts: 1 },
          $set:
            delayMs === null
              ? { status: 'failed', processed_at: now }
              : { not_before: new Date(now.getTime() + delayMs) },
        },
      )
    },

    /** @returns privacy deletions that wait and are due */
    async waitingErasures(owner: InboxOwner): Promise<WebhookEventDocument[]> {
      return await webhookEvents
        .find({
          ...waitingFor(owner),
          ...isDue(),
          subscription_type: 'contact.privacyDeletion',
        })
        .toArray()
    },

    /** @returns partners with events that wait longer than this: their trigger got lost */
    async waitingPartners(olderThan: Date): Promise<ObjectId[]> {
      const events = await webhookEvents
        .find(
          { status: 'pending', received_at: { $lt: olderThan }, ...isDue() },
          { projection: { partner_id: 1 }, sort: { received_at: 1 }, limit: 1000 },
        )
        .toArray()
      return [
        ...new Map(
          events.map(event => [event.partner_id.toHexString(), event.partner_id]),
        ).values(),
      ]
    },

    /**
     * Records that could not be stored are to be read again, as if HubSpot had sent an event.
     * @param results each with another record
     */
    async askAgain(
      results: readonly (RunResultDocument & { hubspot_id: string })[],
    ): Promise<void> {
      const now = clock()
      await webhookEvents.bulkWrite(
        results.map(result => ({
          updateOne: {
            filter: { _id: retryEventId(result) },
            update: { $set: retryEvent(result, now) },
            upsert: true,
          },
        })),
        { ordered: false },
      )
    },

    /** Forgets what is older than a week: handled, given up, or of a disconnected portal. */
    async purge(): Promise<number> {
      const before = new Date(clock().getTime() - retentionMs)
      let removed = 0
      for (const status of ['done', 'failed', 'pending'] as const)
        removed += (await webhookEvents.deleteMany({ status, received_at: { $lt: before } }))
          .deletedCount
      return removed
    },
  }
}
export type EventStore = ReturnType<typeof createEventStore>
