import { z } from 'zod'
import { hubspotTime } from '../clock'
import { customTypes, objectTypes, tieOf, type ObjectType } from '../data/object-types'
import { defaultProperties } from '../data/default-properties'
import { defaultGroups } from '../data/properties'
import { hubspotError, invalidInput, json, noContent, notFound, type Reply } from '../http'
import type { Portal } from '../store/portal'
import { liveSchema, type CustomSchema } from '../store/schemas'
import { checkQuery, parsedBody } from './bodies'
import { methodNotAllowed, type ApiCall, type ApiHandler } from './call'
import { objectTypeOf } from './paths'
import { createProperty, PropertyCreation } from './property-writes'

const Labels = z.object({ singular: z.string().optional(), plural: z.string().optional() })
const names = z.array(z.string())
const Creation = z.object({
  name: z.string().regex(/^[a-zA-Z]\w*$/, 'Names of objects are letters, digits and _'),
  labels: Labels,
  description: z.string().nullish(),
  primaryDisplayProperty: z.string().nullish(),
  secondaryDisplayProperties: names.default([]),
  requiredProperties: names,
  searchableProperties: names.default([]),
  properties: z.array(PropertyCreation.partial({ groupName: true })).min(1),
  associatedObjects: names.default([]),
  allowsSensitiveProperties: z.boolean().optional(),
})
const Change = z
  .object({
    labels: Labels,
    description: z.string(),
    clearDescription: z.boolean(),
    primaryDisplayProperty: z.string(),
    secondaryDisplayProperties: names,
    requiredProperties: names,
    searchableProperties: names,
    restorable: z.boolean(),
  })
  .partial()
const Association = z.object({
  fromObjectTypeId: z.string(),
  toObjectTypeId: z.string(),
  name: z.string().optional(),
})
const Batch = z.object({ inputs: names })

/** `/crm-object-schemas/{version}/schemas…`, and `/crm/v3/schemas…` (docs/hubspot-platform.md#schema) */
export function customObjectRoutes([name, action, id, ...more]: string[]): ApiHandler {
  return call => {
    const { portal, request, requireScope } = call
    const { method } = request
    const isRead = method === 'GET' || action === 'read'
    requireScope(`crm.schemas.custom.${isRead ? 'read' : 'write'}`)
    checkQuery(call, isRead ? includes : ['archived'])
    if (more.length > 0) throw notFound()
    if (name === undefined) {
      if (method === 'GET') return list(call)
      if (method === 'POST') return json(201, shown(portal, define(call)))
      throw methodNotAllowed()
    }
    if (name === 'batch' && action === 'read') {
      const { inputs } = parsedBody(request, Batch)
      return json(200, { results: inputs.map(one => shown(portal, known(portal, one))) })
    }
    const schema = known(portal, name)
    if (action === 'associations') return associations(call, schema, id)
    if (action !== undefined) throw notFound()
    if (method === 'GET') return json(200, shown(portal, schema))
    if (method === 'PATCH') return json(200, definition(portal, change(call, schema)))
    if (method === 'DELETE') return archive(call, schema)
    throw methodNotAllowed()
  }
}

const includes = [
  'archived',
  'includeAssociationDefinitions',
  'includeAuditMetadata',
  'includePropertyDefinitions',
]

function known(portal: Portal, name: string): CustomSchema {
  const type = objectTypeOf(name, portal)
  const schema = type && liveSchema(portal.schemas, type)
  if (!schema) throw notFound()
  return schema
}

function list({ portal, request }: ApiCall): Reply {
  const isArchived = request.query.get('archived') === 'true'
  const schemas = [...portal.schemas.values()].filter(({ archived }) => archived === isArchived)
  return json(200, { results: schemas.map(schema => shown(portal, schema)) })
}

function definition(portal: Portal, schema: CustomSchema) {
  const { objectTypeId } = objectTypes[schema.type]
  return {
    id: objectTypeId.slice(2),
    name: schema.name,
    fullyQualifiedName: `p${portal.description.id}_${schema.name}`,
    objectTypeId,
    labels: schema.labels,
    ...(schema.description === null ? {} : { description: schema.description }),
    ...(schema.primaryDisplayProperty === null
      ? {}
      : { primaryDisplayProperty: schema.primaryDisplayProperty }),
    secondaryDisplayProperties: schema.secondaryDisplayProperties,
    requiredProperties: schema.requiredProperties,
    searchableProperties: schema.searchableProperties,
    allowsSensitiveProperties: false,
    archived: schema.archived,
    createdAt: hubspotTime(schema.createdAt),
    updatedAt: hubspotTime(schema.updatedAt),
  }
}

function shown(portal: Portal, schema: CustomSchema) {
  return {
    ...definition(portal, schema),
    properties: portal.properties[schema.type].filter(({ archived }) => !archived),
    associations: schema.associated.flatMap(other => definitions(schema, other)),
  }
}

/** Both directions between a custom object and another kind. */
const definitions = ({ type, name, createdAt }: CustomSchema, other: ObjectType) =>
  [[type, other] as const, [other, type] as const].map(([from, to]) => ({
    id: String(tieOf(from, to)?.plain),
    name: from === type ? `${name}_to_${other}` : `${other}_to_${name}`,
    fromObjectTypeId: objectTypes[from].objectTypeId,
    toObjectTypeId: objectTypes[to].objectTypeId,
    createdAt: hubspotTime(createdAt),
    updatedAt: hubspotTime(createdAt),
  }))

function kindOf(portal: Portal, name: string): ObjectType {
  const type = objectTypeOf(name, portal) ?? objectTypeOf(name.toLowerCase(), portal)
  if (!type) throw invalidInput(`Unable to infer object type from: ${name}`)
  return type
}

function define(call: ApiCall): CustomSchema {
  const { portal } = call
  const given = parsedBody(call.request, Creation)
  if (objectTypeOf(given.name, portal))
    throw hubspotError(409, {
      category: 'OBJECT_ALREADY_EXISTS',
      message: `An object named '${given.name}' already exists.`,
    })
  const type = customTypes.find(one => !portal.schemas.has(one))
  if (!type)
    throw invalidInput(`This account can define no more than ${customTypes.length} custom objects`)
  const own = given.properties.map(property => property.name)
  const mentioned = [
    ...given.requiredProperties,
    ...given.searchableProperties,
    ...given.secondaryDisplayProperties,
    ...(given.primaryDisplayProperty ? [given.primaryDisplayProperty] : []),
  ]
  const unknown = mentioned.filter(name => !own.includes(name))
  if (unknown.length > 0) throw invalidInput(`No such properties: ${unknown.join(', ')}`)
  const associated = given.associatedObjects.map(name => kindOf(portal, name))

  portal.properties[type] = defaultProperties(type, [])
  portal.groups[type] = defaultGroups(type)
  const { group } = objectTypes[type]
  for (const property of given.properties)
    createProperty(call, type, { ...property, groupName: property.groupName ?? group })
  const now = call.world.clock.now()
  const schema: CustomSchema = {
    type,
    name: given.name,
    labels: {
      singular: given.labels.singular ?? given.name,
      plural: given.labels.plural ?? given.name,
    },
    description: given.description ?? null,
    primaryDisplayProperty: given.primaryDisplayProperty ?? null,
    secondaryDisplayProperties: given.secondaryDisplayProperties,
    requiredProperties: given.requiredProperties,
    searchableProperties: given.searchableProperties,
    associated: [...new Set(associated)],
    archived: false,
    createdAt: now,
    updatedAt: now,
  }
  portal.schemas.set(type, schema)
  return schema
}

function change({ portal, request, world }: ApiCall, schema: CustomSchema): CustomSchema {
  const { labels, clearDescription, restorable: _, ...rest } = parsedBody(request, Change)
  const after = {
    ...schema,
    ...rest,
    labels: { ...schema.labels, ...labels },
    ...(clearDescription === true ? { description: null } : {}),
    updatedAt: world.clock.now(),
  }
  portal.schemas.set(schema.type, after)
  return after
}

/** An object goes when its records have gone. */
function archive({ portal, world }: ApiCall, schema: CustomSchema): Reply {
  const store = portal.store(schema.type)
  for (let index = 0; index < store.size(); index++)
    if (store.view(index)?.archivedAt === null)
      throw invalidInput(`Object ${schema.name} still has records: delete them first`)
  portal.schemas.set(schema.type, { ...schema, archived: true, updatedAt: world.clock.now() })
  return noContent()
}

function associations(call: ApiCall, schema: CustomSchema, id: string | undefined): Reply {
  const { portal, request } = call
  if (request.method === 'DELETE' && id !== undefined) {
    const gone = schema.associated.filter(other =>
      definitions(schema, other).some(one => [one.id, one.name].includes(id)),
    )
    if (gone.length === 0) throw notFound()
    schema.associated = schema.associated.filter(other => !gone.includes(other))
    return noContent()
  }
  if (request.method !== 'POST' || id !== undefined) throw methodNotAllowed()
  const { fromObjectTypeId, toObjectTypeId } = parsedBody(request, Association)
  const ends = [fromObjectTypeId, toObjectTypeId].map(name => kindOf(portal, name))
  const other = ends.find(type => type !== schema.type)
  if (!ends.includes(schema.type) || !other)
    throw invalidInput('One end of the association must be this object, the other another one')
  if (!schema.associated.includes(other)) schema.associated.push(other)
  return json(201, definitions(schema, other)[ends[0] === schema.type ? 0 : 1])
}
