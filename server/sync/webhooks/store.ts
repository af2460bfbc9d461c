import type { ObjectId } from 'mongodb'
import type { Clock } from '../../config/clock'
import { refusedWrites } from '../../database/bulk-errors'
import type { Collections } from '../../database/collections'
import type { WebhookEventDocument } from '../../database/documents'
import { DomainError } from '../../errors'
import type { WebhookEvent } from './parse'

/** What became of a delivery's events: the sum is how many there were. */
export interface StoredEvents {
  stored: number
  duplicate: number
  unknownPortal: number
  /** Whose events were stored */
  partnerIds: ObjectId[]
}

/**
 * Writes the events of many deliveries at once. An event that is there already, or in two of the
 * deliveries, counts as stored.
 */
export function createEventStore({
  collections,
  clock,
}: {
  collections: Pick<Collections, 'partners' | 'webhookEvents'>
  clock: Clock
}) {
  /** @returns the partner that owns each portal now; a disconnected portal is nobody's */
  async function ownersOf(portalIds: string[]): Promise<Map<string, ObjectId>> {
    const owners = await collections.partners
      .find(
        { 'hubspot_integration.portal_id': { $in: portalIds } },
        { projection: { 'hubspot_integration.portal_id': 1, 'hubspot_integration.status': 1 } },
      )
      .toArray()
    return new Map(
      owners.flatMap(({ _id, hubspot_integration: integration }) =>
        integration?.portal_id && integration.status !== 'disconnected'
          ? [[integration.portal_id, _id] as const]
          : [],
      ),
    )
  }

  /**
   * @returns of each document that is not new whether it is there already (`false`) or was not
   *   stored (`true`), by index
   * @throws when nothing is known of them
   */
  async function insert(documents: WebhookEventDocument[]): Promise<Map<number, boolean>> {
    if (documents.length === 0) return new Map()
    try {
      await collections.webhookEvents.insertMany(documents, { ordered: false })
      return new Map()
    } catch (error) {
      return new Map(refusedOf(error).map(one => [one.index, one.code !== 11000]))
    }
  }

  /**
   * Resolves once the events are durable (the collection's write concern).
   * @param deliveries the events of each
   * @returns for each delivery what became of its events, or an error when not all of them are
   *   stored
   * @throws {DomainError} `database_unavailable` when nothing is known, whatever the database or
   *   the driver said: HubSpot sends again
   */
  return async function store(
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

function documentOf(event: WebhookEvent, partnerId: ObjectId, now: Date): WebhookEventDocument {
  return {
    _id: event.id,
    partner_id: partnerId,
    portal_id: event.portalId,
    subscription_type: event.subscriptionType,
    object_type: event.objectType,
    object_id: event.objectId,
    property_name: event.propertyName,
    change_source: event.changeSource,
    occurred_at: event.occurredAt,
    received_at: now,
    related: event.related,
    status: 'pending',
    lease: null,
    attempts: 0,
    processed_at: null,
  }
}
