import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { hubspotTime } from '../clock'
import type { ObjectType } from '../data/object-types'
import { invalidInput, json, notFound, RefusedRequest, type Reply } from '../http'
import {
  beginExport,
  exportsOf,
  exportsOfDay,
  fileOfLink,
  openLink,
  stateOf,
  type ExportState,
  type ExportTask,
} from '../store/exports'
import { listsOf, membersOf } from '../store/lists'
import type { Portal } from '../store/portal'
import type { RecordView } from '../store/record'
import { findRecords } from '../store/search'
import type { World } from '../world'
import { tieIn } from './association-types'
import { checkQuery, parsedBody, strictBodies } from './bodies'
import { methodNotAllowed, readScope, type ApiCall, type ApiHandler } from './call'
import { exportFile } from './export-files'
import { objectTypeOf } from './paths'
import { searchQueryOf } from './search'

const mostADay = 30
const mostAssociated = 4

const { filterGroups, query, sorts } = strictBodies.search.shape
const Search = z.object({
  filterGroups,
  query,
  sorts,
  filters: z.array(z.looseObject({ propertyName: z.string(), operator: z.string() })).optional(),
})
const Export = z.object({
  exportType: z.enum(['VIEW', 'LIST']),
  format: z.enum(['CSV', 'XLS', 'XLSX']),
  exportName: z.string().min(1),
  objectType: z.string(),
  objectProperties: z.array(z.string()),
  // v3 names one kind, the dated versions a list.
  associatedObjectType: z.union([z.string(), z.array(z.string())]).optional(),
  language: z.string().optional(),
  exportInternalValuesOptions: z.array(z.enum(['NAMES', 'VALUES'])).default([]),
  overrideAssociatedObjectsPerDefinitionPerRowLimit: z.boolean().optional(),
  includeLabeledAssociations: z.boolean().optional(),
  includePrimaryDisplayPropertyForAssociatedObjects: z.boolean().optional(),
  listId: z.string().optional(),
  publicCrmSearchRequest: Search.optional(),
})

/** `/exports/export/async`, `…/tasks/{id}/status`, `/exports/export/{id}` (docs/hubspot-platform.md#exports) */
export function exportRoutes([root, ...rest]: string[]): ApiHandler {
  return call => {
    const { method } = call.request
    call.requireScope('crm.export')
    checkQuery(call, [])
    if (root !== 'export') throw notFound()
    const [first, tasks, id, status, ...more] = rest
    if (first === 'async' && tasks === undefined) {
      if (method !== 'POST') throw methodNotAllowed()
      return start(call)
    }
    if (method !== 'GET') throw methodNotAllowed()
    if (first === 'async' && tasks === 'tasks' && status === 'status' && more.length === 0)
      return taskStatus(call, taskOf(call.portal, id))
    if (tasks === undefined) return json(200, exportOf(call.portal, taskOf(call.portal, first)))
    throw notFound()
  }
}

/** @throws {RefusedRequest} 404 for an id that no export has */
export function taskOf(portal: Portal, id: string | undefined): ExportTask {
  const task = exportsOf(portal).tasks.find(one => one.id === id)
  if (!task) throw notFound()
  return task
}

function start(call: ApiCall): Reply {
  const { portal, requireScope, world } = call
  const given = parsedBody(call.request, Export)
  const type = kindOf(portal, given.objectType)
  requireScope(readScope(type))
  if (given.format !== 'CSV') throw invalidInput(`The simulator exports CSV, not ${given.format}`)
  const properties = given.objectProperties.map(name => {
    const property = portal.property(type, name)
    if (!property) throw invalidInput(`Property "${name}" does not exist`)
    return property
  })
  const others = [given.associatedObjectType ?? []].flat().map(name => kindOf(portal, name))
  if (others.length > mostAssociated)
    throw invalidInput(`No more than ${mostAssociated} associated objects can be exported`)
  const alone = others.find(other => !tieIn(portal, type, other))
  if (alone) throw invalidInput(`${type} are not associated with ${alone}`)
  const records = recordsOf(portal, type, given)
  if (exportsOfDay(portal) >= mostADay) throw tooMany()

  const all = exportsOf(portal)
  const task: ExportTask = {
    id: String(all.nextId++),
    exportName: given.exportName,
    exportType: given.exportType,
    type,
    objectProperties: given.objectProperties,
    requestedAt: world.clock.now(),
    approval: world.settings.exportsNeedApproval ? null : 'not_needed',
    work: null,
    result: null,
    make: () =>
      exportFile(portal, records(), {
        name: given.exportName,
        type,
        properties,
        associated: others,
        internal: {
          names: given.exportInternalValuesOptions.includes('NAMES'),
          values: given.exportInternalValuesOptions.includes('VALUES'),
        },
        rowsPerFile: world.settings.exportRowsPerFile,
      }),
  }
  if (task.approval !== null) beginExport(portal, task, world.settings.exportMs)
  all.tasks.push(task)
  const link = `${world.url()}/crm/exports/${call.version}/export/async/tasks/${task.id}/status`
  return json(202, { id: task.id, links: { status: link } })
}

function kindOf(portal: Portal, name: string): ObjectType {
  const type = objectTypeOf(name, portal) ?? objectTypeOf(name.toLowerCase(), portal)
  if (!type) throw invalidInput(`Unable to infer object type from: ${name}`)
  return type
}

/** Checks what is asked for now, and finds its records later. */
function recordsOf(
  portal: Portal,
  type: ObjectType,
  { exportType, listId, publicCrmSearchRequest }: z.output<typeof Export>,
): () => RecordView[] {
  const store = portal.store(type)
  if (exportType === 'LIST') {
    const list = listsOf(portal).find(one => one.listId === listId)
    if (list?.type !== type) throw invalidInput(`There is no list ${listId} of ${type}`)
    return () => membersOf(portal, list).flatMap(id => store.view(store.indexOf(id)) ?? [])
  }
  const { filters = [], ...search } = publicCrmSearchRequest ?? {}
  const given = [...(search.filterGroups ?? []), ...(filters.length > 0 ? [{ filters }] : [])]
  const found = searchQueryOf(portal, type, { ...search, filterGroups: given })
  return () =>
    findRecords(store, found, store.size()).indexes.flatMap(index => store.searchView(index) ?? [])
}

const tooMany = () =>
  new RefusedRequest(
    json(429, {
      status: 'error',
      category: 'RATE_LIMITS',
      message: `No more than ${mostADay} exports in 24 hours are possible.`,
      correlationId: randomUUID(),
    }),
  )

const taskStates: Record<ExportState, string> = {
  PENDING_APPROVAL: 'PENDING',
  ENQUEUED: 'PENDING',
  PROCESSING: 'PROCESSING',
  DONE: 'COMPLETE',
  CANCELED: 'CANCELED',
}

function taskStatus({ portal, world }: ApiCall, task: ExportTask): Reply {
  const state = stateOf(portal, task)
  const now = world.clock.now()
  const { from = task.requestedAt, to = now } = task.work ?? {}
  return json(200, {
    status: taskStates[state],
    requestedAt: hubspotTime(task.requestedAt),
    startedAt: hubspotTime(Math.min(from, now)),
    completedAt: hubspotTime(Math.min(to, now)),
    ...(state === 'DONE'
      ? { result: `${world.url()}/exported/${portal.description.id}/${openLink(portal, task)}` }
      : {}),
  })
}

function exportOf(portal: Portal, task: ExportTask) {
  const exportState = stateOf(portal, task)
  return {
    id: task.id,
    exportName: task.exportName,
    exportType: task.exportType,
    exportState,
    objectType: task.type,
    objectProperties: task.objectProperties,
    ...(task.result ? { recordCount: task.result.rows } : {}),
    createdAt: hubspotTime(task.requestedAt),
    updatedAt: hubspotTime(Math.min(task.work?.to ?? task.requestedAt, portal.clock.now())),
  }
}

/** `/exported/{portal}/{secret}`: an open address, as those of a file store are. */
export function exportedFile(world: World, [portalId, secret = '']: string[]): Reply {
  const portal = world.portals.get(Number(portalId))
  const file = portal && fileOfLink(portal, secret)
  if (!file)
    return {
      status: 403,
      headers: { 'content-type': 'application/xml' },
      body: '<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>',
    }
  return {
    status: 200,
    headers: {
      'content-type': file.type,
      'content-disposition': `attachment; filename="${file.name}"`,
    },
    body: file.content,
  }
}
