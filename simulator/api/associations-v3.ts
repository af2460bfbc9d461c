import type { ObjectType } from '../data/object-types'
import { invalidInput, json, noContent, notFound, type Reply } from '../http'
import { changeAssociation } from '../store/changes'
import { marksOf, tieTo, typesBetween } from './association-types'
import { batchAnswer, splitByChance, type BatchError } from './batch-answer'
import { bodyOf, checkQuery, refuseBody } from './bodies'
import { methodNotAllowed, readScope, writeScope, type ApiCall } from './call'
import { existingPair, liveRecord } from './pairs'
import { namedTies } from './presenter'

/** The associations API of v3, which names types by words: `batch/{create,read,archive}`, `types`. */
export function associationsOfV3(
  call: ApiCall,
  from: ObjectType,
  to: ObjectType,
  action: string,
): Reply {
  checkQuery(call, [])
  if (action === 'types') return types(call, from, to)
  if (!['batch/create', 'batch/read', 'batch/archive'].includes(action)) throw notFound()
  if (call.request.method !== 'POST') throw methodNotAllowed()
  if (action === 'batch/read') return read(call, from, to)
  return action === 'batch/create' ? create(call, from, to) : archive(call, from, to)
}

function types({ portal, request, requireScope }: ApiCall, from: ObjectType, to: ObjectType) {
  if (request.method !== 'GET') throw methodNotAllowed()
  refuseBody(request)
  requireScope(readScope(from))
  const results = typesBetween(portal, from, to).map(({ typeId, name }) => ({
    id: String(typeId),
    name,
  }))
  return json(200, { results })
}

function read(call: ApiCall, from: ObjectType, to: ObjectType): Reply {
  const { portal, world, requireScope } = call
  requireScope(readScope(from))
  requireScope(readScope(to))
  const { inputs } = bodyOf(call, bodies => bodies.associations.readV3)
  const ids = [...new Set(inputs.map(input => input.id))]
  const { taken, refused } = splitByChance(call, ids, id => ({ fromObjectId: [id] }))
  const pageSize = world.settings.associationPageSize
  const results: unknown[] = []
  const missing: string[] = []
  for (const id of taken) {
    const record = liveRecord(portal, from, id)
    const tied = record ? portal.associated(from, record.index, to) : []
    const following = tied[pageSize]
    if (tied.length === 0) missing.push(id)
    else
      results.push({
        from: { id },
        to: tied.slice(0, pageSize).flatMap(toId => namedTies(portal, from, id, to, toId)),
        ...(following === undefined ? {} : { paging: { next: { after: following, link: '' } } }),
      })
  }
  const errors = missing.map((id): BatchError => ({
    status: 'error',
    category: 'OBJECT_NOT_FOUND',
    subCategory: 'crm.associations.NO_ASSOCIATIONS_FOUND',
    message: `No associations found for ${from} ${id}.`,
    context: { fromObjectId: [id] },
  }))
  return batchAnswer(call, 200, results, [...refused, ...errors])
}

const pairOf = ({ from, to }: { from: { id: string }; to: { id: string } }) => ({
  fromObjectId: [from.id],
  toObjectId: [to.id],
})

function create(call: ApiCall, from: ObjectType, to: ObjectType): Reply {
  const { portal, source } = call
  call.requireScope(writeScope(from))
  const { inputs } = bodyOf(call, bodies => bodies.associations.named)
  const known = typesBetween(portal, from, to)
  const { taken, refused } = splitByChance(call, inputs, pairOf)
  const pairs = taken.map(input => {
    const type = known.find(({ name, typeId }) => [name, String(typeId)].includes(input.type))
    if (!type) throw invalidInput(`No association type ${input.type} from ${from} to ${to} exists`)
    return { type, pair: existingPair(call, [from, input.from.id], [to, input.to.id]) }
  })
  for (const { type, pair } of pairs) tieTo(portal, pair[0], pair[1], marksOf([type]), source)
  return batchAnswer(call, 201, taken, refused)
}

function archive(call: ApiCall, from: ObjectType, to: ObjectType): Reply {
  const { portal, source } = call
  call.requireScope(writeScope(from))
  const { inputs } = bodyOf(call, bodies => bodies.associations.named)
  const { taken, refused } = splitByChance(call, inputs, pairOf)
  for (const input of taken) {
    const [a, b] = [liveRecord(portal, from, input.from.id), liveRecord(portal, to, input.to.id)]
    if (a && b)
      changeAssociation(portal, { type: from, record: a }, { type: to, record: b }, true, {
        source,
      })
  }
  return refused.length > 0 ? batchAnswer(call, 200, [], refused) : noContent()
}
