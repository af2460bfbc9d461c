import type { PortalDescription } from '../data/portals'
import type { Pipeline } from '../data/pipelines'
import type { PropertyDefinition, PropertyGroup } from '../data/properties'
import { objectTypeNames, type ObjectType } from '../data/object-types'
import type { Owner } from '../data/owners'
import type { Fault } from '../faults'
import type { EndedGrants, Installation } from '../oauth/grants'
import type { AppConfiguration, SimulatorSettings } from '../settings'
import type { SavedAssociations } from '../store/associations'
import type { SavedLabels } from '../store/labels'
import { loadLists, saveLists, type SavedLists } from '../store/lists'
import type { SavedRecords } from '../store/objects'
import type { Portal } from '../store/portal'
import type { CustomSchema } from '../store/schemas'
import type { WebhookSettings } from '../webhooks/sender'
import type { World } from '../world'

interface SavedPortal {
  description: PortalDescription
  /** Older files have `contacts`, `deals` and perhaps `companies` beside the rest instead */
  records?: Partial<Record<ObjectType, SavedRecords>>
  contacts?: SavedRecords
  deals?: SavedRecords
  companies?: SavedRecords
  associations: SavedAssociations
  /** Not in older files */
  labels?: SavedLabels
  /** Not in older files */
  schemas?: CustomSchema[]
  additionalEmails: [string, number][]
  /** Not in older files */
  lists?: SavedLists
  properties: Partial<Record<ObjectType, PropertyDefinition[]>>
  /** Not in older files */
  groups?: Record<ObjectType, PropertyGroup[]>
  /** Older files have those of deals alone */
  pipelines: Pipeline[] | Partial<Record<ObjectType, Pipeline[]>>
  owners: Owner[]
  requiredOnWrite: Portal['requiredOnWrite']
}

/**
 * What changed since the start: settings, faults, time, records, lists, schema and grants. It fits a
 * simulator with the same seed and accounts. Refresh tokens are known by their signature. Not kept:
 * access tokens, authorization codes, the calls and deliveries seen, webhooks that wait, what counts
 * against the limits, hits of faults, and how far search lags behind.
 */
export interface Snapshot {
  app: AppConfiguration
  settings: SimulatorSettings
  webhooks: WebhookSettings
  faults: Fault[]
  clockOffsetMs: number
  installations: Installation[]
  /** Not in older files */
  endedGrants?: EndedGrants
  portals: SavedPortal[]
}

export function saveWorld(world: World): Snapshot {
  return {
    app: world.app,
    settings: world.settings,
    webhooks: world.webhooks.settings,
    faults: world.faults.list().map(({ id: _id, hits: _hits, ...fault }) => fault),
    clockOffsetMs: world.clock.offset(),
    installations: world.grants.installations(),
    endedGrants: world.grants.ended(),
    portals: [...world.portals.values()].map(portal => ({
      description: portal.description,
      records: Object.fromEntries(
        objectTypeNames.map(type => [type, portal.store(type).save()]),
      ) as Record<ObjectType, SavedRecords>,
      associations: portal.associations.save(),
      labels: portal.labels.save(),
      schemas: [...portal.schemas.values()],
      additionalEmails: [...portal.additionalEmails],
      lists: saveLists(portal),
      properties: portal.properties,
      groups: portal.groups,
      pipelines: portal.pipelines,
      owners: portal.owners,
      requiredOnWrite: portal.requiredOnWrite,
    })),
  }
}

/** Puts a snapshot back; accounts that this simulator does not have are passed over. */
export function loadWorld(world: World, saved: Snapshot): void {
  Object.assign(world.app, saved.app)
  Object.assign(world.settings, saved.settings)
  Object.assign(world.webhooks.settings, saved.webhooks)
  world.faults.clear()
  for (const fault of saved.faults) world.faults.add(fault)
  world.clock.advance(saved.clockOffsetMs - world.clock.offset())
  world.grants.restore(saved.installations, saved.endedGrants)
  for (const one of saved.portals) {
    const portal = world.portals.get(one.description.id)
    if (!portal) continue
    Object.assign(portal.description, one.description)
    const { contacts, deals, companies } = one
    const records = one.records ?? { contacts, deals, companies }
    portal.associations.load(one.associations)
    if (one.labels) portal.labels.load(one.labels)
    portal.schemas.clear()
    for (const schema of one.schemas ?? []) portal.schemas.set(schema.type, schema)
    portal.additionalEmails.clear()
    for (const [email, index] of one.additionalEmails) portal.additionalEmails.set(email, index)
    if (one.lists) loadLists(portal, one.lists)
    const pipelines = Array.isArray(one.pipelines) ? { deals: one.pipelines } : one.pipelines
    for (const type of objectTypeNames) {
      const saved = records[type]
      if (saved) portal.store(type).load(saved)
      portal.pipelines[type] = pipelines[type] ?? portal.pipelines[type]
      replace(portal.properties[type], one.properties[type] ?? [...portal.properties[type]])
      replace(portal.groups[type], one.groups?.[type] ?? [...portal.groups[type]])
    }
    replace(portal.owners, one.owners)
    portal.requiredOnWrite = one.requiredOnWrite
  }
}

function replace<T>(list: T[], items: readonly T[]): void {
  list.splice(0, list.length, ...items)
}
