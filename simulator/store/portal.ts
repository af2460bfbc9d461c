import type { SimulatorClock } from '../clock'
import { createBaseCompanies } from '../data/companies'
import { createBaseContacts } from '../data/contacts'
import { createBaseDeals, type StagePlace } from '../data/deals'
import { noBaseRecords, type BaseRecords } from '../data/base'
import { objectTypeNames, tiedTo, type ObjectType } from '../data/object-types'
import { defaultOwners, type Owner } from '../data/owners'
import { defaultPipelines, type Pipeline, type Stage } from '../data/pipelines'
import type { PortalDescription } from '../data/portals'
import { defaultProperties } from '../data/default-properties'
import { defaultGroups, type PropertyDefinition, type PropertyGroup } from '../data/properties'
import { createAssociations, pairOf, type Associations } from './associations'
import type { ChangeEvent } from './events'
import { createLabels, type Labels } from './labels'
import { createObjectStore, type ObjectStore, type ObjectStoreDeps } from './objects'
import type { RecordView } from './record'
import type { Schemas } from './schemas'

/** One HubSpot account with all it holds. */
export interface Portal {
  description: PortalDescription
  contacts: ObjectStore
  associations: Associations
  labels: Labels
  /** Of the objects that the account defined */
  schemas: Schemas
  properties: Record<ObjectType, PropertyDefinition[]>
  groups: Record<ObjectType, PropertyGroup[]>
  /** Empty for records that move through no stages */
  pipelines: Record<ObjectType, Pipeline[]>
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
  /** A live stage of a live pipeline */
  stage(type: ObjectType, pipelineId: string | null, stageId: string | null): Stage | undefined
  /** Ids of the live records of `to` that this one is associated with */
  associated(type: ObjectType, index: number, to: ObjectType): string[]
  /** Id of a record's primary company: the one chosen, else the first that it got; null: none */
  primaryCompany(type: ObjectType, index: number): string | null
  /** Index of the live contact with this address, be it an additional one; -1 when there is none */
  contactByEmail(email: string): number
  additionalEmails: Map<string, number>
  emit(event: Omit<ChangeEvent, 'portalId'>): void
  clock: SimulatorClock
}

/** What the records of one kind have that others have not */
type OwnRules = Pick<ObjectStoreDeps, 'baseIndexOf' | 'computed'>

export interface PortalDeps {
  description: PortalDescription
  seed: number
  clock: SimulatorClock
  searchLagMs(index: number): number
  onChange(event: ChangeEvent): void
}

/** One company for so many contacts, where an account does not say */
const contactsPerCompany = 4

const forEachType = <T>(of: (type: ObjectType) => T) =>
  Object.fromEntries(objectTypeNames.map(type => [type, of(type)])) as Record<ObjectType, T>

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
  const pipelines = forEachType(type => defaultPipelines[type]?.() ?? [])
  if (description.pipelines) pipelines.deals = structuredClone(description.pipelines)
  const [first, ...others] = pipelines.deals.flatMap(({ id, stages }) =>
    stages.map((stage): StagePlace => [id, stage.id]),
  )
  const baseDeals = createBaseDeals(
    portalSeed,
    description.deals,
    description.contacts,
    currencies,
    description.pipelines && first ? [first, ...others] : undefined,
  )
  const baseCompanies = createBaseCompanies(
    portalSeed,
    description.companies ?? Math.ceil(description.contacts / contactsPerCompany),
    description,
  )
  const withCompany = (type: 'contacts' | 'deals') => (from: ObjectType, index: number) => {
    if (from === 'companies')
      return index < baseCompanies.count ? baseCompanies.recordsOf(type, index) : []
    const company = baseCompanies.companyOf(type, index)
    return company < 0 ? [] : [company]
  }
  const associations = createAssociations({
    [pairOf('contacts', 'deals')]: (from, index) =>
      from === 'contacts'
        ? index < description.contacts
          ? baseDeals.dealsOf(index)
          : []
        : index < description.deals
          ? baseDeals.contactsOf(index)
          : [],
    [pairOf('contacts', 'companies')]: withCompany('contacts'),
    [pairOf('deals', 'companies')]: withCompany('deals'),
  })
  const properties = forEachType(type => [
    ...defaultProperties(type, currencies),
    ...(description.properties?.[type] ?? []),
  ])
  const additionalEmails = new Map<string, number>()

  const isLive = (view: RecordView | null) => view !== null && view.archivedAt === null
  const associated = (type: ObjectType, index: number, to: ObjectType) =>
    associations
      .of(type, index, to)
      .filter(other => isLive(stores[to].view(other)))
      .map(other => stores[to].idAt(other))
  function primaryCompany(type: ObjectType, index: number): string | null {
    const live = associations
      .inOrder(type, index, 'companies')
      .filter(company => isLive(stores.companies.view(company)))
    const chosen = associations.primary({ type, index })
    const [first] = live
    const primary = chosen !== undefined && live.includes(chosen) ? chosen : first
    return primary === undefined ? null : stores.companies.idAt(primary)
  }
  const stage: Portal['stage'] = (type, pipelineId, stageId) =>
    pipelines[type]
      .find(pipeline => pipeline.id === pipelineId && !pipeline.archived)
      ?.stages.find(({ id, archived }) => id === stageId && !archived)

  function computedForDeals(name: string, view: RecordView): string | null | undefined {
    if (
      name !== 'hs_is_closed' &&
      name !== 'hs_is_closed_won' &&
      name !== 'hs_deal_stage_probability'
    )
      return undefined
    const metadata = stage('deals', view.value('pipeline'), view.value('dealstage'))?.metadata
    if (name === 'hs_deal_stage_probability') return metadata?.probability ?? null
    const closed = metadata?.isClosed === 'true'
    return String(name === 'hs_is_closed' ? closed : closed && Number(metadata.probability) === 1)
  }

  const storeOf = (
    type: ObjectType,
    base: BaseRecords,
    { baseIndexOf = () => -1, computed = () => undefined }: Partial<OwnRules> = {},
  ) =>
    createObjectStore({
      type,
      base,
      searchLagMs,
      baseIndexOf,
      computed(name, view) {
        // `num_associated_deals` of a contact, and so on for each kind it can be tied to.
        const counted = tiedTo(type).find(other => name === `num_associated_${other}`)
        return counted ? String(associated(type, view.index, counted).length) : computed(name, view)
      },
    })
  const stores: Record<ObjectType, ObjectStore> = {
    ...forEachType(type => storeOf(type, noBaseRecords)),
    contacts: storeOf('contacts', baseContacts, {
      baseIndexOf: (property, value) =>
        property === 'email' ? baseContacts.indexOfEmail(value) : -1,
    }),
    deals: storeOf('deals', baseDeals, { computed: computedForDeals }),
    companies: storeOf('companies', baseCompanies),
  }

  return {
    description,
    contacts: stores.contacts,
    associations,
    labels: createLabels(),
    schemas: new Map(),
    properties,
    groups: forEachType(defaultGroups),
    pipelines,
    owners: defaultOwners(),
    requiredOnWrite: [],
    store: type => stores[type],
    property: (type, name) =>
      properties[type].find(property => property.name === name && !property.archived),
    stage,
    associated,
    primaryCompany,
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
