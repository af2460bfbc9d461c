import { z } from 'zod'
import type { ObjectType } from '../data/object-types'
import { invalidInput, json, noContent, notFound, type Reply } from '../http'
import { placeOf } from '../store/changes'
import { typesBetween, type AssociationType } from './association-types'
import { splitByChance, type BatchError } from './batch-answer'
import { bodyOf, parsedBody, refuseBody } from './bodies'
import { methodNotAllowed, readScope, writeScope, type ApiCall } from './call'
import { liveRecord } from './pairs'

const mostLabels = 50

const New = z.object({
  label: z.string().min(1),
  name: z.string().regex(/^[a-zA-Z]\w*$/, 'Names of labels are letters, digits and _'),
  inverseLabel: z.string().min(1).optional(),
})
const Renaming = z.object({
  associationTypeId: z.int(),
  label: z.string().min(1),
  inverseLabel: z.string().min(1).optional(),
})

const shown = ({ category, typeId, label }: AssociationType) => ({ category, typeId, label })

/** `/associations/{from}/{to}/labels` and `…/labels/{typeId}` (docs/hubspot-platform.md#associations) */
export function labelRoutes(
  call: ApiCall,
  from: ObjectType,
  to: ObjectType,
  [typeId, ...more]: string[],
): Reply {
  const { portal, request, requireScope } = call
  const { method } = request
  if (more.length > 0) throw notFound()
  requireScope(method === 'GET' ? readScope(from) : writeScope(from))
  if (typeId !== undefined) {
    if (method !== 'DELETE') throw methodNotAllowed()
    refuseBody(request)
    portal.labels.remove(ownLabel(call, from, to, Number(typeId)))
    return noContent()
  }
  if (method === 'GET') return json(200, { results: typesBetween(portal, from, to).map(shown) })
  if (method === 'PUT') {
    const { associationTypeId, label, inverseLabel } = parsedBody(request, Renaming)
    portal.labels.rename(ownLabel(call, from, to, associationTypeId), label, inverseLabel)
    return noContent()
  }
  if (method !== 'POST') throw methodNotAllowed()
  const given = parsedBody(request, New)
  const before = portal.labels.of(from, to)
  if (before.length >= mostLabels)
    throw invalidInput(`No more than ${mostLabels} labels from ${from} to ${to} are possible`)
  if (before.some(({ name, label }) => name === given.name || label === given.label))
    throw invalidInput(`A label ${given.label} or a name ${given.name} exists already`)
  const both = portal.labels.define({ ...given, from, to })
  const results = both.map(({ typeId: id, label }) => ({
    category: 'USER_DEFINED',
    typeId: id,
    label,
  }))
  return json(200, { results })
}

/** @throws {RefusedRequest} 400 for HubSpot's own types, 404 for what is no type */
function ownLabel({ portal }: ApiCall, from: ObjectType, to: ObjectType, typeId: number) {
  const label = portal.labels.of(from, to).find(one => one.typeId === typeId)
  if (label) return label
  if (typesBetween(portal, from, to).some(type => type.typeId === typeId))
    throw invalidInput(`Type ${typeId} is HubSpot's own and stays as it is`)
  throw notFound()
}

/** `batch/labels/archive`: takes labels from ties, which stay. */
export function takeLabels(call: ApiCall, from: ObjectType, to: ObjectType): BatchError[] {
  const { portal } = call
  call.requireScope(writeScope(from))
  const { inputs } = bodyOf(call, bodies => bodies.associations.create)
  const { taken, refused } = splitByChance(call, inputs, input => ({
    fromObjectId: [input.from.id],
    toObjectId: [input.to.id],
  }))
  for (const input of taken) {
    const [a, b] = [liveRecord(portal, from, input.from.id), liveRecord(portal, to, input.to.id)]
    if (!a || !b) continue
    const [one, other] = [placeOf({ type: from, record: a }), placeOf({ type: to, record: b })]
    const gone = new Set(input.types.map(({ associationTypeId }) => associationTypeId))
    const kept = portal.labels.between(one, other).map(({ typeId }) => typeId)
    portal.labels.set(
      one,
      other,
      kept.filter(id => !gone.has(id)),
    )
  }
  return refused
}
