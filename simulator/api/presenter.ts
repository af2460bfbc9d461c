import { hubspotTime } from '../clock'
import type { ObjectType } from '../data/base'
import { defaultShown } from '../data/properties'
import { uiDomain } from '../data/portals'
import { defaultSettings, type SimulatorSettings } from '../settings'
import type { RecordView } from '../store/record'
import { otherType, type Portal } from '../store/portal'

export const objectTypeIds: Record<ObjectType, string> = { contacts: '0-1', deals: '0-3' }

/** Association type ids from the named object to the other one. */
export const associationTypeIds: Record<ObjectType, number> = { contacts: 4, deals: 3 }

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
      ? defaultShown[type]
      : [
          ...new Set([...names.filter(name => portal.property(type, name)), ...alwaysShown[type]]),
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
    url: `https://${uiDomain(portal.description)}/contacts/${portal.description.id}/record/${objectTypeIds[type]}/${record.id}`,
  }
}

const alwaysShown: Record<ObjectType, readonly string[]> = {
  contacts: ['createdate', 'hs_object_id', 'lastmodifieddate'],
  deals: ['createdate', 'hs_lastmodifieddate', 'hs_object_id'],
}

function associationsOf(
  portal: Portal,
  type: ObjectType,
  record: RecordView,
  wanted: readonly ObjectType[],
  pageSize: number,
): { associations?: unknown } {
  const other = otherType[type]
  if (!wanted.includes(other)) return {}
  const ids = portal.associated(type, record.index)
  if (ids.length === 0) return {}
  const label = type === 'contacts' ? 'contact_to_deal' : 'deal_to_contact'
  const page = ids.slice(0, pageSize)
  const following = ids[pageSize]
  return {
    associations: {
      [other]: {
        results: page.map(id => ({ id, type: label })),
        ...(following === undefined ? {} : { paging: { next: { after: following, link: '' } } }),
      },
    },
  }
}
