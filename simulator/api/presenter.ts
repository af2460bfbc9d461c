import { hubspotTime } from '../clock'
import { objectTypes, type ObjectType } from '../data/object-types'
import { uiDomain } from '../data/portals'
import { defaultSettings, type SimulatorSettings } from '../settings'
import type { RecordView } from '../store/record'
import type { Portal } from '../store/portal'
import { tieIn, typesOfTie } from './association-types'

/** The values that properties have had, newest first. Unknown names are left out in silence. */
export function histories(
  portal: Portal,
  type: ObjectType,
  record: RecordView,
  names: readonly string[],
): Record<string, unknown> {
  return Object.fromEntries(
    names
      .filter(name => portal.property(type, name))
      .map(name => [
        name,
        record.versions(name).map(({ value, at, source }) => ({
          value,
          timestamp: hubspotTime(at),
          sourceType: source.changeSource,
          sourceId: source.sourceId,
        })),
      ]),
  )
}

/**
 * A record as the API shows it.
 * @param names properties asked for; none: the object's default ones. Unknown names are left out in
 *   silence.
 * @param withAssociations types whose ids to list along
 */
export function present(
  portal: Portal,
  type: ObjectType,
  record: RecordView,
  names: readonly string[],
  withAssociations: readonly ObjectType[] = [],
  { associationPageSize }: Pick<SimulatorSettings, 'associationPageSize'> = defaultSettings,
): Record<string, unknown> {
  const known =
    names.length === 0
      ? objectTypes[type].shown
      : [
          ...new Set([
            ...names.filter(name => portal.property(type, name)),
            'createdate',
            'hs_object_id',
            objectTypes[type].modified,
          ]),
        ].sort()
  const properties = Object.fromEntries(known.map(name => [name, record.value(name)]))
  return {
    id: record.id,
    properties,
    createdAt: hubspotTime(record.createdAt),
    updatedAt: hubspotTime(record.updatedAt),
    archived: record.archivedAt !== null,
    ...(record.archivedAt === null ? {} : { archivedAt: hubspotTime(record.archivedAt) }),
    ...associationsOf(portal, type, record, withAssociations, associationPageSize),
    url: `https://${uiDomain(portal.description)}/contacts/${portal.description.id}/record/${objectTypes[type].objectTypeId}/${record.id}`,
  }
}

/** A custom object stands among associations with the account's number. */
function fullName(portal: Portal, type: ObjectType): string {
  const schema = portal.schemas.get(type)
  return schema ? `p${portal.description.id}_${schema.name}` : type
}

function associationsOf(
  portal: Portal,
  type: ObjectType,
  record: RecordView,
  wanted: readonly ObjectType[],
  pageSize: number,
): { associations?: unknown } {
  const shown = wanted.flatMap(to => {
    const ids = tieIn(portal, type, to) ? portal.associated(type, record.index, to) : []
    if (ids.length === 0) return []
    const following = ids[pageSize]
    const results = ids.slice(0, pageSize).flatMap(id => namedTies(portal, type, record.id, to, id))
    const paging = { next: { after: following, link: '' } }
    const name = fullName(portal, to)
    return [[name, { results, ...(following === undefined ? {} : { paging }) }] as const]
  })
  return shown.length === 0 ? {} : { associations: Object.fromEntries(shown) }
}

/**
 * An association as v3 shows it: by name, one entry for each type it has. A primary company has two.
 */
export const namedTies = (
  portal: Portal,
  from: ObjectType,
  id: string,
  to: ObjectType,
  toId: string,
): { id: string; type: string }[] =>
  typesOfTie(portal, from, id, to, toId).map(({ name }) => ({ id: toId, type: name }))

/** An association as v4 and the dated versions show it; `toObjectId` is a number here alone. */
export const labelledTie = (
  portal: Portal,
  from: ObjectType,
  id: string,
  to: ObjectType,
  toId: string,
) => ({
  toObjectId: Number(toId),
  associationTypes: typesOfTie(portal, from, id, to, toId).map(({ category, typeId, label }) => ({
    category,
    typeId,
    label,
  })),
})
