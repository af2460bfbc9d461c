import type { ScopeRule } from '#shared/contracts/scope'
import type { KindName } from '../database/documents'
import type { CrmObject } from '../hubspot/crm-types'
import { ownerProperty } from './fields'

/** What of one kind of record is synced. What is empty leaves nothing out. */
export interface KindScope {
  lifecycleStages: readonly string[]
  ownerIds: readonly string[]
  listIds: readonly string[]
  pipelineIds: readonly string[]
  createdAfter: Date | null
}

export interface ScopeNames {
  lifecycleStages: Readonly<Record<string, string>>
  owners: Readonly<Record<string, string>>
  lists: Readonly<Record<string, string>>
  pipelines: Readonly<Record<string, string>>
}

/** What a partner syncs of a portal. */
export interface ScopeRules {
  lead: KindScope
  deal: KindScope
  names: ScopeNames
  /** Every record was looked at since the scope was saved: what is outside now has left it */
  isApplied: boolean
}

/** What HubSpot has of a record, as far as a scope asks for it. */
export interface ScopeFacts {
  lifecycleStage: string | null
  ownerId: string | null
  pipelineId: string | null
  createdAt: Date | null
  /** The lists that it is on */
  listIds: readonly string[]
}

/** Why a record is not synced. */
export interface Outside {
  rule: ScopeRule
  /** A sentence for people */
  message: string
}

/** HubSpot's property of the creation date. A deal's can be set by people. */
export const createdProperty = 'createdate'
export const lifecycleProperty = 'lifecyclestage'

/** Whether a scope leaves nothing out. */
export function isWhole(scope: KindScope): boolean {
  return brokenRules.every(({ rule }) => wantedBy(rule, scope).length === 0)
}

const misses = (wanted: readonly string[], value: string | null) =>
  value === null || !wanted.includes(value)

/** Each rule, and whether a record breaks it. The first one counts. */
const brokenRules: readonly {
  rule: ScopeRule
  breaks(scope: KindScope, facts: ScopeFacts): boolean
}[] = [
  {
    rule: 'created_after',
    breaks: ({ createdAfter }, { createdAt }) =>
      createdAfter !== null && (createdAt === null || createdAt < createdAfter),
  },
  {
    rule: 'pipeline',
    breaks: ({ pipelineIds }, { pipelineId }) => misses(pipelineIds, pipelineId),
  },
  {
    rule: 'lifecycle_stage',
    breaks: ({ lifecycleStages }, { lifecycleStage }) => misses(lifecycleStages, lifecycleStage),
  },
  {
    rule: 'owner',
    breaks: ({ ownerIds }, { ownerId }) => misses(ownerIds, ownerId),
  },
  {
    rule: 'list',
    breaks: ({ listIds }, facts) => !listIds.some(id => facts.listIds.includes(id)),
  },
]

/** @returns what a scope asks for by a rule; nothing where it does not have the rule */
export function wantedBy(rule: ScopeRule, scope: KindScope): readonly string[] {
  switch (rule) {
    case 'created_after':
      return scope.createdAfter === null ? [] : [scope.createdAfter.toISOString()]
    case 'pipeline':
      return scope.pipelineIds
    case 'lifecycle_stage':
      return scope.lifecycleStages
    case 'owner':
      return scope.ownerIds
    case 'list':
      return scope.listIds
  }
}

/** @returns the rules of a scope that a record breaks; what it does not have leaves nothing out */
export function rulesBrokenBy(scope: KindScope, facts: ScopeFacts): ScopeRule[] {
  return brokenRules.flatMap(({ rule, breaks }) =>
    wantedBy(rule, scope).length > 0 && breaks(scope, facts) ? [rule] : [],
  )
}

/** @returns the rule that leaves a record out; `null`: it is inside */
export function ruleAgainst(scope: KindScope, facts: ScopeFacts): ScopeRule | null {
  return rulesBrokenBy(scope, facts)[0] ?? null
}

/** Why a record of this kind is not synced. @returns `null`: it is inside */
export function outsideOf(rules: ScopeRules, kind: KindName, facts: ScopeFacts): Outside | null {
  const scope = rules[kind]
  const rule = ruleAgainst(scope, facts)
  return rule === null ? null : { rule, message: sentence(rule, scope, facts, rules) }
}

/** @param listIds the lists that HubSpot has the object on */
export function factsOf(object: CrmObject, listIds: readonly string[]): ScopeFacts {
  const text = (property: string) => object.properties[property] ?? null
  return {
    lifecycleStage: text(lifecycleProperty) || null,
    ownerId: text(ownerProperty) || null,
    pipelineId: text('pipeline') || null,
    createdAt: dateOf(text(createdProperty)) ?? dateOf(object.createdAt),
    listIds,
  }
}

/** A record that HubSpot does not have yet: as it would be right after its create. */
export function factsOfNew(properties: Readonly<Record<string, string>>, now: Date): ScopeFacts {
  return {
    lifecycleStage: properties[lifecycleProperty] || null,
    ownerId: null,
    pipelineId: properties.pipeline || null,
    createdAt: now,
    listIds: [],
  }
}

/** HubSpot's properties that a scope of this kind asks for. */
export function scopeProperties(kind: KindName, scope: KindScope): string[] {
  return [
    ...(kind === 'lead' && scope.lifecycleStages.length > 0 ? [lifecycleProperty] : []),
    ...(scope.createdAfter === null ? [] : [createdProperty]),
  ]
}

function dateOf(text: string | null): Date | null {
  if (!text) return null
  const at = new Date(/^\d+$/.test(text) ? Number(text) : text)
  return Number.isNaN(at.getTime()) ? null : at
}

const quoted = (ids: readonly string[], names: Readonly<Record<string, string>>) =>
  ids.map(id => `'${names[id] ?? id}'`).join(', ')

function sentence(
  rule: ScopeRule,
  scope: KindScope,
  facts: ScopeFacts,
  { names, isApplied }: ScopeRules,
): string {
  switch (rule) {
    case 'list': {
      const lists = quoted(scope.listIds, names.lists)
      if (scope.listIds.length > 1)
        return isApplied ? `Left the lists ${lists}.` : `Is on none of the lists ${lists}.`
      return isApplied ? `Left the list ${lists}.` : `Is not on the list ${lists}.`
    }
    case 'lifecycle_stage':
      return facts.lifecycleStage === null
        ? 'Has no lifecycle stage; only some stages are synced.'
        : `Has the lifecycle stage ${quoted([facts.lifecycleStage], names.lifecycleStages)}, which is not synced.`
    case 'owner':
      return facts.ownerId === null
        ? 'Has no owner in HubSpot; only records of some owners are synced.'
        : `Belongs to ${names.owners[facts.ownerId] ?? 'another owner'}, whose records are not synced.`
    case 'pipeline':
      return facts.pipelineId === null
        ? 'Is in no pipeline; only some pipelines are synced.'
        : `Is in the pipeline ${quoted([facts.pipelineId], names.pipelines)}, which is not synced.`
    case 'created_after':
      return `Was created before ${scope.createdAfter?.toISOString().slice(0, 10) ?? ''}; only newer records are synced.`
  }
}
