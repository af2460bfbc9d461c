import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { objectTypes, type ObjectType } from '../data/object-types'
import { objectTypeOf } from '../api/paths'
import type { ChangeEvent, ChangeKind } from '../store/events'

export type RandomId = () => number

/** What the app wants to hear of. Property changes name one property; there is no wildcard. */
export interface Subscription {
  id: number
  type: ObjectType
  kind: ChangeKind
  property?: string
  /** `object.creation` with an `objectTypeId`, or `contact.creation` as older apps have it */
  shape: 'generic' | 'classic'
  active: boolean
}

/** An event as it is sent: ids are numbers here, strings in the API. */
export type WebhookEvent = Record<string, unknown> & { portalId: number; attemptNumber: number }

const kinds: ReadonlySet<string> = new Set<ChangeKind>([
  'creation',
  'deletion',
  'merge',
  'restore',
  'associationChange',
  'privacyDeletion',
  'propertyChange',
])

/** One line of a project's webhooks component (docs/hubspot-platform.md#project-files). */
interface ProjectSubscription {
  subscriptionType: string
  objectType?: string
  propertyName?: string
  active?: boolean
}

/**
 * The subscription that a type such as `object.creation` or `deal.associationChange` names; generic
 * ones say in `objectType` of which object.
 * @returns null where HubSpot has no such type, or the simulator no such object
 */
export function subscriptionOf(
  id: number,
  { subscriptionType, objectType, propertyName, active = true }: ProjectSubscription,
): Subscription | null {
  const [prefix = '', kind = ''] = subscriptionType.split('.')
  const shape = prefix === 'object' ? 'generic' : 'classic'
  const type = objectTypeOf(shape === 'generic' ? objectType : prefix)
  if (!type || !kinds.has(kind)) return null
  return {
    id,
    type,
    kind: kind as ChangeKind,
    shape,
    active,
    ...(propertyName === undefined ? {} : { property: propertyName }),
  }
}

const firstId = 686_601

/**
 * Subscriptions of a HubSpot project, from its `webhooks-hsmeta.json`: generic and classic ones
 * side by side.
 * @throws when the file is not there or is no such component
 */
export function projectSubscriptions(file: string): Subscription[] {
  const { config } = JSON.parse(readFileSync(file, 'utf8')) as {
    config: { subscriptions: Record<string, ProjectSubscription[]> }
  }
  const { crmObjects = [], legacyCrmObjects = [], hubEvents = [] } = config.subscriptions
  return [...crmObjects, ...legacyCrmObjects, ...hubEvents].flatMap(
    (line, index) => subscriptionOf(firstId + index, line) ?? [],
  )
}

/** The project beside the simulator: what an upload of it would subscribe to. */
export const ownProject = fileURLToPath(
  new URL('../../hubspot-app/src/app/webhooks/webhooks-hsmeta.json', import.meta.url),
)

/** @returns the events this change makes: one for each subscription it meets */
export function eventsOf(
  change: ChangeEvent,
  subscriptions: readonly Subscription[],
  appId: number,
  shape: 'subscribed' | 'classic' | 'generic',
  randomId: RandomId,
): WebhookEvent[] {
  return subscriptions
    .filter(
      ({ type, kind, property, active }) =>
        active && type === change.type && kind === change.kind && property === change.property,
    )
    .map(subscription => ({
      eventId: randomId(),
      subscriptionId: subscription.id,
      portalId: change.portalId,
      appId,
      occurredAt: change.at,
      ...typeOf(change, shape === 'subscribed' ? subscription.shape : shape),
      attemptNumber: 0,
      ...change.source,
      ...detailsOf(change),
    }))
}

function typeOf({ type, kind }: ChangeEvent, shape: 'classic' | 'generic') {
  // Privacy deletions are hub events: there is no generic form of them.
  if (shape === 'classic' || kind === 'privacyDeletion')
    return { subscriptionType: `${objectTypes[type].singular}.${kind}` }
  return { subscriptionType: `object.${kind}`, objectTypeId: objectTypes[type].objectTypeId }
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
