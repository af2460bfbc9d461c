import type { ObjectType } from '../data/base'
import { invalidInput, isObject, json, objectBody, type Reply } from '../http'
import { parseFilter, type Filter } from '../store/filters'
import type { RecordView } from '../store/objects'
import type { Portal } from '../store/portal'
import { findRecords, type SearchQuery } from '../store/search'
import { methodNotAllowed, readScope, type ApiCall } from './gateway'
import { present } from './presenter'

const mostResults = 10_000
const largestPage = 200
const longestBody = 3_000

const searchable: Record<ObjectType, readonly string[]> = {
  contacts: ['firstname', 'lastname', 'email', 'phone', 'company', 'hs_additional_emails', 'hs_object_id'],
  deals: ['dealname', 'pipeline', 'dealstage', 'description', 'dealtype', 'hs_object_id'],
}

/** `POST /{type}/search` with HubSpot's limits on what can be asked and how far one can page. */
export function search(call: ApiCall, type: ObjectType): Reply {
  const { portal, request, requireScope } = call
  if (request.method !== 'POST') throw methodNotAllowed()
  requireScope(readScope(type))
  if (request.body.length > longestBody) throw invalidInput(`The request body is longer than ${longestBody} characters`)
  const body = objectBody(request)
  const limit = wholeNumber(body.limit ?? 10, 'limit')
  if (limit > largestPage) throw invalidInput(`Invalid limit ${limit}: at most ${largestPage} results a page`)
  const after = body.after === undefined || body.after === null || body.after === '' ? 0 : wholeNumber(body.after, 'after')
  if (after + limit > mostResults) throw invalidInput(`Paging through more than ${mostResults} results is not supported: narrow the search`)
  const { groups, text } = filtersOf(portal, type, body)
  const sort = sortOf(portal, type, body.sorts)
  const key = JSON.stringify([body.filterGroups ?? null, body.filters ?? null, body.query ?? null, sort])
  const { total, indexes } = findRecords(portal.store(type), { groups, text, sort, key }, after + limit)

  const store = portal.store(type)
  const names = Array.isArray(body.properties) ? body.properties.map(String) : []
  const records = indexes.slice(after, after + limit).map(index => store.searchView(index)).filter(record => record !== null)
  return json(200, {
    total,
    results: records.map(record => present(portal, type, record, names)),
    ...(after + limit < total ? { paging: { next: { after: String(after + limit) } } } : {}),
  })
}

function wholeNumber(value: unknown, name: string): number {
  if (!/^\d+$/.test(String(value))) throw invalidInput(`Invalid ${name}: it must be formatted as an integer`)
  return Number(value)
}

function filtersOf(portal: Portal, type: ObjectType, body: Record<string, unknown>): Pick<SearchQuery, 'groups' | 'text'> {
  const given = body.filterGroups === undefined && Array.isArray(body.filters) ? [{ filters: body.filters }] : body.filterGroups ?? []
  if (!Array.isArray(given)) throw invalidInput('Invalid filterGroups')
  if (given.length > 5) throw invalidInput('There was a problem with the request: too many filterGroups (at most 5)')
  const groups: Filter[][] = given.map((group) => {
    const filters = isObject(group) && Array.isArray(group.filters) ? group.filters : []
    if (filters.length > 6) throw invalidInput('There was a problem with the request: too many filters in a group (at most 6)')
    return filters.map(filter => parseFilter(portal, type, filter))
  })
  if (groups.flat().length > 18) throw invalidInput('There was a problem with the request: too many filters (at most 18)')
  const words = typeof body.query === 'string' ? body.query.toLowerCase().split(/\s+/).filter(word => word !== '') : []
  const text = words.length === 0 ? null : (record: RecordView) => {
    const content = searchable[type].map(name => record.value(name)?.toLowerCase() ?? '').join('\n')
    return words.every(word => content.includes(word))
  }
  return { groups: groups.filter(group => group.length > 0), text }
}

/** Sorts come as objects in the documentation and as strings in the specification; HubSpot takes both, and only one. */
function sortOf(portal: Portal, type: ObjectType, sorts: unknown): SearchQuery['sort'] {
  if (sorts === undefined || sorts === null || (Array.isArray(sorts) && sorts.length === 0)) return { property: 'createdate', descending: false }
  if (!Array.isArray(sorts) || sorts.length > 1) throw invalidInput('There was a problem with the request: only one sort is supported')
  const [sort] = sorts
  const text = isObject(sort) ? String(sort.propertyName) : String(sort)
  const descending = isObject(sort) ? sort.direction === 'DESCENDING' : text.startsWith('-')
  const property = isObject(sort) ? text : text.replace(/^-/, '')
  if (!portal.property(type, property)) throw invalidInput(`Property "${property}" does not exist`)
  return { property, descending }
}
