import type { ObjectId } from 'mongodb'
import type {
  ContactLists,
  Scope,
  ScopeCounts,
  ScopeSaved,
  ScopeView,
} from '#shared/contracts/scope'
import { listScope, ownerScope } from '#shared/hubspot/scopes'
import type { Actor, AuditLog } from '../database/audit'
import type { Collections } from '../database/collections'
import type { SyncScopeDocument } from '../database/documents'
import type { Clock } from '../config/clock'
import { DomainError, ValidationFailed } from '../errors'
import type { Crm, HubspotList, ObjectType } from '../hubspot/crm-types'
import { kindOfType } from '../records/kinds'
import { isWhole, scopeProperties, type KindScope, type ScopeRules } from '../records/scope'
import { askHubspot } from './hubspot-refusals'
import { connectedPortal, grantedScopes } from './portal'
import { ownerName, type Schema } from './schema'
import { countScope } from './scope-counts'
import { createScopeRepository } from './scope-repository'

export interface ScopeDeps {
  collections: Collections
  clock: Clock
  audit: AuditLog
  schema: Schema
  crmFor(partnerId: ObjectId): Crm
  onChange(partnerId: ObjectId, change: { reread: boolean }): Promise<void>
}

/** What stands behind the ids of a scope, and which of them nothing stands behind. */
interface Looked {
  names: SyncScopeDocument['names']
  lists: HubspotList[]
  issues: { path: string; message: string }[]
}

/** Which records of the HubSpot account are synced, as an admin chooses it. */
export function createScope({ collections, clock, audit, schema, crmFor, onChange }: ScopeDeps) {
  const repository = createScopeRepository(collections, clock)

  /** @throws {DomainError} `permission_missing` */
  function assertAllowed(granted: readonly string[], permission: string, what: string): void {
    if (!granted.includes(permission))
      throw new DomainError(
        'permission_missing',
        `HubSpot does not let us read ${what} yet. An admin has to connect again and allow it ` +
          `(${permission}).`,
      )
  }

  /** Asks HubSpot what the ids of a scope mean. */
  async function look(
    partnerId: ObjectId,
    portalId: string,
    { contacts, deals }: Scope,
  ): Promise<Looked> {
    const granted = await grantedScopes(collections, partnerId)
    const hasOwners = contacts.ownerIds.length + deals.ownerIds.length > 0
    const hasLists = contacts.listIds.length > 0
    if (hasLists) assertAllowed(granted, listScope, 'lists')
    if (hasOwners) assertAllowed(granted, ownerScope, 'owners')
    const [pipelines, owners, properties, lists] = await Promise.all([
      deals.pipelineIds.length > 0 ? schema.pipelines(partnerId, portalId, true) : [],
      hasOwners ? schema.owners(partnerId, portalId) : [],
      contacts.lifecycleStages.length > 0
        ? schema.properties(partnerId, portalId, 'contacts', true)
        : [],
      hasLists
        ? askHubspot(() => crmFor(partnerId).listsById('contacts', contacts.listIds))
        : Promise.resolve([]),
    ])
    const stages = properties.find(({ name }) => name === 'lifecyclestage')?.options ?? []
    const names: Looked['names'] = {
      lifecycle_stages: byId(stages, ({ value, label }) => [value, label]),
      owners: byId(owners, owner => [owner.id, ownerName(owner)]),
      lists: byId(lists, ({ id, name }) => [id, name]),
      pipelines: byId(pipelines, ({ id, label }) => [id, label]),
    }
    const unknown = (path: string, ids: readonly string[], known: object, what: string) =>
      ids
        .filter(id => !Object.hasOwn(known, id))
        .map(id => ({ path, message: `HubSpot has no ${what} ${id}` }))
    return {
      names,
      lists,
      issues: [
        ...unknown(
          'contacts.lifecycleStages',
          contacts.lifecycleStages,
          names.lifecycle_stages,
          'lifecycle stage',
        ),
        ...unknown('contacts.ownerIds', contacts.ownerIds, names.owners, 'owner'),
        ...unknown('contacts.listIds', contacts.listIds, names.lists, 'list of contacts'),
        ...unknown('deals.pipelineIds', deals.pipelineIds, names.pipelines, 'deal pipeline'),
        ...unknown('deals.ownerIds', deals.ownerIds, names.owners, 'owner'),
      ],
    }
  }

  async function checked(
    partnerId: ObjectId,
    scope: Scope,
  ): Promise<{ portalId: string; looked: Looked; counted: ScopeCounts }> {
    const portalId = await connectedPortal(collections, partnerId)
    const looked = await look(partnerId, portalId, scope)
    if (looked.issues.length > 0) throw new ValidationFailed(looked.issues)
    const counted = await askHubspot(() => countScope(crmFor(partnerId), scope, looked.lists))
    return { portalId, looked, counted }
  }

  return {
    repository,

    async view(partnerId: ObjectId): Promise<ScopeView> {
      const portalId = await connectedPortal(collections, partnerId)
      return presentScope(await repository.find(partnerId, portalId))
    },

    /** @returns what is synced of the portal; `null`: everything */
    async scopeFor(partnerId: ObjectId, portalId: string): Promise<ScopeRules | null> {
      const stored = await repository.find(partnerId, portalId)
      return stored && rulesOf(stored)
    },

    /** A scope that is only tried out, as the merge asks it. HubSpot is not asked. */
    rehearsed: (scope: Scope): ScopeRules | null =>
      rulesOf({
        ...storedScope(scope),
        names: { lifecycle_stages: {}, owners: {}, lists: {}, pipelines: {} },
        revision: 0,
        applied_revision: 0,
      }),

    /** The properties that the partner's scopes ask for, besides those that are mapped. */
    async propertiesToRead(partnerId: ObjectId, type: ObjectType): Promise<string[]> {
      const { name } = kindOfType(type)
      const scopes = await repository.ofPartner(partnerId)
      return scopes.flatMap(stored => scopeProperties(name, kindScope(stored[name])))
    },

    /**
     * How many of HubSpot's records a scope means. Stores nothing.
     * @throws {ValidationFailed} ids that HubSpot does not have
     * @throws {DomainError} `permission_missing`, `hubspot_not_connected`, `hubspot_unavailable`
     */
    async preview(partnerId: ObjectId, scope: Scope): Promise<ScopeCounts> {
      return (await checked(partnerId, scope)).counted
    },

    /**
     * Stores a scope, and has every record brought in line with it: those that it leaves out stay
     * here and stop, those that it takes in are read. @throws as `preview`
     */
    async put(partnerId: ObjectId, scope: Scope, actor: Actor): Promise<ScopeSaved> {
      const { portalId, looked, counted } = await checked(partnerId, scope)
      await repository.store(partnerId, portalId, { ...storedScope(scope), names: looked.names })
      await audit.record({
        partnerId,
        actor,
        action: 'scope_changed',
        details: {
          contacts: counted.counts.contacts.inside,
          deals: counted.counts.deals.inside,
        },
      })
      await onChange(partnerId, { reread: true })
      return { ...presentScope(await repository.find(partnerId, portalId)), ...counted }
    },

    /** HubSpot's lists of contacts, where it lets us read them. */
    async lists(partnerId: ObjectId): Promise<ContactLists> {
      await connectedPortal(collections, partnerId)
      if (!(await grantedScopes(collections, partnerId)).includes(listScope))
        return { allowed: false, lists: [] }
      const lists = await askHubspot(() => crmFor(partnerId).lists('contacts'))
      return { allowed: true, lists }
    },
  }
}

function byId<T>(all: readonly T[], entry: (one: T) => [string, string]): Record<string, string> {
  return Object.fromEntries(all.map(entry))
}

function kindScope(stored: SyncScopeDocument['lead']): KindScope {
  return {
    lifecycleStages: stored.lifecycle_stages,
    ownerIds: stored.owner_ids,
    listIds: stored.list_ids,
    pipelineIds: stored.pipeline_ids,
    createdAfter: stored.created_after === null ? null : new Date(stored.created_after),
  }
}

/** @returns the scope as the merge asks it; `null` where it leaves nothing out */
export function rulesOf(
  stored: Pick<SyncScopeDocument, 'lead' | 'deal' | 'names' | 'revision' | 'applied_revision'>,
): ScopeRules | null {
  const [lead, deal] = [kindScope(stored.lead), kindScope(stored.deal)]
  if (isWhole(lead) && isWhole(deal)) return null
  const { lifecycle_stages: lifecycleStages, owners, lists, pipelines } = stored.names
  return {
    lead,
    deal,
    names: { lifecycleStages, owners, lists, pipelines },
    isApplied: stored.applied_revision >= stored.revision,
  }
}

const unique = (ids: readonly string[]) => [...new Set(ids)]

function storedScope({ contacts, deals }: Scope): Pick<SyncScopeDocument, 'lead' | 'deal'> {
  return {
    lead: {
      lifecycle_stages: unique(contacts.lifecycleStages),
      owner_ids: unique(contacts.ownerIds),
      list_ids: unique(contacts.listIds),
      pipeline_ids: [],
      created_after: contacts.createdAfter,
    },
    deal: {
      lifecycle_stages: [],
      owner_ids: unique(deals.ownerIds),
      list_ids: [],
      pipeline_ids: unique(deals.pipelineIds),
      created_after: deals.createdAfter,
    },
  }
}

function presentScope(stored: SyncScopeDocument | null): ScopeView {
  return {
    contacts: {
      lifecycleStages: stored?.lead.lifecycle_stages ?? [],
      ownerIds: stored?.lead.owner_ids ?? [],
      listIds: stored?.lead.list_ids ?? [],
      createdAfter: stored?.lead.created_after ?? null,
    },
    deals: {
      pipelineIds: stored?.deal.pipeline_ids ?? [],
      ownerIds: stored?.deal.owner_ids ?? [],
      createdAfter: stored?.deal.created_after ?? null,
    },
    applying: stored !== null && stored.applied_revision < stored.revision,
  }
}
