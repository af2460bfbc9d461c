import { objectTypes, tiedTo, type ObjectType } from '../data/object-types'
import type { Place } from './associations'
import type { ChangeSource } from './events'
import type { RecordView } from './record'
import type { Portal } from './portal'

export interface ChangeContext {
  source: ChangeSource
  /** When it happened; left out: now */
  at?: number
}

/** Creates a record from checked values (validation.ts) and tells the webhooks. */
export function createRecord(
  portal: Portal,
  type: ObjectType,
  values: Record<string, string | null>,
  { source, at = portal.clock.now() }: ChangeContext,
): RecordView {
  const record = portal.store(type).create(values, at, source)
  portal.emit({ type, kind: 'creation', objectId: record.id, at, source })
  // A new record's first values are property changes to HubSpot too.
  for (const [property, value] of Object.entries(values)) {
    if (value !== null)
      portal.emit({
        type,
        kind: 'propertyChange',
        objectId: record.id,
        at,
        source,
        property,
        value,
      })
  }
  return record
}

/**
 * Writes checked values. Values that are there already change nothing, the modification date
 * included.
 */
export function updateRecord(
  portal: Portal,
  type: ObjectType,
  record: RecordView,
  values: Record<string, string | null>,
  { source, at = portal.clock.now() }: ChangeContext,
): RecordView {
  const changed = Object.entries(values).filter(
    ([property, value]) => record.value(property) !== value,
  )
  if (changed.length === 0) return record
  const store = portal.store(type)
  store.put(record.index, { properties: Object.fromEntries(changed), updatedAt: at, source })
  for (const [property, value] of changed) {
    portal.emit({
      type,
      kind: 'propertyChange',
      objectId: record.id,
      at,
      source,
      property,
      value: value ?? '',
    })
  }
  return store.view(record.index) ?? record
}

/** Moves a record to the recycle bin. */
export function archiveRecord(
  portal: Portal,
  type: ObjectType,
  record: RecordView,
  { source, at = portal.clock.now() }: ChangeContext,
): void {
  if (record.archivedAt !== null) return
  portal.store(type).put(record.index, { archivedAt: at, updatedAt: at })
  portal.emit({ type, kind: 'deletion', objectId: record.id, at, source })
}

export function restoreRecord(
  portal: Portal,
  type: ObjectType,
  record: RecordView,
  { source, at = portal.clock.now() }: ChangeContext,
): void {
  if (record.archivedAt === null) return
  // The values too: the unique ones become findable again.
  const email = type === 'contacts' ? { properties: { email: record.value('email') } } : {}
  portal.store(type).put(record.index, { archivedAt: null, updatedAt: at, ...email })
  portal.emit({ type, kind: 'restore', objectId: record.id, at, source })
}

/** Deletes a person's data for good, as the GDPR asks. HubSpot tells it twice. */
export function eraseContact(
  portal: Portal,
  record: RecordView,
  { source, at = portal.clock.now() }: ChangeContext,
): void {
  const emptied = Object.fromEntries(portal.properties.contacts.map(({ name }) => [name, null]))
  portal.contacts.put(record.index, { gone: 'erased', updatedAt: at, properties: emptied })
  for (const kind of ['privacyDeletion', 'deletion'] as const) {
    portal.emit({ type: 'contacts', kind, objectId: record.id, at, source })
  }
}

/**
 * Merges `loser` into `primary`: its values fill the primary's gaps, its associations move, its
 * address stays as an additional one. With `asNewRecord` the outcome is a third record and both go,
 * as newer portals do it.
 * @returns the record that is left
 */
export function mergeRecords(
  portal: Portal,
  type: ObjectType,
  primary: RecordView,
  loser: RecordView,
  context: ChangeContext & { asNewRecord?: boolean },
): RecordView {
  const { source, at = portal.clock.now(), asNewRecord = false } = context
  const store = portal.store(type)
  const moved: Record<string, string | null> = {}
  const combined: Record<string, string | null> = {}
  for (const { name, modificationMetadata } of portal.properties[type]) {
    if (modificationMetadata.readOnlyValue) continue
    const value = primary.value(name) ?? loser.value(name)
    if (value === null) continue
    combined[name] = value
    if (primary.value(name) === null) moved[name] = value
  }
  const mergedIds = [
    primary.value('hs_merged_object_ids'),
    loser.value('hs_merged_object_ids'),
    loser.id,
    asNewRecord ? primary.id : null,
  ]
  const kept: Record<string, string | null> = {
    hs_merged_object_ids: mergedIds.filter(ids => ids !== null).join(';'),
  }
  if (type === 'contacts') {
    const addresses = [
      primary.value('hs_additional_emails'),
      loser.value('hs_additional_emails'),
      moved.email ? null : loser.value('email'),
    ]
      .filter(list => list !== null)
      .join(';')
    if (addresses) kept.hs_additional_emails = addresses
  }

  store.put(loser.index, { gone: 'merged', updatedAt: at })
  if (asNewRecord) store.put(primary.index, { gone: 'merged', updatedAt: at })
  const winner = asNewRecord
    ? store.create({ ...combined, ...kept }, at)
    : viewAfter(portal, type, primary.index, { properties: { ...moved, ...kept }, updatedAt: at })
  for (const gone of asNewRecord ? [primary, loser] : [loser]) {
    store.put(gone.index, { mergedInto: winner.index })
    for (const to of tiedTo(type))
      for (const index of portal.associations.inOrder(type, gone.index, to)) {
        const [lost, left] = [gone, winner].map(record => placeOf({ type, record }))
        const other = { type: to, index }
        if (!lost || !left) continue
        const labels = [left, lost].flatMap(place => portal.labels.between(place, other))
        portal.associations.remove(lost, other)
        portal.associations.add(left, other)
        portal.labels.set(lost, other, [])
        portal.labels.set(
          left,
          other,
          labels.map(({ typeId }) => typeId),
        )
      }
  }
  for (const address of kept.hs_additional_emails?.split(';') ?? [])
    portal.additionalEmails.set(address, winner.index)

  const merge = {
    primaryObjectId: primary.id,
    mergedObjectIds: [loser.id],
    newObjectId: winner.id,
    numberOfPropertiesMoved: Object.keys(moved).length,
  }
  portal.emit({ type, kind: 'merge', objectId: winner.id, at, source, merge })
  for (const [property, value] of Object.entries(moved)) {
    if (value !== null)
      portal.emit({
        type,
        kind: 'propertyChange',
        objectId: winner.id,
        at,
        source,
        property,
        value,
      })
  }
  return winner
}

/** A record with its kind. */
export interface Typed {
  type: ObjectType
  record: RecordView
}

export const placeOf = ({ type, record: { index } }: Typed): Place => ({ type, index })

/**
 * Associates two records, or takes that back. Neither's modification date moves. Told for both
 * sides.
 */
export function changeAssociation(
  portal: Portal,
  one: Typed,
  other: Typed,
  removed: boolean,
  { source, at = portal.clock.now() }: ChangeContext,
): void {
  const change = removed ? portal.associations.remove : portal.associations.add
  if (!change(placeOf(one), placeOf(other))) return
  if (removed) portal.labels.set(placeOf(one), placeOf(other), [])
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const)
    portal.emit({
      type: from.type,
      kind: 'associationChange',
      objectId: from.record.id,
      at,
      source,
      association: {
        associationType: [from, to]
          .map(({ type }) => objectTypes[type].singular.toUpperCase())
          .join('_TO_'),
        fromObjectId: from.record.id,
        toObjectId: to.record.id,
        associationRemoved: removed,
      },
    })
}

function viewAfter(
  portal: Portal,
  type: ObjectType,
  index: number,
  change: Parameters<ReturnType<Portal['store']>['put']>[1],
): RecordView {
  const store = portal.store(type)
  store.put(index, change)
  const view = store.view(index)
  if (!view) throw new Error(`record ${index} of ${type} is gone`)
  return view
}
