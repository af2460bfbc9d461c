import { z } from 'zod'
import { hubspotTime } from '../clock'
import type { ObjectType } from '../data/object-types'
import { defineProperty, type PropertyDefinition } from '../data/properties'
import { hubspotError, invalidInput, json, noContent, notFound, type Reply } from '../http'
import { batchAnswer, splitByChance } from './batch-answer'
import { parsedBody } from './bodies'
import { methodNotAllowed, schemaWriteScope, type ApiCall } from './call'

const Option = z.object({
  label: z.string(),
  value: z.string(),
  displayOrder: z.int().optional(),
  hidden: z.boolean().optional(),
  description: z.string().nullish(),
})
export const PropertyCreation = z.object({
  name: z.string().regex(/^[a-z][a-z0-9_]*$/, 'Property names are lower case'),
  label: z.string().min(1),
  type: z.enum(['string', 'number', 'date', 'datetime', 'enumeration', 'bool', 'phone_number']),
  fieldType: z.string(),
  groupName: z.string(),
  description: z.string().optional(),
  options: z.array(Option).optional(),
  displayOrder: z.int().optional(),
  hasUniqueValue: z.boolean().optional(),
  hidden: z.boolean().optional(),
  formField: z.boolean().optional(),
})
const Update = PropertyCreation.omit({ name: true, hasUniqueValue: true }).partial()
const Names = z.object({ inputs: z.array(z.object({ name: z.string() })).max(100) })
const Creations = z.object({ inputs: z.array(PropertyCreation).max(100) })

/**
 * Writes of properties: create, update, archive, and batches of them
 * (docs/hubspot-platform.md#schema).
 */
export function writeProperties(call: ApiCall, type: ObjectType, rest: string[]): Reply {
  const { method } = call.request
  const [name, action, ...more] = rest
  if (more.length > 0) throw notFound()
  call.requireScope(schemaWriteScope(type))
  if (name === 'batch') return batch(call, type, action)
  if (action !== undefined) throw notFound()
  if (method === 'POST' && name === undefined) {
    const input = parsedBody(call.request, PropertyCreation)
    return json(201, createProperty(call, type, input))
  }
  if (name === undefined) throw methodNotAllowed()
  if (method === 'PATCH')
    return json(200, change(call, type, name, parsedBody(call.request, Update)))
  if (method === 'DELETE') {
    archive(call, type, name)
    return noContent()
  }
  throw methodNotAllowed()
}

function batch(call: ApiCall, type: ObjectType, action: string | undefined): Reply {
  if (call.request.method !== 'POST') throw methodNotAllowed()
  if (action === 'archive') {
    for (const { name } of parsedBody(call.request, Names).inputs) archive(call, type, name)
    return noContent()
  }
  if (action !== 'create') throw notFound()
  const { inputs } = parsedBody(call.request, Creations)
  const { taken, refused } = splitByChance(call, inputs, ({ name }) => ({ name: [name] }))
  const results = taken.map(input => createProperty(call, type, input))
  // 2026-09 answers 200, as its other batches of writes do.
  const status = call.version === '2026-09' ? 200 : 201
  return batchAnswer(call, status, results, refused)
}

const optionsOf = (options: z.output<typeof Option>[]) =>
  options.map((option, place) => ({
    label: option.label,
    value: option.value,
    displayOrder: option.displayOrder ?? place,
    hidden: option.hidden ?? false,
    description: option.description ?? '',
  }))

/** @throws {RefusedRequest} 409 for a name that is taken */
export function createProperty(
  { portal, world }: ApiCall,
  type: ObjectType,
  { options = [], hasUniqueValue, ...input }: z.output<typeof PropertyCreation>,
): PropertyDefinition {
  if (portal.properties[type].some(({ name }) => name === input.name))
    throw hubspotError(409, {
      category: 'OBJECT_ALREADY_EXISTS',
      message: `A property named '${input.name}' already exists.`,
    })
  const now = hubspotTime(world.clock.now())
  const definition = {
    ...defineProperty(type, input.name, input.label, input.type, {
      custom: true,
      unique: hasUniqueValue,
    }),
    ...input,
    options: optionsOf(options),
    createdAt: now,
    updatedAt: now,
  }
  portal.properties[type].push(definition)
  return definition
}

/** @throws {RefusedRequest} 404 for a name that is not there */
function placeOf({ portal }: ApiCall, type: ObjectType, name: string) {
  const place = portal.properties[type].findIndex(
    property => property.name === name && !property.archived,
  )
  const before = portal.properties[type][place]
  if (!before) throw notFound()
  return { place, before }
}

function change(
  call: ApiCall,
  type: ObjectType,
  name: string,
  { options, ...input }: z.output<typeof Update>,
): PropertyDefinition {
  const list = call.portal.properties[type]
  const { place, before } = placeOf(call, type, name)
  if (before.modificationMetadata.readOnlyDefinition)
    throw invalidInput(`The definition of ${name} is HubSpot's own`)
  const definition = {
    ...before,
    ...input,
    ...(options === undefined ? {} : { options: optionsOf(options) }),
    updatedAt: hubspotTime(call.world.clock.now()),
  }
  list[place] = definition
  return definition
}

function archive(call: ApiCall, type: ObjectType, name: string): void {
  const list = call.portal.properties[type]
  const { place, before } = placeOf(call, type, name)
  if (!before.modificationMetadata.archivable)
    throw invalidInput(`Property ${name} cannot be archived`)
  list[place] = { ...before, archived: true, updatedAt: hubspotTime(call.world.clock.now()) }
}
