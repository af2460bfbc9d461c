import type { ObjectId } from 'mongodb'
import type { Clock } from '../../config/clock'
import { refusedWrites } from '../../database/bulk-errors'
import type { Collections } from '../../database/collections'
import { partnersOfPortals } from '../../database/connected-portal'
import type { WebhookEventDocument } from '../../database/documents'
import { DomainError } from '../../errors'
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
/** What became of a delivery's events: the sum is how many there were. */
export interface StoredEvents {
  stored: number
  duplicate: number
  unknownPortal: number
  /** Whose events were stored */
  partnerIds: ObjectId[]
}

/** The write side of the inbox: which partner owns an event, and one durable write for many. */
export function createAppend({
  collections: { partners, webhookEvents },
  clock,
}: {
  collections: Pick<Collections, 'partners' | 'webhookEvents'>
  clock: Clock
}) {
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
    const owners = await partnersOfPortals(partners, [
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

  return commit.add
}

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

/** An event of HubSpot's as the inbox holds it. */
function documentOf(event: WebhookEvent, partnerId: ObjectId, now: Date): WebhookEventDocument {
  return {
    _id: event.id,
    partner_id: partnerId,
    portal_id: event.portalId,
    subscription_type: event.subscriptionType,
    object_type: event.objectType,
    object_id: event.objectId,
    occurred_at: event.occurredAt,
    received_at: now,
    related: event.related,
    status: 'pending',
    attempts: 0,
    processed_at: null,
  }
}
