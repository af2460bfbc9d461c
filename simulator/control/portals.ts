import { findRecord } from '../api/objects'
import { objectTypeOf } from '../api/paths'
import { hubspotTime } from '../clock'
import { objectTypeNames, objectTypes, tieOf, type ObjectType } from '../data/object-types'
import type { Pipeline } from '../data/pipelines'
import { defineProperty, type PropertyDefinition } from '../data/properties'
import {
  isObject,
  json,
  objectBody,
  RefusedRequest,
  type Reply,
  type SimulatorRequest,
} from '../http'
import {
  archiveRecord,
  changeAssociation,
  createRecord,
  eraseContact,
  mergeRecords,
  restoreRecord,
  updateRecord,
} from '../store/changes'
import { madeInCrm, type ChangeSource } from '../store/events'
import type { RecordView } from '../store/record'
import type { Portal } from '../store/portal'
import type { World } from '../world'
import { bulkEdit, countRecords, duplicates } from './bulk'
import { exportControl } from './exports'
import { inZone } from './in-zone'
import { listControl } from './lists'
import { noSuchControl } from './errors'
import { timeOf } from './time'
import type { ControlRecord } from './types'

type Body = Record<string, unknown>

/** Whose records `associations` of a record names here */
const partnerOf = (type: ObjectType) => objectTypeOf(objectTypes[type].partner) ?? undefined

/**
 * `/_control/portals/{portal}/…`: what people do in their HubSpot account, without HubSpot's checks
 * of an app.
 */
export function portalControl(
  world: World,
  request: SimulatorRequest,
  portalId: number,
  rest: string[],
): Reply {
  const portal = world.portals.get(portalId)
  if (!portal) throw noSuchControl(`portal ${portalId}`)
  const { method } = request
  const body = method === 'GET' || request.body === '' ? {} : objectBody(request)
  if (rest[0] === 'pipelines') return pipelines(portal, 'deals', method, body)
  if (rest[0] === 'lists') return listControl(world, portal, method, rest.slice(1), body)
  if (rest[0] === 'exports') return exportControl(world, portal, method, rest.slice(1), body)
  if (rest[0] === 'account') return account(portal, method, body)
  if (rest[0] === 'owners' && method === 'PATCH') return owner(portal, rest[1], body)
  if (rest[0] === 'rules' && method === 'PUT') return rules(portal, body)
  if (rest[0] === 'associations' && method === 'POST') return association(portal, body)
  const type = objectTypeOf(rest[0], portal)
  if (type && rest[1] === 'pipelines') return pipelines(portal, type, method, body)
  if (type) return records(portal, type, request, rest.slice(1), body)
  throw noSuchControl(`${method} ${request.path}`)
}

/** An admin deactivates a user, or activates them again. */
function owner(portal: Portal, id: string | undefined, { archived }: Body): Reply {
  const found = portal.owners.find(one => one.id === id)
  if (!found) throw noSuchControl(`owner ${id}`)
  found.archived = archived === true
  return json(200, found)
}

function records(
  portal: Portal,
  type: ObjectType,
  { method, query }: SimulatorRequest,
  [first, second]: string[],
  body: Body,
): Reply {
  const context = {
    source: sourceOf(body),
    ...(body.at === undefined ? {} : { at: timeOf(body.at) }),
  }
  switch (`${method} ${first ?? ''}`) {
    case 'GET count':
      return json(200, countRecords(portal, type))
    case 'GET duplicates':
      return json(200, duplicates(portal, type, query.get('property') ?? 'email'))
    case 'GET ':
      return json(200, listRecords(portal, type, query))
    case 'POST bulk-edit':
      return json(200, bulkEdit(portal, type, body, context))
    case 'POST properties':
      return property(portal, type, body)
    case 'POST merge': {
      const winner = mergeRecords(
        portal,
        type,
        existing(portal, type, body.primary),
        existing(portal, type, body.loser),
        { ...context, asNewRecord: body.asNewRecord === true },
      )
      return json(200, shown(portal, type, winner))
    }
    case 'POST ': {
      const record = createRecord(
        portal,
        type,
        withStage(portal, type, valuesOf(portal, type, body)),
        context,
      )
      const other = partnerOf(type)
      const others = Array.isArray(body.associations) ? body.associations : []
      for (const id of others) {
        if (!other) throw noSuchControl(`associations of ${type}`)
        const partner = { type: other, record: existing(portal, other, id) }
        changeAssociation(portal, { type, record }, partner, false, { source: context.source })
      }
      return json(200, shown(portal, type, record))
    }
  }
  const record = existing(portal, type, first)
  switch (`${method} ${second ?? ''}`) {
    case 'GET ':
      break
    case 'PATCH ':
      updateRecord(portal, type, record, valuesOf(portal, type, body), context)
      break
    case 'DELETE ':
      archiveRecord(portal, type, record, context)
      break
    case 'POST restore':
      restoreRecord(portal, type, record, context)
      break
    case 'POST erase': {
      eraseContact(portal, record, context)
      return json(200, {})
    }
    default:
      throw noSuchControl(`${method} ${second}`)
  }
  return json(200, shown(portal, type, existing(portal, type, record.id)))
}

/** Without a filter: the first records in order of id, archived ones too. */
function listRecords(portal: Portal, type: ObjectType, query: URLSearchParams): ControlRecord[] {
  const store = portal.store(type)
  const limit = Number(query.get('limit') ?? 100)
  const property = query.get('property')
  const value = query.get('value')
  const found: ControlRecord[] = []
  for (let index = 0; index < store.size() && found.length < limit; index++) {
    const record = store.view(index)
    if (record && (property === null || record.value(property) === value))
      found.push(shown(portal, type, record))
  }
  return found
}

function shown(portal: Portal, type: ObjectType, record: RecordView): ControlRecord {
  const partner = partnerOf(type)
  const properties: Record<string, string> = {}
  const shownTimes: Record<string, string> = {}
  for (const { name, type: valueType } of portal.properties[type]) {
    const value = record.value(name)
    if (value === null) continue
    properties[name] = value
    if (valueType === 'datetime') shownTimes[name] = inZone(value, portal.description.timeZone)
  }
  return {
    id: record.id,
    properties,
    shownTimes,
    createdAt: hubspotTime(record.createdAt),
    updatedAt: hubspotTime(record.updatedAt),
    archived: record.archivedAt !== null,
    associations: partner ? portal.associated(type, record.index, partner) : [],
    ...(!tieOf(type, 'companies')
      ? {}
      : { companies: portal.associated(type, record.index, 'companies') }),
  }
}

function existing(portal: Portal, type: ObjectType, id: unknown): RecordView {
  const record = findRecord(portal, type, String(id), null, false)
  if (!record)
    throw noSuchControl(`record ${String(id)} among the ${type} of portal ${portal.description.id}`)
  return record
}

function valuesOf(portal: Portal, type: ObjectType, body: Body): Record<string, string | null> {
  const entries = Object.entries(isObject(body.properties) ? body.properties : {})
  const unknown = entries.filter(([name]) => !portal.property(type, name)).map(([name]) => name)
  if (unknown.length > 0)
    throw new RefusedRequest(
      json(400, { message: `Unknown properties of ${type}: ${unknown.join(', ')}` }),
    )
  const text = (name: string, value: unknown) =>
    name === 'email' ? String(value).toLowerCase() : String(value)
  return Object.fromEntries(
    entries.map(([name, value]) => [
      name,
      value === null || value === '' ? null : text(name, value),
    ]),
  )
}

/** A deal or a ticket made in HubSpot always stands in a pipeline. */
function withStage(
  portal: Portal,
  type: ObjectType,
  values: Record<string, string | null>,
): Record<string, string | null> {
  const names = objectTypes[type].pipeline
  if (!names) return values
  const { [names.property]: given, [names.stage]: step } = values
  const pipeline =
    portal.pipelines[type].find(
      ({ id, stages }) => given === id || (!given && stages.some(stage => stage.id === step)),
    ) ?? portal.pipelines[type][0]
  return {
    [names.property]: pipeline?.id ?? null,
    [names.stage]: pipeline?.stages[0]?.id ?? null,
    ...values,
  }
}

function sourceOf(body: Body): ChangeSource {
  return isObject(body.source)
    ? { changeSource: String(body.source.changeSource), sourceId: String(body.source.sourceId) }
    : madeInCrm
}

/** `{contact, deal}`, or whichever two: adds their association, or takes it back. */
function association(portal: Portal, body: Body): Reply {
  const [one, other, ...more] = objectTypeNames.flatMap(type => {
    const id = body[objectTypes[type].singular]
    return id === undefined ? [] : [{ type, record: existing(portal, type, id) }]
  })
  if (!one || !other || more.length > 0)
    throw new RefusedRequest(json(400, { message: 'An association has two records' }))
  changeAssociation(portal, one, other, body.removed === true, { source: sourceOf(body) })
  return json(200, shown(portal, one.type, one.record))
}

/** @param body `{timeZone?, currency?, additionalCurrencies?}` */
function account(portal: Portal, method: string, body: Body): Reply {
  if (method === 'PATCH') Object.assign(portal.description, body)
  return json(200, portal.description)
}

/** GET them, change them, PUT them back. */
function pipelines(portal: Portal, type: ObjectType, method: string, body: Body): Reply {
  if (method === 'PUT' && Array.isArray(body.pipelines))
    portal.pipelines[type] = body.pipelines as Pipeline[]
  return json(200, portal.pipelines[type])
}

/** Adds a property, or changes the one of this name: `{name, label?, type?, …}`. */
function property(portal: Portal, type: ObjectType, body: Body): Reply {
  const list = portal.properties[type]
  const name = String(body.name)
  const place = list.findIndex(definition => definition.name === name)
  const before =
    list[place] ??
    defineProperty(
      type,
      name,
      String(body.label ?? name),
      (body.type ?? 'string') as PropertyDefinition['type'],
      { custom: true },
    )
  const definition = {
    ...before,
    ...body,
    updatedAt: hubspotTime(portal.clock.now()),
  }
  if (place < 0) list.push(definition)
  else list[place] = definition
  return json(200, definition)
}

function rules(portal: Portal, body: Body): Reply {
  portal.requiredOnWrite = Array.isArray(body.rules)
    ? (body.rules as Portal['requiredOnWrite'])
    : []
  return json(200, portal.requiredOnWrite)
}
