import { randomBytes, randomUUID } from 'node:crypto'
import type { SimulatorClock } from '../clock'
import { objectTypes, objectTypeNames, type ObjectType } from '../data/object-types'
import type { ChangeEvent } from '../store/events'
import type { RecordView } from '../store/record'
import { passes, type JournalFilter } from './journal-filters'

export interface JournalSubscription {
  id: number
  subscriptionType: 'OBJECT' | 'ASSOCIATION' | 'LIST_MEMBERSHIP' | 'GDPR_PRIVACY_DELETION'
  objectTypeId: string
  portalId: number
  actions: string[]
  /** Empty lists: all of them */
  properties: string[]
  objectIds: number[]
  associatedObjectTypeIds: string[]
  listIds: number[]
  createdAt: number
}

interface SavedFilter {
  id: number
  subscriptionId: number
  filter: JournalFilter
  createdAt: number
}

/** An event as a journal file has it. */
interface JournalEvent {
  type: string
  portalId: number
  occurredAt: string
  action: string
  objectTypeId: string
  objectId: number
  propertyChanges?: Record<string, string | null>
  associatedObjectId?: number
  associatedObjectTypeId?: string
  associationType?: string
  listId?: number
}

interface JournalEntry {
  offset: string
  portalId: number
  publishedAt: number
  events: JournalEvent[]
}

interface SnapshotStatus {
  id: string
  status: 'SUCCESS' | 'FAILED'
  initiatedAt: number
  completedAt: number
  errorCode?: 'VALIDATION_ERROR'
}

/**
 * The webhooks journal: what the subscriptions of each account saw in the last three days, in files
 * (docs/hubspot-platform.md#journal).
 */
export interface Journal {
  subscriptions: JournalSubscription[]
  filters: SavedFilter[]
  snapshots: Map<string, SnapshotStatus>
  nextId(): number
  changed(change: ChangeEvent): void
  listChanged(change: {
    portalId: number
    type: ObjectType
    listId: string
    objectId: string
    isAdded: boolean
  }): void
  add(event: JournalEvent): void
  /** Entries not older than three days, oldest first; what gathered becomes an entry first */
  entries(portalId: number | null): JournalEntry[]
  openLink(entry: JournalEntry): { url: string; expiresAt: number }
  /** The file of a link that is still open */
  fileOf(secret: string): JournalEntry | null
}

export interface JournalDeps {
  clock: SimulatorClock
  isInstalled(portalId: number): boolean
  record(portalId: number, type: ObjectType, id: string): RecordView | null
  url(): string
}

const keptMs = 3 * 86_400_000
const linkMs = 15 * 60_000
const mostEvents = 10_000

const actions: Record<ChangeEvent['kind'], string> = {
  creation: 'CREATE',
  propertyChange: 'UPDATE',
  deletion: 'DELETE',
  merge: 'MERGE',
  restore: 'RESTORE',
  privacyDeletion: 'GDPR_DELETE',
  associationChange: 'ASSOCIATION_ADDED',
}

const isNamed = <T>(list: readonly T[], item: T) => list.length === 0 || list.includes(item)

export function createJournal({ clock, isInstalled, record, url }: JournalDeps): Journal {
  const subscriptions: JournalSubscription[] = []
  const filters: SavedFilter[] = []
  const links = new Map<string, { entry: JournalEntry; until: number }>()
  let entries: JournalEntry[] = []
  const gathered = new Map<number, JournalEvent[]>()
  let lastId = 900_100

  function publish(portalId: number): void {
    const events = gathered.get(portalId) ?? []
    gathered.delete(portalId)
    if (events.length > 0)
      entries.push({ offset: randomUUID(), portalId, publishedAt: clock.now(), events })
  }

  function add(event: JournalEvent): void {
    const events = gathered.get(event.portalId)
    if (events) events.push(event)
    else gathered.set(event.portalId, [event])
    if ((events?.length ?? 0) >= mostEvents) publish(event.portalId)
  }

  /** Once for each subscription that wants it and whose filters the record passes. */
  function tell(
    event: JournalEvent,
    type: ObjectType,
    wanted: (subscription: JournalSubscription) => boolean,
  ): void {
    if (!isInstalled(event.portalId)) return
    const view = record(event.portalId, type, String(event.objectId))
    for (const subscription of subscriptions) {
      if (
        subscription.portalId === event.portalId &&
        subscription.actions.includes(event.action) &&
        isNamed(subscription.objectIds, event.objectId) &&
        wanted(subscription) &&
        filters
          .filter(({ subscriptionId }) => subscriptionId === subscription.id)
          .every(({ filter }) => passes(filter, name => view?.value(name) ?? null))
      )
        add({ ...event, type: subscription.subscriptionType })
    }
  }

  function associated({ association }: ChangeEvent): Partial<JournalEvent> {
    if (!association) return {}
    const [, singular] = association.associationType.split('_TO_')
    const other = objectTypeNames.find(
      type => objectTypes[type].singular.toUpperCase() === singular,
    )
    return {
      action: association.associationRemoved ? 'ASSOCIATION_REMOVED' : 'ASSOCIATION_ADDED',
      associatedObjectId: Number(association.toObjectId),
      associatedObjectTypeId: other ? objectTypes[other].objectTypeId : '',
      associationType: association.associationType,
    }
  }

  return {
    subscriptions,
    filters,
    snapshots: new Map(),
    nextId: () => ++lastId,
    add,
    changed(change) {
      const { portalId, type, kind, objectId, at, property, value } = change
      const event: JournalEvent = {
        type: 'OBJECT',
        portalId,
        occurredAt: new Date(at).toISOString(),
        action: actions[kind],
        objectTypeId: objectTypes[type].objectTypeId,
        objectId: Number(objectId),
        ...(property === undefined ? {} : { propertyChanges: { [property]: value ?? null } }),
        ...associated(change),
      }
      const wantedType =
        kind === 'associationChange'
          ? 'ASSOCIATION'
          : kind === 'privacyDeletion'
            ? 'GDPR_PRIVACY_DELETION'
            : 'OBJECT'
      tell(
        event,
        type,
        subscription =>
          subscription.subscriptionType === wantedType &&
          subscription.objectTypeId === event.objectTypeId &&
          (property === undefined || isNamed(subscription.properties, property)) &&
          (kind !== 'associationChange' ||
            isNamed(subscription.associatedObjectTypeIds, event.associatedObjectTypeId ?? '')),
      )
    },
    listChanged({ portalId, type, listId, objectId, isAdded }) {
      const event: JournalEvent = {
        type: 'LIST_MEMBERSHIP',
        portalId,
        occurredAt: new Date(clock.now()).toISOString(),
        action: isAdded ? 'ADDED_TO_LIST' : 'REMOVED_FROM_LIST',
        objectTypeId: objectTypes[type].objectTypeId,
        objectId: Number(objectId),
        listId: Number(listId),
      }
      tell(
        event,
        type,
        ({ subscriptionType, listIds }) =>
          subscriptionType === 'LIST_MEMBERSHIP' && isNamed(listIds, Number(listId)),
      )
    },
    entries(portalId) {
      for (const one of [...gathered.keys()]) publish(one)
      entries = entries.filter(({ publishedAt }) => clock.now() - publishedAt < keptMs)
      return entries.filter(entry => portalId === null || entry.portalId === portalId)
    },
    openLink(entry) {
      const secret = randomBytes(24).toString('base64url')
      const until = clock.now() + linkMs
      links.set(secret, { entry, until })
      return { url: `${url()}/journaled/${secret}`, expiresAt: until }
    },
    fileOf(secret) {
      const link = links.get(secret)
      return link && clock.now() < link.until ? link.entry : null
    },
  }
}
