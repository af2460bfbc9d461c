import { invalidInput, json, notFound, wholeOf, type Reply } from '../http'
import { checkQuery } from './bodies'
import { methodNotAllowed, type ApiCall, type ApiHandler } from './call'
import { objectTypeOf } from './paths'
import { writeProperties } from './property-writes'

/** Properties, pipelines and owners: what describes a portal's records. */
export function schemaRoutes(
  api: 'properties' | 'pipelines' | 'owners',
  rest: string[],
): ApiHandler {
  return call => {
    const isRead = call.request.method === 'GET'
    const type = objectTypeOf(rest[0])
    if (api === 'properties' && !isRead && type) return writeProperties(call, type, rest.slice(1))
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
  const type = objectTypeOf(typeName)
  if (!type || more.length > 0) throw notFound()
  requireScope(`crm.schemas.${type}.read`, `crm.objects.${type}.read`)
  const archived = request.query.get('archived') === 'true'
  // Pipelines and stages are the options of two properties.
  const shown = portal.properties[type]
    .filter(property => property.archived === archived)
    .map(property => {
      const live = portal.pipelines.filter(pipeline => !pipeline.archived)
      const source =
        property.name === 'pipeline'
          ? live
          : property.name === 'dealstage'
            ? live.flatMap(pipeline => pipeline.stages.filter(stage => !stage.archived))
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
  if (name === undefined) return json(200, { results: shown })
  const property = shown.find(candidate => candidate.name === name)
  if (!property) throw notFound()
  return json(200, property)
}

/** `/pipelines/deals`, `…/{id}`, `…/{id}/stages` (never paged). Archived ones are left out. */
function pipelines(call: ApiCall, [typeName, id, stages, ...more]: string[]): Reply {
  const { portal, requireScope } = call
  checkQuery(call, [])
  const type = objectTypeOf(typeName)
  if (!type || more.length > 0) throw notFound()
  requireScope('crm.objects.deals.read', 'crm.schemas.deals.read')
  const shown =
    type !== 'deals'
      ? []
      : portal.pipelines
          .filter(({ archived }) => !archived)
          .map(pipeline => ({
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
