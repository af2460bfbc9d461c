import { objectTypes, tieOf, type ObjectType } from '../data/object-types'
import { invalidInput, json, noContent, notFound, wholeOf, type Reply } from '../http'
import { changeAssociation, type Typed } from '../store/changes'
import { hubspotTime } from '../clock'
import { labelRoutes, takeLabels } from './association-labels'
import {
  tieCategory,
  tieIn,
  tieTo,
  typesBetween,
  typesFrom,
  unmarked,
  type TieMarks,
} from './association-types'
import { associationsOfV3 } from './associations-v3'
import { batchAnswer, splitByChance, type BatchError } from './batch-answer'
import { bodyOf, checkQuery, refuseBody } from './bodies'
import { methodNotAllowed, readScope, writeScope, type ApiCall, type ApiHandler } from './call'
import { objectTypeOf } from './paths'
import { existingPair, liveRecord } from './pairs'
import { labelledTie, namedTies } from './presenter'

/** `/associations/{from}/{to}/batch/…` and `…/labels` */
export function associationsRoutes(version: string, rest: string[]): ApiHandler {
  const [fromName, toName, batch, ...action] = rest
  return call => {
    const from = objectTypeOf(fromName, call.portal)
    const to = objectTypeOf(toName, call.portal)
    if (!from || !to || !tieIn(call.portal, from, to)) throw notFound()
    if (version === 'v3') return associationsOfV3(call, from, to, rest.slice(2).join('/'))
    if (batch === 'labels') return labelRoutes(call, from, to, action)
    if (batch !== 'batch') throw notFound()
    if (call.request.method !== 'POST') throw methodNotAllowed()
    checkQuery(call, [])
    switch (action.join('/')) {
      case 'read':
        return batchRead(call, from, to)
      case 'associate/default':
        return batchAssociate(call, from, to)
      case 'create':
        return batchCreate(call, from, to)
      case 'archive':
        return batchArchive(call, from, to)
      case 'labels/archive':
        return archived(call, takeLabels(call, from, to))
      default:
        throw notFound()
    }
  }
}

function batchRead(call: ApiCall, from: ObjectType, to: ObjectType): Reply {
  const { portal, requireScope, world } = call
  requireScope(readScope(from))
  requireScope(readScope(to))
  const { inputs } = bodyOf(call, bodies => bodies.associations.read)
  const results: unknown[] = []
  const asked = [...new Map(inputs.map(input => [input.id, input])).values()]
  const { taken, refused } = splitByChance(call, asked, ({ id }) => ({ fromObjectId: [id] }))
  const errors: BatchError[] = refused
  const pageSize = world.settings.associationPageSize
  for (const { id, after } of taken) {
    const record = liveRecord(portal, from, id)
    const ids = record
      ? portal.associated(from, record.index, to).filter(toId => Number(toId) >= Number(after ?? 0))
      : []
    const following = ids[pageSize]
    if (ids.length > 0)
      results.push({
        from: { id },
        to: ids.slice(0, pageSize).map(toId => labelledTie(portal, from, id, to, toId)),
        ...(following === undefined ? {} : { paging: { next: { after: following, link: '' } } }),
      })
    else
      errors.push({
        status: 'error',
        category: 'OBJECT_NOT_FOUND',
        subCategory: 'crm.associations.NO_ASSOCIATIONS_FOUND',
        message: `No ${objectTypes[to].singular} is associated with ${objectTypes[from].singular} ${id}.`,
        context: { fromObjectId: [id] },
      })
  }
  return batchAnswer(call, 200, results, errors)
}

const pairOf = ({ from, to }: { from: { id: string }; to: { id: string } }) => ({
  fromObjectId: [from.id],
  toObjectId: [to.id],
})

function batchAssociate(call: ApiCall, from: ObjectType, to: ObjectType): Reply {
  call.requireScope(writeScope(from))
  const { inputs } = bodyOf(call, bodies => bodies.associations.associate)
  const { taken, refused } = splitByChance(call, inputs, pairOf)
  const pairs = taken.map(input => existingPair(call, [from, input.from.id], [to, input.to.id]))
  const results = pairs.flatMap(([a, b]) => setAssociation(call, a, b, unmarked))
  return batchAnswer(call, 200, results, refused)
}

/** `batch/create`: with the types named. 201 until 2026-09, which answers 200. */
function batchCreate(call: ApiCall, from: ObjectType, to: ObjectType): Reply {
  call.requireScope(writeScope(from))
  const { inputs } = bodyOf(call, bodies => bodies.associations.create)
  const { taken, refused } = splitByChance(call, inputs, pairOf)
  const pairs = taken.map(input => {
    const marks = knownTypes(call.portal, from, to, input.types)
    return { pair: existingPair(call, [from, input.from.id], [to, input.to.id]), marks }
  })
  const results = pairs.map(({ pair: [a, b], marks }) => {
    setAssociation(call, a, b, marks)
    return labelsBetween(call, a, b, marks)
  })
  return batchAnswer(call, call.version === '2026-09' ? 200 : 201, results, refused)
}

function batchArchive(call: ApiCall, from: ObjectType, to: ObjectType): Reply {
  call.requireScope(writeScope(from))
  const { inputs } = bodyOf(call, bodies => bodies.associations.archive)
  const { taken, refused } = splitByChance(call, inputs, input => ({
    fromObjectId: [input.from.id],
    toObjectId: input.to.map(({ id }) => id),
  }))
  for (const input of taken) {
    for (const target of input.to) remove(call, [from, input.from.id], [to, target.id])
  }
  return archived(call, refused)
}

/** 204 before 2026-09 where nothing went wrong */
const archived = (call: ApiCall, errors: readonly BatchError[]) =>
  call.version === '2026-09' || errors.length > 0 ? batchAnswer(call, 200, [], errors) : noContent()

/** `/objects/{from}/{id}/associations/…` */
export function objectAssociationsRoutes(from: ObjectType, id: string, rest: string[]): ApiHandler {
  return call => {
    const { method } = call.request
    if (rest[0] === 'default' && rest.length === 3) {
      if (method !== 'PUT') throw methodNotAllowed()
      const to = objectTypeOf(rest[1], call.portal)
      if (!to || !tieIn(call.portal, from, to)) throw notFound()
      return associate(call, [from, id], [to, rest[2] ?? ''], unmarked)
    }
    const to = objectTypeOf(rest[0], call.portal)
    if (!to || !tieIn(call.portal, from, to)) throw notFound()
    // 2026-09 has only the batch route for reading.
    if (rest.length === 1 && method === 'GET' && call.version !== '2026-09')
      return readOf(call, from, id, to)
    // v3 names the type of the association in the path: /{to}/{toId}/{typeId}.
    const [, toId = '', typeId] = rest
    if (rest.length === 3 && (!/^(\d+|[a-z_]+)$/.test(typeId ?? '') || call.version !== 'v3'))
      throw notFound()
    if (rest.length !== 2 && rest.length !== 3) throw notFound()
    if (method === 'DELETE') {
      call.requireScope(writeScope(from))
      refuseBody(call.request)
      remove(call, [from, id], [to, toId])
      return noContent()
    }
    if (method === 'PUT') {
      if (rest.length === 2) return associateAs(call, [from, id], [to, toId])
      const isPrimary = typesBetween(call.portal, from, to).some(
        ({ role, name, typeId: known }) =>
          role === 'primary' && [name, String(known)].includes(typeId ?? ''),
      )
      return associate(call, [from, id], [to, toId], { ...unmarked, isPrimary })
    }
    throw methodNotAllowed()
  }
}

function readOf(call: ApiCall, from: ObjectType, id: string, to: ObjectType): Reply {
  const { portal, request, requireScope, version } = call
  checkQuery(call, ['limit', 'after'])
  requireScope(readScope(from))
  requireScope(readScope(to))
  const record = liveRecord(portal, from, id)
  if (!record) throw notFound()
  const { query } = request
  const limit = Math.min(wholeOf(query, 'limit', 500, 500), call.world.settings.associationPageSize)
  const ids = portal
    .associated(from, record.index, to)
    .filter(toId => Number(toId) >= Number(query.get('after') ?? 0))
  const following = ids[limit]
  return json(200, {
    results: ids
      .slice(0, limit)
      .flatMap((toId): unknown[] =>
        version === 'v3'
          ? namedTies(portal, from, id, to, toId)
          : [labelledTie(portal, from, id, to, toId)],
      ),
    ...(following ? { paging: { next: { after: following, link: '' } } } : {}),
  })
}

/** A record by its kind and id */
type Named = [type: ObjectType, id: string]

/** Without types in a body: as the default, or as the type that a path of v3 names. */
function associate(call: ApiCall, from: Named, to: Named, marks: TieMarks): Reply {
  call.requireScope(writeScope(from[0]))
  refuseBody(call.request)
  const [a, b] = existingPair(call, from, to)
  const results = setAssociation(call, a, b, marks)
  const now = hubspotTime(call.world.clock.now())
  return json(200, { status: 'COMPLETE', results, startedAt: now, completedAt: now })
}

function associateAs(call: ApiCall, from: Named, to: Named): Reply {
  call.requireScope(writeScope(from[0]))
  const types = bodyOf(call, bodies => bodies.associations.types)
  const marks = knownTypes(call.portal, from[0], to[0], types)
  const [a, b] = existingPair(call, from, to)
  setAssociation(call, a, b, marks)
  return json(201, labelsBetween(call, a, b, marks))
}

function knownTypes(...[portal, from, to, types]: Parameters<typeof typesFrom>) {
  const known = typesFrom(portal, from, to, types)
  if (!known)
    throw invalidInput(`No association type from ${from} with this category and typeId exists`)
  return known
}

const labelsBetween = ({ portal }: ApiCall, a: Typed, b: Typed, { labels }: TieMarks) => ({
  fromObjectTypeId: objectTypes[a.type].objectTypeId,
  fromObjectId: Number(a.record.id),
  toObjectTypeId: objectTypes[b.type].objectTypeId,
  toObjectId: Number(b.record.id),
  labels: portal.labels
    .of(a.type, b.type)
    .filter(({ typeId }) => labels.includes(typeId))
    .map(({ label }) => label),
})

/** Associates both ways, as HubSpot does, and says so. */
function setAssociation({ portal, source }: ApiCall, a: Typed, b: Typed, marks: TieMarks) {
  tieTo(portal, a, b, marks, source)
  return [[a, b] as const, [b, a] as const].map(([one, other]) => ({
    from: { id: one.record.id },
    to: { id: other.record.id },
    associationSpec: {
      associationCategory: tieCategory(one.type, other.type),
      associationTypeId: tieOf(one.type, other.type)?.plain,
    },
  }))
}

/** Takes an association back; records that are not there are no mistake. */
function remove({ portal, source }: ApiCall, [from, id]: Named, [to, toId]: Named): void {
  const [a, b] = [liveRecord(portal, from, id), liveRecord(portal, to, toId)]
  if (a && b)
    changeAssociation(portal, { type: from, record: a }, { type: to, record: b }, true, { source })
}
