import type { ObjectId } from 'mongodb'
import type { Clock } from '../../config/clock'
import { refusedWrites } from '../../database/bulk-errors'
import type { Collections } from '../../database/collections'
import { connectedPortalOf } from '../../database/connected-portal'
import type { RunResultDocument, WebhookEventDocument } from '../../database/documents'
import { DomainError } from '../../errors'
import { documentOf, retryEvent, retryEventId } from './event-document'
import { createGroupCommit } from './group-commit'
import type { WebhookEvent } from './parse'

/**
 * HubSpot waits five seconds for an answer. A database that is slower than this counts as away, and
 * HubSpot sends again, ms
 */
const answerWithinMs = 4000
/** A write that takes longer than this no longer holds up the next ones, ms */
const giveUpMs = 3 * answerWithinMs
/** Events in one write. Larger writes would delay small deliveries that come next. */
const groupSize = 500
/** Events that wait in memory for the database at most */
const maxWaiting = 10_000
/** An object that HubSpot keeps refusing to read is given up after so many tries */
const maxAttempts = 5
const retentionMs = 7 * 24 * 60 * 60 * 1000

/** What became of a delivery's events: the sum is how many there were. */
export interface StoredEvents {
  stored: number
  duplicate: number
  unknownPortal: number
  /** Whose events were stored */
  partnerIds: ObjectId[]
}

/** A partner's connected portal: whose events are meant */
export interface InboxOwner {
  partnerId: ObjectId
  portalId: string
}

/** The inbox: HubSpot's events from their arrival until they are forgotten. */
export function createEventStore({
  collections,
  clock,
}: {
  collections: Pick<Collections, 'partners' | 'webhookEvents'>
  clock: Clock
}) {
  const { partners, webhookEvents } = collections
  const done = () => ({ $set: { status: 'done' as const, processed_at: clock() } })
  const waitingFor = ({ partnerId, portalId }: InboxOwner) => ({
    portal_id: portalId,
    status: 'pending' as const,
    partner_id: partnerId,
  })

  /** @returns the partner that owns each portal now; a disconnected portal has no owner */
  async function ownersOf(portalIds: string[]): Promise<Map<string, ObjectId>> {
    const owners = await partners
      .find(
        { 'hubspot_integration.portal_id': { $in: portalIds } },
        { projection: { 'hubspot_integration.portal_id': 1, 'hubspot_integration.status': 1 } },
      )
      .toArray()
    return new Map(
      owners.flatMap(({ _id, hubspot_integration }) => {
        const portalId = connectedPortalOf(hubspot_integration)
        return portalId ? [[portalId, _id] as const] : []
      }),
    )
  }

  /**
   * @returns by index, for each document that is not new: `false` when it is there already, `true`
   *   when it was not stored
   * @throws {DomainError} `database_unavailable` when nothing is known of them
   */
  async function insert(documents: WebhookEventDocument[]): Promise<Map<number, boolean>> {
    if (documents.length === 0) return new Map()
    try {
      await webhookEvents.insertMany(documents, { ordered: false })
      return new Map()
    } catch (error) {
      return new Map(refusedOf(error).map(one => [one.index, one.code !== 11000]))
    }
  }

  /**
   * Writes the events of many deliveries at once. An event that is there already, or in two of the
   * deliveries, counts as stored.
   * @param deliveries the events of each
   * @returns for each delivery what became of its events, or an error when not all of them are
   *   stored
   * @throws {DomainError} `database_unavailable` when nothing is known, whatever the database or
   *   the driver said: HubSpot sends again
   */
  async function writeDeliveries(
    deliveries: readonly (readonly WebhookEvent[])[],
  ): Promise<(StoredEvents | DomainError)[]> {
    const owners = await ownersOf([
      ...new Set(deliveries.flatMap(events => events.map(event => event.portalId))),
    ]).catch((cause: unknown) => {
      throw notStored(cause)
    })
    const now = clock()
    const documents: WebhookEventDocument[] = []
    const spans = deliveries.map(events => {
      const from = documents.length
      for (const event of events) {
        const partnerId = owners.get(event.portalId)
        if (partnerId) documents.push(documentOf(event, partnerId, now))
      }
      return { from, to: documents.length, events: events.length }
    })
    const notNew = await insert(documents)
    return spans.map(({ from, to, events }) => {
      let duplicate = 0
      for (let index = from; index < to; index++) {
        const isMissing = notNew.get(index)
        if (isMissing) return notStored()
        if (isMissing === false) duplicate += 1
      }
      const partnerIds = new Map(
        documents.slice(from, to).map(document => [document.portal_id, document.partner_id]),
      )
      return {
        stored: to - from - duplicate,
        duplicate,
        unknownPortal: events - (to - from),
        partnerIds: [...partnerIds.values()],
      }
    })
  }

  const commit = createGroupCommit<WebhookEvent, StoredEvents>({
    write: writeDeliveries,
    groupSize,
    maxWaiting,
    maxWaitMs: answerWithinMs,
    giveUpMs,
  })

  return {
    /**
     * Stores the events of one delivery. Deliveries that arrive at the same time share one write.
     * Resolves once the events are durable (the collection's write concern).
     * @throws {DomainError} `database_unavailable`: HubSpot sends again
     */
    append: commit.add,

    /** @returns the oldest events that wait */
    async pending(owner: InboxOwner, limit: number): Promise<WebhookEventDocument[]> {
      return await webhookEvents
        .find(waitingFor(owner))
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

    async markDone(ids: string[]): Promise<void> {
      await webhookEvents.updateMany({ _id: { $in: ids }, status: 'pending' }, done())
    },

    /**
     * A search has read every change: events that only told of changes, and came before it, are
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

    /** @returns privacy deletions that wait, `null` when there are none */
    async waitingErasures(
      owner: InboxOwner,
    ): Promise<{ ids: string[]; contactIds: string[] } | null> {
      const events = await webhookEvents
        .find({ ...waitingFor(owner), subscription_type: 'contact.privacyDeletion' })
        .toArray()
      if (events.length === 0) return null
      return {
        ids: events.map(event => event._id),
        contactIds: [...new Set(events.map(event => event.object_id))],
      }
    },

    /** @returns partners with events that wait longer than this: their trigger got lost */
    async waitingPartners(olderThan: Date): Promise<ObjectId[]> {
      const events = await webhookEvents
        .find(
          { status: 'pending', received_at: { $lt: olderThan } },
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

/** @throws {DomainError} when nothing is known of the writes */
function refusedOf(error: unknown) {
  try {
    return refusedWrites(error).refused
  } catch (cause) {
    throw notStored(cause)
  }
}

function notStored(cause?: unknown): DomainError {
  return new DomainError('database_unavailable', 'The events could not be stored.', {
    cause,
    retryAfterSeconds: 5,
  })
}
