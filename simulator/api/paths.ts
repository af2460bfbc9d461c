import { objectTypeNames, objectTypes, type ObjectType } from '../data/object-types'
import type { Portal } from '../store/portal'
import { liveSchema } from '../store/schemas'

/** A path of the API without its version, whichever family it was of. */
export interface ApiPath {
  api:
    | 'objects'
    | 'associations'
    | 'properties'
    | 'pipelines'
    | 'owners'
    | 'contacts'
    | 'lists'
    | 'account-info'
    | 'appinstalls'
    | 'schemas'
    | 'exports'
  /** `v3`, `v4` or a date */
  version: string
  rest: string[]
}

const datedVersions = ['2025-09', '2026-03', '2026-09']
/** APIs that stand under `/crm`, whether by a date or by v3 */
const crmApis = [
  'objects',
  'associations',
  'properties',
  'pipelines',
  'owners',
  'lists',
  'exports',
] as const

/**
 * Which APIs exist under a legacy version: v3 has associations by name, v4 by type, and of the
 * objects their associations alone.
 */
const legacyApis: Record<string, readonly string[]> = {
  v3: [...crmApis, 'schemas'],
  v4: ['objects', 'associations'],
}

/** @returns null for what is no path of the API */
export function parseApiPath(path: string): ApiPath | null {
  const [first = '', second = '', third = '', ...more] = path
    .split('/')
    .filter(piece => piece !== '')
  if (first === 'crm') {
    if (legacyApis[second]?.includes(third))
      return { api: third as ApiPath['api'], version: second, rest: more }
    // The OpenAPI files have the labels of v4 there, the SDK under /crm/v4/associations.
    if (second === 'associations' && third === 'v4')
      return { api: second, version: third, rest: more }
    const api = crmApis.find(name => name === second)
    return api && datedVersions.includes(third) ? { api, version: third, rest: more } : null
  }
  const isSchemas = first === 'crm-object-schemas' && third === 'schemas'
  if (isSchemas && (second === 'v3' || datedVersions.includes(second)))
    return { api: third, version: second, rest: more }
  if (first === 'contacts' && second === 'v1')
    return { api: 'contacts', version: 'v1', rest: [third, ...more] }
  if (
    (first === 'account-info' || first === 'appinstalls') &&
    (second === 'v3' || datedVersions.includes(second))
  ) {
    return { api: first, version: second, rest: [third, ...more] }
  }
  return null
}

const otherObjects =
  /^(tickets?|products?|line_items?|quotes?|calls?|emails?|meetings?|notes?|tasks?|communications?|postal_mail|leads?|goal_targets?|0-\d+|2-\d+|p\w+_\w+)$/

/** Whether HubSpot has an object of this name, be it unknown here. */
export const isObjectName = (name: string) => otherObjects.test(name)

/**
 * `contacts`, `contact` and `0-1` are the same to HubSpot; a custom object of the portal has its
 * name, `p_name`, `p{portal}_name` and its number. Null for objects that are not there.
 * @param portal left out: a custom object is known by its number alone
 */
export const objectTypeOf = (
  name: string | undefined,
  portal?: Pick<Portal, 'schemas' | 'description'>,
): ObjectType | null =>
  objectTypeNames.find(type => {
    const { singular, objectTypeId, isCustom } = objectTypes[type]
    if (!isCustom) return name === type || name === singular || name === objectTypeId
    if (!portal) return name === objectTypeId
    const own = liveSchema(portal.schemas, type)?.name
    return (
      own !== undefined &&
      [own, `p_${own}`, `p${portal.description.id}_${own}`, objectTypeId].includes(name ?? '')
    )
  }) ?? null
