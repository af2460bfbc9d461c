import type { ObjectType } from '../data/base'
import type { ChangeEvent, ChangeKind } from '../store/events'

export type RandomId = () => number

/** What the app wants to hear of. Property changes name one property; there is no wildcard. */
export interface Subscription {
  id: number
  type: ObjectType
  kind: ChangeKind
  property?: string
}

/** An event as it is sent: ids are numbers here, strings in the API. */
export type WebhookEvent = Record<string, unknown> & { portalId: number; attemptNumber: number }

const subscribedProperties: Record<ObjectType, readonly string[]> = {
  contacts: ['email', 'firstname', 'lastname', 'phone', 'company', 'jobtitle', 'lifecyclestage'],
  deals: ['dealname', 'amount', 'dealstage', 'pipeline', 'closedate', 'deal_currency_code'],
}

/**
 * Subscriptions of an app that follows the properties ours maps, and everything that happens to
 * records as a whole.
 */
export function defaultSubscriptions(): Subscription[] {
  let id = 686_600
  const kinds: ChangeKind[] = ['creation', 'deletion', 'merge', 'restore', 'associationChange']
  const subscriptions: Subscription[] = []
  for (const type of ['contacts', 'deals'] as const) {
    for (const kind of kinds) subscriptions.push({ id: ++id, type, kind })
    for (const property of subscribedProperties[type])
      subscriptions.push({ id: ++id, type, kind: 'propertyChange', property })
  }
  return [...subscriptions, { id: ++id, type: 'contacts', kind: 'privacyDeletion' }]
}

/** @returns the events this change makes: one for each subscription it meets */
export function eventsOf(
  change: ChangeEvent,
  subscriptions: readonly Subscription[],
  appId: number,
  shape: 'classic' | 'generic',
  randomId: RandomId,
): WebhookEvent[] {
  return subscriptions
    .filter(
      ({ type, kind, property }) =>
        type === change.type && kind === change.kind && property === change.property,
    )
    .map(({ id }) => ({
      eventId: randomId(),
      subscriptionId: id,
      portalId: change.portalId,
      appId,
      occurredAt: change.at,
      ...typeOf(change, shape),
      attemptNumber: 0,
      ...change.source,
      ...detailsOf(change),
    }))
}

function typeOf({ type, kind }: ChangeEvent, shape: 'classic' | 'generic') {
  // Privacy deletions are hub events: there is no generic form of them.
  if (shape === 'classic' || kind === 'privacyDeletion')
    return { subscriptionType: `${type.slice(0, -1)}.${kind}` }
  return { subscriptionType: `object.${kind}`, objectTypeId: type === 'contacts' ? '0-1' : '0-3' }
}

function detailsOf({
  kind,
  objectId,
  property,
  value,
  merge,
  association,
}: ChangeEvent): Record<string, unknown> {
  if (association) {
    // No `objectId` here: the change belongs to two records.
    return {
      associationType: association.associationType,
      fromObjectId: Number(association.fromObjectId),
      toObjectId: Number(association.toObjectId),
      associationRemoved: association.associationRemoved,
      isPrimaryAssociation: false,
    }
  }
  if (merge) {
    return {
      objectId: Number(objectId),
      primaryObjectId: Number(merge.primaryObjectId),
      mergedObjectIds: merge.mergedObjectIds.map(Number),
      newObjectId: Number(merge.newObjectId),
      numberOfPropertiesMoved: merge.numberOfPropertiesMoved,
    }
  }
  if (kind === 'propertyChange')
    return { objectId: Number(objectId), propertyName: property, propertyValue: value }
  const changeFlag = { creation: 'NEW', deletion: 'DELETED', restore: 'RESTORED' }[kind as string]
  return { objectId: Number(objectId), ...(changeFlag ? { changeFlag } : {}) }
}
