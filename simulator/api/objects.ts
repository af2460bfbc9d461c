import type { ObjectType } from '../data/object-types'
import {
  hubspotError,
  invalidInput,
  json,
  noContent,
  notFound,
  queryList,
  type Reply,
} from '../http'
import { archiveRecord, eraseContact, mergeRecords } from '../store/changes'
import type { RecordView } from '../store/record'
import type { Portal } from '../store/portal'
import { bodyOf, checkQuery, refuseBody } from './bodies'
import { methodNotAllowed, readScope, writeScope, type ApiCall, type ApiHandler } from './call'
import { cursorOf, idOfCursor } from './cursors'
import { isObjectName, objectTypeOf } from './paths'
import { histories, present } from './presenter'
import { planCreation, planUpdate, unknownProperty, type Plan, type Refusal } from './writes'

/** List, read, create, update, archive, merge, erase: `/{type}` and `/{type}/{id}`. */
export function objectRoutes(type: ObjectType, rest: string[]): ApiHandler {
  return call => {
    const { method } = call.request
    const [id, ...more] = rest
    if (more.length > 0) throw notFound()
    if (id === undefined) {
      if (method === 'GET') return list(call, type)
      if (method === 'POST') return create(call, type)
      throw methodNotAllowed()
    }
    if (id === 'merge' && method === 'POST') return merge(call, type)
    if (id === 'gdpr-delete' && method === 'POST' && type === 'contacts') return gdprDelete(call)
    if (method === 'GET') return read(call, type, id)
    if (method === 'PATCH') return update(call, type, id)
    if (method === 'DELETE') return archive(call, type, id)
    throw methodNotAllowed()
  }
}

/** What a read of one record and a list take in their query */
const readQuery = ['properties', 'propertiesWithHistory', 'associations', 'archived']

function list(call: ApiCall, type: ObjectType): Reply {
  const { portal, request, requireScope } = call
  requireScope(readScope(type))
  checkQuery(call, [...readQuery, 'limit', 'after'])
  const { query } = request
  const limit = query.has('limit') ? Number(query.get('limit')) : 10
  if (!Number.isInteger(limit) || limit < 1 || limit > 100)
    throw invalidInput(`Invalid limit ${query.get('limit')}: it must be between 1 and 100`)
  const archived = query.get('archived') === 'true'
  const names = queryList(query, 'properties')
  // As in batches: a page with histories is half as long.
  if (limit > 50 && queryList(query, 'propertiesWithHistory').length > 0)
    throw invalidInput(
      'The maximum number of records supported in a request for property histories is 50',
    )
  const associations = associationTypes(portal, query)
  if (associations.length > 0) for (const other of associations) requireScope(readScope(other))

  const store = portal.store(type)
  const after = query.get('after')
  let index = after === null || after === '' ? 0 : store.indexOf(idOfCursor(call.world, after))
  if (index < 0) throw invalidInput(`Invalid cursor ${after}`)
  const records: RecordView[] = []
  // One more than asked for: it says whether there is a next page and where it begins.
  for (const next of archived ? archivedFrom(portal, type, index) : upwards(index, store.size())) {
    index = next
    const record = store.view(next)
    if (record && (record.archivedAt !== null) === archived) records.push(record)
    if (records.length > limit) break
  }
  const following = records.length > limit ? records.pop() : undefined
  return json(200, {
    results: records.map(record => ({
      ...present(portal, type, record, names, associations, call.world.settings),
      ...withHistory(portal, type, record, query),
    })),
    ...(following
      ? {
          paging: {
            next: {
              after: cursorOf(call.world, following.id),
              link: nextLink(request, cursorOf(call.world, following.id)),
            },
          },
        }
      : {}),
  })
}

/** The same request from the next record on: its own path, version and parameters. */
function nextLink({ path, query }: ApiCall['request'], after: string): string {
  const next = new URLSearchParams(query)
  next.set('after', after)
  return `https://api.hubapi.com${path}?${next.toString()}`
}

function* upwards(from: number, to: number): Generator<number> {
  for (let index = from; index < to; index++) yield index
}

/** Only touched records can be archived: no need to walk through all the others. */
function archivedFrom(portal: Portal, type: ObjectType, from: number): number[] {
  const store = portal.store(type)
  return [...store.touched()]
    .filter(index => index >= from && store.entry(index)?.archivedAt !== null)
    .sort((a, b) => a - b)
}

function associationTypes(portal: Portal, query: URLSearchParams): ObjectType[] {
  return queryList(query, 'associations').flatMap(name => {
    const type = objectTypeOf(name, portal)
    // Of objects that exist in HubSpot and not here nothing is associated.
    if (!type && !isObjectName(name))
      throw invalidInput(`Unable to infer object type from: ${name}`)
    return type ?? []
  })
}

function read(call: ApiCall, type: ObjectType, id: string): Reply {
  const { world, portal, request, requireScope } = call
  requireScope(readScope(type))
  checkQuery(call, [...readQuery, 'idProperty'])
  const { query } = request
  const archived = query.get('archived') === 'true'
  const record = findRecord(
    portal,
    type,
    id,
    query.get('idProperty'),
    world.settings.mergedContactsResolve,
  )
  if (!record || (record.archivedAt !== null) !== archived) throw notFound()
  return json(200, {
    ...present(
      portal,
      type,
      record,
      queryList(query, 'properties'),
      associationTypes(portal, query),
      world.settings,
    ),
    ...withHistory(portal, type, record, query),
  })
}

function withHistory(
  portal: Portal,
  type: ObjectType,
  record: RecordView,
  query: URLSearchParams,
): { propertiesWithHistory?: unknown } {
  const names = queryList(query, 'propertiesWithHistory')
  return names.length > 0 ? { propertiesWithHistory: histories(portal, type, record, names) } : {}
}

/** A record by id, e-mail address or another unique property; archived ones too. */
export function findRecord(
  portal: Portal,
  type: ObjectType,
  id: string,
  idProperty: string | null,
  followMerges: boolean,
): RecordView | null {
  const store = portal.store(type)
  if (idProperty === null || idProperty === 'hs_object_id') {
    let index = store.indexOf(id)
    // A contact's old id leads to the one it was merged into.
    for (
      let entry = store.entry(index);
      followMerges && type === 'contacts' && entry?.gone === 'merged' && entry.mergedInto !== null;
    ) {
      index = entry.mergedInto
      entry = store.entry(index)
    }
    return store.view(index)
  }
  if (type === 'contacts' && idProperty === 'email') return store.view(portal.contactByEmail(id))
  const definition = portal.property(type, idProperty)
  if (!definition) {
    const { status, error } = unknownProperty(idProperty)
    throw hubspotError(status, error)
  }
  if (!definition.hasUniqueValue)
    throw invalidInput(`Property ${idProperty} is not a unique property of ${type}`)
  return store.view(store.findUnique(idProperty, id))
}

function create(call: ApiCall, type: ObjectType): Reply {
  call.requireScope(writeScope(type))
  const body = bodyOf(call, bodies => bodies.create)
  const record = applied(planCreation(call, type, body))
  return json(201, present(call.portal, type, record, Object.keys(body.properties)))
}

function update(call: ApiCall, type: ObjectType, id: string): Reply {
  call.requireScope(writeScope(type))
  const body = bodyOf(call, bodies => bodies.update)
  const record = findRecord(call.portal, type, id, call.request.query.get('idProperty'), false)
  if (!record || record.archivedAt !== null) throw notFound()
  const after = applied(planUpdate(call, type, record, body))
  return json(200, present(call.portal, type, after, Object.keys(body.properties)))
}

function applied(plan: Plan | Refusal): RecordView {
  if ('error' in plan) throw hubspotError(plan.status, plan.error)
  return plan.apply()
}

/** Unknown ids are fine with HubSpot. */
function archive(
  { portal, request, source, requireScope }: ApiCall,
  type: ObjectType,
  id: string,
): Reply {
  requireScope(writeScope(type))
  refuseBody(request)
  const record = findRecord(portal, type, id, null, false)
  if (record) archiveRecord(portal, type, record, { source })
  return noContent()
}

function merge(call: ApiCall, type: ObjectType): Reply {
  const { portal, source, requireScope } = call
  requireScope(writeScope(type))
  const body = bodyOf(call, bodies => bodies.merge)
  const primary = findRecord(portal, type, body.primaryObjectId, null, false)
  const loser = findRecord(portal, type, body.objectIdToMerge, null, false)
  if (!primary || !loser || primary.index === loser.index)
    throw invalidInput('Unable to merge: both records must exist and differ')
  return json(
    200,
    present(portal, type, mergeRecords(portal, type, primary, loser, { source }), []),
  )
}

function gdprDelete(call: ApiCall): Reply {
  const { portal, source, requireScope } = call
  requireScope(writeScope('contacts'))
  const { objectId, idProperty = null } = bodyOf(call, bodies => bodies.gdprDelete)
  const record = findRecord(portal, 'contacts', objectId, idProperty, false)
  if (record) eraseContact(portal, record, { source })
  return noContent()
}
