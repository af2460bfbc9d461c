import { z } from 'zod'
import type { ObjectType } from '../data/object-types'
import type { PropertyGroup } from '../data/properties'
import { hubspotError, json, noContent, notFound, type Reply } from '../http'
import { checkQuery, parsedBody, refuseBody } from './bodies'
import { methodNotAllowed, schemaReadScopes, schemaWriteScope, type ApiCall } from './call'

const Creation = z.object({
  name: z.string().regex(/^[a-z][a-z0-9_]*$/, 'Names of property groups are lower case'),
  label: z.string().min(1),
  displayOrder: z.int().optional(),
})
const Update = Creation.omit({ name: true }).partial()

/** `/properties/{type}/groups` (never paged) and `…/{name}` (docs/hubspot-platform.md#schema). */
export function groupRoutes(call: ApiCall, type: ObjectType, rest: string[]): Reply {
  const { portal, request, requireScope } = call
  const [name, ...more] = rest
  if (more.length > 0) throw notFound()
  const { method } = request
  if (method === 'GET') requireScope(...schemaReadScopes(type))
  else requireScope(schemaWriteScope(type))
  checkQuery(call, method === 'GET' ? ['locale'] : [])

  const groups = portal.groups[type]
  if (name === undefined) {
    if (method === 'GET') return json(200, { results: groups.filter(({ archived }) => !archived) })
    if (method === 'POST') return json(201, create(groups, parsedBody(request, Creation)))
    throw methodNotAllowed()
  }
  const place = groups.findIndex(group => group.name === name && !group.archived)
  const group = groups[place]
  if (!group) throw notFound()
  if (method === 'GET') return json(200, group)
  if (method === 'PATCH') {
    const changed = { ...group, ...parsedBody(request, Update) }
    groups[place] = changed
    return json(200, changed)
  }
  if (method !== 'DELETE') throw methodNotAllowed()
  refuseBody(request)
  groups[place] = { ...group, archived: true }
  return noContent()
}

function create(groups: PropertyGroup[], input: z.output<typeof Creation>): PropertyGroup {
  const place = groups.findIndex(({ name }) => name === input.name)
  if (groups[place]?.archived === false)
    throw hubspotError(409, {
      category: 'OBJECT_ALREADY_EXISTS',
      message: `A property group named '${input.name}' already exists.`,
    })
  const group = { displayOrder: -1, ...input, archived: false }
  groups.splice(place < 0 ? groups.length : place, place < 0 ? 0 : 1, group)
  return group
}
