import { hubspotTime } from '../clock'
import { objectTypes } from '../data/object-types'
import { invalidInput, json, notFound, wholeOf, type Reply } from '../http'
import { listsOf, membersOf, type RecordList } from '../store/lists'
import type { Portal } from '../store/portal'
import { bodyOf, checkQuery } from './bodies'
import { methodNotAllowed, type ApiCall, type ApiHandler } from './call'
import { objectTypeOf } from './paths'

const mostMembersAPage = 250
const mostListsAPage = 500

/**
 * Lists of records, read-only for apps here: `GET /lists?listIds=`, `GET /lists/{id}`,
 * `POST /lists/search`, `GET /lists/{id}/memberships`, `POST /lists/records/memberships/batch/read`.
 */
export function listRoutes(rest: string[]): ApiHandler {
  return call => {
    call.requireScope('crm.lists.read')
    const { method } = call.request
    const path = rest.join('/')
    if (path === 'search') return method === 'POST' ? searchLists(call) : refuse()
    if (path === 'records/memberships/batch/read')
      return method === 'POST' ? readMemberships(call) : refuse()
    if (method !== 'GET') throw methodNotAllowed()
    if (rest.length === 0) return listsByIds(call)
    const list = listsOf(call.portal).find(({ listId }) => listId === rest[0])
    if (!list) throw notFound()
    if (rest.length === 1) return json(200, { list: shown(call.portal, list) })
    if (rest.length === 2 && rest[1] === 'memberships') return memberships(call, list)
    throw notFound()
  }
}

const refuse = (): never => {
  throw methodNotAllowed()
}

function shown(portal: Portal, list: RecordList): Record<string, unknown> {
  return { ...found(portal, list), size: membersOf(portal, list).length }
}

/** As a search shows it: its size is among the additional properties alone. */
function found(portal: Portal, list: RecordList): Record<string, unknown> {
  const { listId, name, type, createdAt } = list
  const size = membersOf(portal, list).length
  return {
    listId,
    listVersion: 1,
    name,
    objectTypeId: objectTypes[type].objectTypeId,
    processingType: 'MANUAL',
    processingStatus: 'COMPLETE',
    createdAt: hubspotTime(createdAt),
    updatedAt: hubspotTime(createdAt),
    additionalProperties: { hs_list_size: String(size) },
  }
}

function listsByIds(call: ApiCall): Reply {
  checkQuery(call, ['listIds', 'includeFilters'])
  const wanted = call.request.query.getAll('listIds')
  const lists = listsOf(call.portal).filter(({ listId }) => wanted.includes(listId))
  return json(200, { lists: lists.map(list => shown(call.portal, list)) })
}

function searchLists(call: ApiCall): Reply {
  const body = bodyOf(call, bodies => bodies.lists.search)
  const { offset = 0, count = 20, query = '', objectTypeId } = body
  if (count > mostListsAPage) throw invalidInput(`count must be at most ${mostListsAPage}`)
  const matching = listsOf(call.portal).filter(
    ({ name, type }) =>
      name.toLowerCase().includes(query.toLowerCase()) &&
      (objectTypeId === undefined || objectTypes[type].objectTypeId === objectTypeId),
  )
  const page = matching.slice(offset, offset + count)
  return json(200, {
    lists: page.map(list => found(call.portal, list)),
    hasMore: offset + count < matching.length,
    offset: offset + page.length,
    total: matching.length,
  })
}

function memberships(call: ApiCall, list: RecordList): Reply {
  checkQuery(call, ['limit', 'after', 'before'])
  const { query } = call.request
  const limit = wholeOf(query, 'limit', 100, mostMembersAPage)
  const members = membersOf(call.portal, list)
  const after = query.get('after')
  const rest = members.filter(id => after === null || Number(id) > Number(after))
  const page = rest.slice(0, limit)
  const hasMore = rest.length > limit
  return json(200, {
    results: page.map(recordId => ({
      recordId,
      membershipTimestamp: hubspotTime(list.createdAt),
    })),
    total: members.length,
    ...(hasMore ? { paging: { next: { after: page.at(-1), link: '' } } } : {}),
  })
}

/** A record that is on no list has an empty one. */
function readMemberships(call: ApiCall): Reply {
  const { inputs } = bodyOf(call, bodies => bodies.lists.memberships)
  const lists = listsOf(call.portal)
  const at = hubspotTime(call.portal.clock.now())
  return json(200, {
    status: 'COMPLETE',
    results: inputs.map(({ objectTypeId, recordId }) => ({
      objectTypeId,
      recordId,
      recordListMemberships: lists
        .filter(
          ({ type, members }) =>
            type === objectTypeOf(objectTypeId, call.portal) && members.has(recordId),
        )
        .map(list => ({
          listId: list.listId,
          listVersion: 1,
          firstAddedTimestamp: hubspotTime(list.createdAt),
          lastAddedTimestamp: hubspotTime(list.createdAt),
        })),
    })),
    startedAt: at,
    completedAt: at,
  })
}
