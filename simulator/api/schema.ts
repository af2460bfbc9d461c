import { z } from 'zod'
import { objectTypes, type ObjectType } from '../data/object-types'
import { invalidInput, json, notFound, wholeOf, type Reply } from '../http'
import type { Portal } from '../store/portal'
import { batchAnswer, splitByChance, type BatchError } from './batch-answer'
import { checkQuery, parsedBody } from './bodies'
import { methodNotAllowed, schemaReadScopes, type ApiCall, type ApiHandler } from './call'
import { objectTypeOf } from './paths'
import { groupRoutes } from './property-groups'
import { writeProperties } from './property-writes'

/** Properties, pipelines and owners: what describes a portal's records. */
export function schemaRoutes(
  api: 'properties' | 'pipelines' | 'owners',
  rest: string[],
): ApiHandler {
  return call => {
    const isRead = call.request.method === 'GET'
    const type = objectTypeOf(rest[0], call.portal)
    if (api === 'properties' && type) {
      const [, name, action, ...more] = rest
      if (name === 'groups') return groupRoutes(call, type, rest.slice(2))
      if (name === 'batch' && action === 'read' && more.length === 0)
        return readProperties(call, type)
      if (!isRead) return writeProperties(call, type, rest.slice(1))
    }
    if (!isRead) throw methodNotAllowed()
    if (api === 'properties') return properties(call, rest)
    if (api === 'pipelines') return pipelines(call, rest)
    return owners(call, rest)
  }
}

/** `/properties/{type}` (never paged) and `/properties/{type}/{name}` */
function properties(call: ApiCall, [typeName, name, ...more]: string[]): Reply {
  const { portal, request, requireScope } = call
  checkQuery(call, ['archived', 'properties', 'dataSensitivity', 'locale'])
  const type = objectTypeOf(typeName, portal)
  if (!type || more.length > 0) throw notFound()
  requireScope(...schemaReadScopes(type))
  const shown = shownProperties(portal, type, request.query.get('archived') === 'true')
  if (name === undefined) return json(200, { results: shown })
  const property = shown.find(candidate => candidate.name === name)
  if (!property) throw notFound()
  return json(200, property)
}

const Names = z.object({
  inputs: z.array(z.object({ name: z.string() })).max(100),
  archived: z.boolean().default(false),
  dataSensitivity: z.string().optional(),
})

/** `/properties/{type}/batch/read` */
function readProperties(call: ApiCall, type: ObjectType): Reply {
  const { portal, request, requireScope } = call
  if (request.method !== 'POST') throw methodNotAllowed()
  requireScope(...schemaReadScopes(type))
  checkQuery(call, ['locale'])
  const { inputs, archived } = parsedBody(request, Names)
  const shown = shownProperties(portal, type, archived)
  const asked = inputs.map(({ name }) => name)
  const { taken: names, refused } = splitByChance(call, asked, name => ({ name: [name] }))
  const missing = names.filter(name => !shown.some(property => property.name === name))
  const results = shown.filter(({ name }) => names.includes(name))
  const errors = missing.map((name): BatchError => ({
    status: 'error',
    category: 'OBJECT_NOT_FOUND',
    message: `Property "${name}" does not exist`,
    context: { name: [name] },
  }))
  return batchAnswer(call, 200, results, [...errors, ...refused])
}

/** Pipelines and stages are the options of two properties. */
function shownProperties(portal: Portal, type: ObjectType, archived: boolean) {
  return portal.properties[type]
    .filter(property => property.archived === archived)
    .map(property => {
      const { pipeline } = objectTypes[type]
      const live = portal.pipelines[type].filter(one => !one.archived)
      const source =
        property.name === pipeline?.property
          ? live
          : property.name === pipeline?.stage
            ? live.flatMap(one => one.stages.filter(stage => !stage.archived))
            : null
      return source === null
        ? property
        : {
            ...property,
            options: source.map(({ id, label }, displayOrder) => ({
              label,
              value: id,
              displayOrder,
              hidden: false,
              description: '',
            })),
          }
    })
}

/** `/pipelines/{type}`, `…/{id}`, `…/{id}/stages` (never paged). Archived ones are left out. */
function pipelines(call: ApiCall, [typeName, id, stages, ...more]: string[]): Reply {
  const { portal, requireScope } = call
  checkQuery(call, [])
  const type = objectTypeOf(typeName, portal)
  if (!type || more.length > 0) throw notFound()
  requireScope(...schemaReadScopes(objectTypes[type].pipeline ? type : 'deals'))
  const shown = portal.pipelines[type]
    .filter(({ archived }) => !archived)
    .map(({ rules: _rules, ...pipeline }) => ({
      ...pipeline,
      stages: pipeline.stages.filter(({ archived }) => !archived),
    }))
  if (id === undefined) return json(200, { results: shown })
  const pipeline = shown.find(candidate => candidate.id === id)
  if (!pipeline) throw notFound()
  if (stages === undefined) return json(200, pipeline)
  if (stages !== 'stages') throw notFound()
  return json(200, { results: pipeline.stages })
}

function owners(call: ApiCall, [id, ...more]: string[]): Reply {
  const { portal, request, requireScope } = call
  checkQuery(call, ['email', 'limit', 'after', 'archived', 'idProperty'])
  if (more.length > 0) throw notFound()
  requireScope('crm.objects.owners.read')
  const { query } = request
  const archived = query.get('archived') === 'true'
  const all = portal.owners.filter(owner => owner.archived === archived)
  if (id !== undefined) {
    const key = query.get('idProperty') === 'userId' ? 'userId' : 'id'
    const owner = all.find(candidate => String(candidate[key]) === id)
    if (!owner) throw notFound()
    return json(200, owner)
  }
  const email = query.get('email')
  const limit = wholeOf(query, 'limit', 100, 500)
  const wanted = all.filter(owner => email === null || email === '' || owner.email === email)
  const from = query.get('after') ? wanted.findIndex(owner => owner.id === query.get('after')) : 0
  if (from < 0) throw invalidInput('Invalid cursor')
  const following = wanted[from + limit]
  return json(200, {
    results: wanted.slice(from, from + limit),
    ...(following ? { paging: { next: { after: following.id, link: '' } } } : {}),
  })
}
