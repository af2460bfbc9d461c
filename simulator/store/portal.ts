import type { SimulatorClock } from '../clock'
import { createBaseContacts } from '../data/contacts'
import { createBaseDeals, type StagePlace } from '../data/deals'
import type { ObjectType } from '../data/base'
import { defaultOwners, type Owner } from '../data/owners'
import { defaultPipelines, type Pipeline, type Stage } from '../data/pipelines'
import type { PortalDescription } from '../data/portals'
import { defaultProperties, type PropertyDefinition } from '../data/properties'
import { createAssociations, type Associations } from './associations'
import type { ChangeEvent } from './events'
import { createObjectStore, type ObjectStore } from './objects'
import type { RecordView } from './record'

/** One HubSpot account with all it holds. */
export interface Portal {
  description: PortalDescription
  contacts: ObjectStore
  deals: ObjectStore
  associations: Associations
  properties: Record<ObjectType, PropertyDefinition[]>
  pipelines: Pipeline[]
  owners: Owner[]
  /**
   * Properties that its admin made necessary on writes (2026-09 enforces them, older versions do
   * not)
   */
  requiredOnWrite: {
    type: ObjectType
    property: string
    when?: { property: string; equals: string }
  }[]
  store(type: ObjectType): ObjectStore
  /** Definition of a property that is not archived */
  property(type: ObjectType, name: string): PropertyDefinition | undefined
  stage(pipelineId: string | null, stageId: string | null): Stage | undefined
  /** Ids of the live records of the other type that this one is associated with */
  associated(type: ObjectType, index: number): string[]
  /** Index of the live contact with this address, be it an additional one; -1 when there is none */
  contactByEmail(email: string): number
  additionalEmails: Map<string, number>
  emit(event: Omit<ChangeEvent, 'portalId'>): void
  clock: SimulatorClock
}

export interface PortalDeps {
  description: PortalDescription
  seed: number
  clock: SimulatorClock
  searchLagMs(index: number): number
  onChange(event: ChangeEvent): void
}

/** The same in every portal: HubSpot's ids are unique within an account only. */
const firstIds: Record<ObjectType, number> = { contacts: 51_400_201, deals: 9_120_034_501 }

export const otherType: Record<ObjectType, ObjectType> = { contacts: 'deals', deals: 'contacts' }

export function createPortal({
  description,
  seed,
  clock,
  searchLagMs,
  onChange,
}: PortalDeps): Portal {
  const portalSeed = (seed ^ Math.imul(description.id, 0x9e3779b1)) >>> 0
  const currencies: [string, ...string[]] = [
    description.currency,
    ...description.additionalCurrencies,
  ]
  const baseContacts = createBaseContacts(portalSeed, description.contacts)
  const pipelines = structuredClone(description.pipelines) ?? defaultPipelines()
  const [first, ...others] = pipelines.flatMap(({ id, stages }) =>
    stages.map((stage): StagePlace => [id, stage.id]),
  )
  const baseDeals = createBaseDeals(
    portalSeed,
    description.deals,
    description.contacts,
    currencies,
    description.pipelines && first ? [first, ...others] : undefined,
  )
  const associations = createAssociations(baseDeals, description.contacts)
  const properties = {
    contacts: [
      ...defaultProperties('contacts', currencies),
      ...(description.properties?.contacts ?? []),
    ],
    deals: [...defaultProperties('deals', currencies), ...(description.properties?.deals ?? [])],
  }
  const additionalEmails = new Map<string, number>()

  const isLive = (view: RecordView | null) => view !== null && view.archivedAt === null
  const associated = (type: ObjectType, index: number) =>
    associations
      .of(type, index)
      .filter(other => isLive(stores[otherType[type]].view(other)))
      .map(other => stores[otherType[type]].idAt(other))
  const stage = (pipelineId: string | null, stageId: string | null) =>
    pipelines
      .find(pipeline => pipeline.id === pipelineId && !pipeline.archived)
      ?.stages.find(({ id, archived }) => id === stageId && !archived)

  function computedForDeals(name: string, view: RecordView): string | null | undefined {
    if (name === 'num_associated_contacts') return String(associated('deals', view.index).length)
    if (
      name !== 'hs_is_closed' &&
      name !== 'hs_is_closed_won' &&
      name !== 'hs_deal_stage_probability'
    )
      return undefined
    const metadata = stage(view.value('pipeline'), view.value('dealstage'))?.metadata
    if (name === 'hs_deal_stage_probability') return metadata?.probability ?? null
    const closed = metadata?.isClosed === 'true'
    return String(name === 'hs_is_closed' ? closed : closed && Number(metadata.probability) === 1)
  }

  const stores: Record<ObjectType, ObjectStore> = {
    contacts: createObjectStore({
      type: 'contacts',
      base: baseContacts,
      firstId: firstIds.contacts,
      searchLagMs,
      uniqueProperties: ['email', 'partner_reference'],
      baseIndexOf: (property, value) =>
        property === 'email' ? baseContacts.indexOfEmail(value) : -1,
      computed: (name, view) =>
        name === 'num_associated_deals'
          ? String(associated('contacts', view.index).length)
          : undefined,
    }),
    deals: createObjectStore({
      type: 'deals',
      base: baseDeals,
      firstId: firstIds.deals,
      searchLagMs,
      uniqueProperties: ['partner_deal_reference'],
      baseIndexOf: () => -1,
      computed: computedForDeals,
    }),
  }

  return {
    description,
    ...stores,
    associations,
    properties,
    pipelines,
    owners: defaultOwners(),
    requiredOnWrite: [],
    store: type => stores[type],
    property: (type, name) =>
      properties[type].find(property => property.name === name && !property.archived),
    stage,
    associated,
    contactByEmail(email) {
      const address = email.trim().toLowerCase()
      const index = stores.contacts.findUnique('email', address)
      if (index >= 0) return index
      const additional = additionalEmails.get(address)
      return additional !== undefined && isLive(stores.contacts.view(additional)) ? additional : -1
    },
    additionalEmails,
    emit: event => onChange({ portalId: description.id, ...event }),
    clock,
  }
}
