import { createHash } from 'node:crypto'
import type { ObjectType } from '../../hubspot/crm-types'

/** The parts of HubSpot's event that tell it apart from others. */
interface EventIdentity {
  portalId: string
  /** Epoch milliseconds */
  occurredAt: number
  eventId?: string | null
  propertyName?: string | null
  propertyValue?: string | number | boolean | null
  primaryObjectId?: string | null
  mergedObjectIds?: string[] | null
  newObjectId?: string | null
  fromObjectId?: string | null
  toObjectId?: string | null
  associationType?: string | null
  associationRemoved?: boolean | null
}

/**
 * What makes an event the same event: portal, subscription type, object, property, event id,
 * occurred at, and a hash of what else tells events apart. HubSpot's retries of a delivery get the
 * same id, so an event is stored once.
 */
export function compositeId(
  event: EventIdentity,
  subscriptionType: string,
  objectType: ObjectType,
  objectId: string,
): string {
  const rest = JSON.stringify([
    event.propertyValue ?? null,
    event.primaryObjectId ?? null,
    event.mergedObjectIds ?? null,
    event.newObjectId ?? null,
    event.fromObjectId ?? null,
    event.toObjectId ?? null,
    event.associationType ?? null,
    event.associationRemoved ?? null,
  ])
  const hash = createHash('sha256').update(rest).digest('base64url').slice(0, 16)
  return [
    event.portalId,
    subscriptionType,
    `${objectType}/${objectId}`,
    event.propertyName ?? '',
    event.eventId ?? '',
    event.occurredAt,
    hash,
  ]
    .map(part => encodeURIComponent(part))
    .join('|')
}
