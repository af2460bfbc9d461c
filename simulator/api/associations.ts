import type { ObjectType } from '../data/base'
import {
  invalidInput,
  json,
  noContent,
  notFound,
  wholeOf,
  type ErrorDetail,
  type Reply,
} from '../http'
import { changeAssociation } from '../store/changes'
import { hubspotTime } from '../clock'
import type { RecordView } from '../store/record'
import { otherType, type Portal } from '../store/portal'
import { bodyOf, checkQuery, refuseBody } from './bodies'
import { methodNotAllowed, readScope, writeScope, type ApiCall, type ApiHandler } from './call'
import { objectTypeOf } from './paths'
import { associationTypeIds, objectTypeIds } from './presenter'
import { areTypesFrom, objectNames } from './writes'

/** `/associations/{from}/{to}/batch/…` */
export function associationsRoutes(rest: string[]): ApiHandler {
  const [fromName, toName, batch, ...action] = rest
  const from = objectTypeOf(fromName)
  const to = objectTypeOf(toName)
  return call => {
    if (!from || !to || otherType[from] !== to || batch !== 'batch') throw notFound()
    if (call.request.method !== 'POST') throw methodNotAllowed()
    checkQuery(call, [])
    switch (action.join('/')) {
      case 'read':
        return batchRead(call, from)
      case 'associate/default':
        return batchAssociate(call, from)
      case 'create':
        return batchCreate(call, from)
      case 'archive':
        return batchArchive(call, from)
      default:
        throw notFound()
    }
  }
}

function batchRead(call: ApiCall, from: ObjectType): Reply {
  const { portal, requireScope, world, version } = call
  requireScope(readScope(from))
  requireScope(readScope(otherType[from]))
  const { inputs } = bodyOf(call, bodies => bodies.associations.read)
  const startedAt = hubspotTime(world.clock.now())
  const results: unknown[] = []
  const errors: unknown[] = []
  const pageSize = world.settings.associationPageSize
  for (const { id, after } of new Map(inputs.map(input => [input.id, input])).values()) {
    const record = liveRecord(portal, from, id)
    const ids = record
      ? portal.associated(from, record.index).filter(toId => Number(toId) >= Number(after ?? 0))
      : []
    const following = ids[pageSize]
    if (ids.length > 0)
      results.push({
        from: { id },
        to: ids.slice(0, pageSize).map(toId => association(from, toId)),
        ...(following === undefined ? {} : { paging: { next: { after: following, link: '' } } }),
      })
    else
      errors.push({
        status: 'error',
        category: 'OBJECT_NOT_FOUND',
        subCategory: 'crm.associations.NO_ASSOCIATIONS_FOUND',
        message: `No ${otherType[from].slice(0, -1)} is associated with ${from.slice(0, -1)} ${id}.`,
        context: { fromObjectId: [id] },
      })
  }
  const body = {
    status: world.settings.batchStatus,
    results,
    startedAt,
    completedAt: hubspotTime(world.clock.now()),
  }
  return errors.length === 0
    ? json(200, body)
    : json(version === '2026-09' ? 200 : 207, { ...body, numErrors: errors.length, errors })
}

/** `toObjectId` is a number here, a string everywhere else. */
function association(from: ObjectType, toId: string) {
  return {
    toObjectId: Number(toId),
    associationTypes: [
      { category: 'HUBSPOT_DEFINED', typeId: associationTypeIds[from], label: null },
    ],
  }
}

function batchAssociate(call: ApiCall, from: ObjectType): Reply {
  call.requireScope(writeScope(from))
  const pairs = bodyOf(call, bodies => bodies.associations.associate).inputs.map(input =>
    existingPair(call, from, input.from.id, input.to.id),
  )
  const results = pairs.flatMap(([a, b]) => setAssociation(call, from, a, b))
  return json(200, complete(call, results))
}

/** `batch/create`: with the types named. 201 until 2026-09, which answers 200. */
function batchCreate(call: ApiCall, from: ObjectType): Reply {
  call.requireScope(writeScope(from))
  const { inputs } = bodyOf(call, bodies => bodies.associations.create)
  const pairs = inputs.map(input => {
    if (!areTypesFrom(from, input.types))
      throw invalidInput(`No association type from ${from} with this category and typeId exists`)
    return existingPair(call, from, input.from.id, input.to.id)
  })
  const results = pairs.map(([a, b]) => {
    setAssociation(call, from, a, b)
    return {
      fromObjectTypeId: objectTypeIds[from],
      fromObjectId: Number(a.id),
      toObjectTypeId: objectTypeIds[otherType[from]],
      toObjectId: Number(b.id),
      labels: [],
    }
  })
  return json(call.version === '2026-09' ? 200 : 201, complete(call, results))
}

function complete(call: ApiCall, results: unknown[]) {
  const now = hubspotTime(call.world.clock.now())
  return { status: call.world.settings.batchStatus, results, startedAt: now, completedAt: now }
}

function batchArchive(call: ApiCall, from: ObjectType): Reply {
  call.requireScope(writeScope(from))
  for (const input of bodyOf(call, bodies => bodies.associations.archive).inputs) {
    const a = liveRecord(call.portal, from, input.from.id)
    for (const target of input.to) {
      const b = liveRecord(call.portal, otherType[from], target.id)
      if (a && b) change(call, from, a, b, true)
    }
  }
  return call.version === '2026-09' ? json(200, complete(call, [])) : noContent()
}

/** `/objects/{from}/{id}/associations/…` */
export function objectAssociationsRoutes(from: ObjectType, id: string, rest: string[]): ApiHandler {
  return call => {
    const { method } = call.request
    if (rest[0] === 'default' && rest.length === 3) {
      if (method !== 'PUT') throw methodNotAllowed()
      return associate(call, from, id, rest[1], rest[2] ?? '', false)
    }
    const to = objectTypeOf(rest[0])
    if (!to || otherType[from] !== to) throw notFound()
    // 2026-09 has only the batch route for reading.
    if (rest.length === 1 && method === 'GET' && call.version !== '2026-09')
      return readOf(call, from, id)
    // v3 names the type of the association in the path: /{to}/{toId}/{typeId}.
    const [, toId = '', typeId] = rest
    if (rest.length === 3 && (!/^(\d+|[a-z_]+)$/.test(typeId ?? '') || call.version !== 'v3'))
      throw notFound()
    if (rest.length !== 2 && rest.length !== 3) throw notFound()
    if (method === 'PUT') return associate(call, from, id, rest[0], toId, rest.length === 2)
    if (method === 'DELETE') return dissociate(call, from, id, toId)
    throw methodNotAllowed()
  }
}

function readOf(call: ApiCall, from: ObjectType, id: string): Reply {
  const { portal, request, requireScope, version } = call
  checkQuery(call, ['limit', 'after'])
  requireScope(readScope(from))
  requireScope(readScope(otherType[from]))
  const record = liveRecord(portal, from, id)
  if (!record) throw notFound()
  const { query } = request
  const limit = Math.min(wholeOf(query, 'limit', 500, 500), call.world.settings.associationPageSize)
  const ids = portal
    .associated(from, record.index)
    .filter(toId => Number(toId) >= Number(query.get('after') ?? 0))
  const following = ids[limit]
  const label = from === 'contacts' ? 'contact_to_deal' : 'deal_to_contact'
  return json(200, {
    results: ids
      .slice(0, limit)
      .map(toId => (version === 'v3' ? { id: toId, type: label } : association(from, toId))),
    ...(following ? { paging: { next: { after: following, link: '' } } } : {}),
  })
}

function associate(
  call: ApiCall,
  from: ObjectType,
  id: string,
  toName: string | undefined,
  toId: string,
  withTypes: boolean,
): Reply {
  call.requireScope(writeScope(from))
  const to = objectTypeOf(toName)
  if (!to || otherType[from] !== to) throw notFound()
  if (!withTypes) refuseBody(call.request)
  else if (
    !areTypesFrom(
      from,
      bodyOf(call, bodies => bodies.associations.types),
    )
  )
    throw invalidInput(`No association type from ${from} with this category and typeId exists`)
  const [a, b] = existingPair(call, from, id, toId)
  const results = setAssociation(call, from, a, b)
  if (withTypes) {
    return json(201, {
      fromObjectTypeId: objectTypeIds[from],
      fromObjectId: Number(a.id),
      toObjectTypeId: objectTypeIds[to],
      toObjectId: Number(b.id),
      labels: [],
    })
  }
  return json(200, {
    status: 'COMPLETE',
    results,
    startedAt: hubspotTime(call.world.clock.now()),
    completedAt: hubspotTime(call.world.clock.now()),
  })
}

function dissociate(call: ApiCall, from: ObjectType, id: string, toId: string): Reply {
  call.requireScope(writeScope(from))
  refuseBody(call.request)
  const a = liveRecord(call.portal, from, id)
  const b = liveRecord(call.portal, otherType[from], toId)
  if (a && b) change(call, from, a, b, true)
  return noContent()
}

/** Associates both ways, as HubSpot does, and says so. */
function setAssociation(call: ApiCall, from: ObjectType, a: RecordView, b: RecordView): unknown[] {
  change(call, from, a, b, false)
  const to = otherType[from]
  return [[from, a, b] as const, [to, b, a] as const].map(([type, one, other]) => ({
    from: { id: one.id },
    to: { id: other.id },
    associationSpec: {
      associationCategory: 'HUBSPOT_DEFINED',
      associationTypeId: associationTypeIds[type],
    },
  }))
}

function change(
  { portal, source }: ApiCall,
  from: ObjectType,
  a: RecordView,
  b: RecordView,
  removed: boolean,
): void {
  const [contact, deal] = from === 'contacts' ? [a, b] : [b, a]
  changeAssociation(portal, contact, deal, removed, { source })
}

/** @throws {RefusedRequest} 400 when one of two has as many associations as it may have */
function withinLimit(
  { portal, world }: ApiCall,
  from: ObjectType,
  pair: [RecordView, RecordView],
): [RecordView, RecordView] {
  const most = world.settings.associationsPerRecord
  const [a, b] = pair
  const ofA = portal.associated(from, a.index)
  if (most === null || ofA.includes(b.id)) return pair
  if (ofA.length < most && portal.associated(otherType[from], b.index).length < most) return pair
  throw invalidInput(`The limit of ${most} associations of a record is reached`, [
    { message: 'Association limit exceeded', code: 'LIMIT_EXCEEDED' },
  ])
}

function existingPair(
  call: ApiCall,
  from: ObjectType,
  id: string,
  toId: string,
): [RecordView, RecordView] {
  const to = otherType[from]
  const a = liveRecord(call.portal, from, id)
  const b = liveRecord(call.portal, to, toId)
  if (a && b) return withinLimit(call, from, [a, b])
  const missing: ErrorDetail[] = [
    ...(a ? [] : [{ message: `${objectNames[from]}=${id} is not valid` }]),
    ...(b ? [] : [{ message: `${objectNames[to]}=${toId} is not valid` }]),
  ]
  throw invalidInput('One or more associations are not valid', missing)
}

function liveRecord(portal: Portal, type: ObjectType, id: string): RecordView | null {
  const record = portal.store(type).view(portal.store(type).indexOf(id))
  return record?.archivedAt === null ? record : null
}
