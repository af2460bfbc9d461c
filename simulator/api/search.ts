import { objectTypes, type ObjectType } from '../data/object-types'
import { invalidInput, json, type Reply } from '../http'
import { parseFilter } from '../store/filters'
import type { RecordView } from '../store/record'
import type { Portal } from '../store/portal'
import { findRecords, type SearchQuery } from '../store/search'
import { bodyOf, checkQuery, type SearchBody } from './bodies'
import { methodNotAllowed, readScope, type ApiCall } from './call'
import { present } from './presenter'

const longestBody = 3_000

/** `POST /{type}/search` with HubSpot's limits on what can be asked and how far one can page. */
export function search(call: ApiCall, type: ObjectType): Reply {
  const { portal, request, requireScope, world } = call
  const { mostSearchResults } = world.settings
  if (request.method !== 'POST') throw methodNotAllowed()
  requireScope(readScope(type))
  checkQuery(call, [])
  if (request.body.length > longestBody)
    throw invalidInput(`The request body is longer than ${longestBody} characters`)
  const { limit = 10, properties = [], ...body } = bodyOf(call, bodies => bodies.search)
  const after = Number(body.after ?? '')
  if (after + limit > mostSearchResults)
    throw invalidInput(
      `Paging through more than ${mostSearchResults} results is not supported: narrow the search`,
    )
  const store = portal.store(type)
  const found = searchQueryOf(portal, type, body)
  const { total, indexes } = findRecords(store, found, after + limit)
  const records = indexes
    .slice(after, after + limit)
    .map(index => store.searchView(index))
    .filter(record => record !== null)
  return json(200, {
    total,
    results: records.map(record => present(portal, type, record, properties)),
    ...(after + limit < total ? { paging: { next: { after: String(after + limit) } } } : {}),
  })
}

/**
 * What a search asks for, without its page.
 * @throws {RefusedRequest} 400 for properties and operators that are not there
 */
export function searchQueryOf(
  portal: Portal,
  type: ObjectType,
  { filterGroups, query, sorts = [] }: Pick<SearchBody, 'filterGroups' | 'query' | 'sorts'>,
): SearchQuery {
  const groups = (filterGroups ?? [])
    .map(({ filters }) => filters.map(filter => parseFilter(portal, type, filter)))
    .filter(group => group.length > 0)
  const sort = sortOf(portal, type, sorts)
  return {
    groups,
    text: textOf(portal, type, query ?? ''),
    sort,
    key: JSON.stringify([filterGroups ?? null, query ?? null, sort]),
  }
}

/** Records that hold every word in one of the properties HubSpot looks at. */
function textOf(portal: Portal, type: ObjectType, query: string): SearchQuery['text'] {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter(word => word !== '')
  if (words.length === 0) return null
  const searched = portal.schemas.get(type)?.searchableProperties ?? objectTypes[type].searched
  return (record: RecordView) => {
    const content = searched.map(name => record.value(name)?.toLowerCase() ?? '').join('\n')
    return words.every(word => content.includes(word))
  }
}

function sortOf(
  portal: Portal,
  type: ObjectType,
  [sort]: NonNullable<SearchBody['sorts']>,
): SearchQuery['sort'] {
  if (sort === undefined) return { property: 'createdate', descending: false }
  const [property, descending] =
    typeof sort === 'string'
      ? [sort.replace(/^-/, ''), sort.startsWith('-')]
      : [sort.propertyName, sort.direction === 'DESCENDING']
  if (!portal.property(type, property)) throw invalidInput(`Property "${property}" does not exist`)
  return { property, descending }
}
