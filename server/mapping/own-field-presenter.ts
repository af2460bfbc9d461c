import type { DeletedField, Field, FieldList, FieldLoss } from '#shared/contracts/fields'
import type { OwnFieldDocument } from '../database/documents'
import type { StoredField } from './repository'

/** @returns how the field is mapped, if it is */
export function entryOf(
  entries: readonly StoredField[],
  { object, key }: Pick<OwnFieldDocument, 'object' | 'key'>,
): StoredField | undefined {
  return entries.find(entry => entry.object === object && entry.field === key)
}

/** What leaves the server of a field. */
export function presentField(field: OwnFieldDocument, entries: readonly StoredField[]): Field {
  const entry = entryOf(entries, field)
  return {
    id: field._id.toHexString(),
    object: field.object,
    key: field.key,
    label: field.label,
    type: field.type,
    options: field.options,
    property: entry?.property ?? null,
    direction: entry?.direction ?? field.direction,
    policy: entry?.policy ?? field.policy,
  }
}

/** All fields of a partner, those apart that are deleted and can still be taken back. */
export function presentFields(
  all: readonly OwnFieldDocument[],
  entries: readonly StoredField[],
  { now, restorableMs }: { now: Date; restorableMs: number },
): FieldList {
  const items = all.filter(field => field.deleted_at === null)
  const deleted = all.flatMap((field): DeletedField[] => {
    if (field.deleted_at === null) return []
    const until = new Date(field.deleted_at.getTime() + restorableMs)
    if (until <= now) return []
    return [
      {
        ...presentField(field, entries),
        property: field.deleted_property,
        deletedAt: field.deleted_at.toISOString(),
        restorableUntil: until.toISOString(),
      },
    ]
  })
  return {
    items: items.map(field => presentField(field, entries)),
    nextCursor: null,
    total: items.length,
    deleted,
  }
}

/** What deleting a field takes away, in words too. */
export function presentLoss(
  field: Field,
  { records, isDeleted, until }: { records: number; isDeleted: boolean; until: Date },
): FieldLoss {
  const had = `${records} ${field.object}${records === 1 ? '' : 's'}`
  const day = until.toISOString().slice(0, 10)
  return {
    field,
    records,
    deleted: isDeleted,
    restorableUntil: until.toISOString(),
    message: isDeleted
      ? `“${field.label}” is deleted. ${had} had a value. It can be taken back until ${day}.`
      : `${had} would lose their value of “${field.label}”. HubSpot keeps its values. The field can be taken back until ${day}.`,
  }
}
