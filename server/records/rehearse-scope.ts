import { scopeRules, type ScopeRule } from '#shared/contracts/scope'
import type { AnyRecord, HistoryEntryDocument } from '../database/documents'
import { ownerProperty } from './fields'
import { hasStage, type RecordKind } from './kinds'
import { mergeRecord, type MergeContext } from './merge-record'
import type { HubspotStage } from './merge-stage'
import { pendingWrite } from './plan-write'
import { lastHand, type RehearsedEffect } from './rehearse'
import {
  createdProperty,
  factsOf,
  factsOfNew,
  isWhole,
  lifecycleProperty,
  ruleAgainst,
  rulesBrokenBy,
  wantedBy,
  type KindScope,
  type ScopeRules,
} from './scope'
import { isParted } from './sync-state'

export interface ScopeRehearsalContext extends MergeContext {
  portalId: string
  firstStage: HubspotStage | null
  /** What is synced, as it is and as it would be; `null`: everything */
  before: ScopeRules | null
  after: ScopeRules | null
  /** Changes that were made before do not count as recent */
  since: Date
  /** HubSpot ids of the contacts on the lists of `after`; `null`: not known */
  members: ReadonlySet<string> | null
}

/** How a value comes to be another one: edited here, or received from HubSpot */
const changes: ReadonlySet<HistoryEntryDocument['kind']> = new Set(['edited', 'received'])

/** What another scope would do to one record. */
export interface ScopeEffect {
  /** `unknown`: what HubSpot has of it is not stored, so nobody can say */
  effect: 'leaves' | 'enters' | 'unknown'
  /** What leaves it out */
  rule: ScopeRule | null
  /** Something that was changed here waits to be written to HubSpot */
  isWaiting: boolean
  /** Something changed since `since`, on either side */
  isRecent: boolean
  /** Who changed it here last, since `since` */
  byHand: RehearsedEffect['byHand']
}

/**
 * What another scope would do to one record, from what is stored of it. Pure.
 * @returns `null`: it stays inside, or outside
 */
export function rehearseScope(
  kind: RecordKind,
  record: AnyRecord,
  context: ScopeRehearsalContext,
): ScopeEffect | null {
  if (isParted(record)) return null
  if (record.hubspot_id !== null && record.portal_id !== context.portalId) return null
  const before = context.before?.[kind.name] ?? null
  const after = context.after?.[kind.name] ?? null
  const outside = record.sync.scope ?? null
  // It broke this rule when it was looked at last, and the rule stays as it is.
  if (outside && isWiderOrSame(outside.rule, after, before)) return null
  const { state, rule } =
    record.hubspot_id === null
      ? judgeNew(kind, record, after, context)
      : judge(record, after, {
          before,
          members: context.members,
          isApplied: context.before?.isApplied ?? true,
        })
  if (state === (outside ? 'outside' : 'inside')) return null
  const recent = (record.history ?? []).filter(
    entry => entry.at >= context.since && changes.has(entry.kind),
  )
  return {
    effect: state === 'unknown' ? 'unknown' : outside ? 'enters' : 'leaves',
    rule,
    isWaiting: outside ? hasEdits(kind, record, context) : record.dirty,
    isRecent: recent.length > 0,
    byHand: lastHand(recent),
  }
}

interface Judgement {
  state: 'inside' | 'outside' | 'unknown'
  rule: ScopeRule | null
}
const inside: Judgement = { state: 'inside', rule: null }

/** A record that HubSpot does not have is judged as it would be after its create. */
function judgeNew(
  kind: RecordKind,
  record: AnyRecord,
  after: KindScope | null,
  context: ScopeRehearsalContext,
): Judgement {
  const write = pendingWrite(kind, record, { ...context, contacts: [] })
  if (after === null || typeof write === 'string') return inside
  const rule = ruleAgainst(after, factsOfNew(write.properties, context.now))
  return rule ? { state: 'outside', rule } : inside
}

function judge(
  record: AnyRecord,
  after: KindScope | null,
  {
    before,
    members,
    isApplied,
  }: { before: KindScope | null; members: ReadonlySet<string> | null; isApplied: boolean },
): Judgement {
  if (after === null || isWhole(after)) return inside
  const isOutside = Boolean(record.sync.scope)
  const id = record.hubspot_id ?? ''
  const facts = factsOf(
    {
      id,
      properties: {
        ...record.remote,
        ...(hasStage(record) ? { pipeline: record.hubspot_pipeline_id } : {}),
      },
      createdAt: '',
      updatedAt: '',
      archived: false,
    },
    members?.has(id) ? after.listIds : [],
  )
  const asked = scopeRules.filter(
    rule =>
      wantedBy(rule, after).length > 0 &&
      // What is inside fulfils the rules of now, so it fulfils wider ones.
      (isOutside || !isApplied || !isWiderOrSame(rule, before, after)),
  )
  const known = asked.filter(rule => isStored(rule, record, { members, isOutside }))
  const rule = rulesBrokenBy(after, facts).find(one => known.includes(one))
  if (rule) return { state: 'outside', rule }
  return known.length === asked.length ? inside : { state: 'unknown', rule: null }
}

/** Whether all that fulfils a rule of one scope fulfils that rule of the other. */
function isWiderOrSame(rule: ScopeRule, one: KindScope | null, other: KindScope | null): boolean {
  const [narrow, wide] = [one, other].map(scope => (scope ? wantedBy(rule, scope) : []))
  if (!narrow || !wide || narrow.length === 0) return false
  return narrow.every(wanted => wide.includes(wanted))
}

/** Whether what a rule asks for is stored, and not from before the record went outside. */
function isStored(
  rule: ScopeRule,
  record: AnyRecord,
  { members, isOutside }: { members: ReadonlySet<string> | null; isOutside: boolean },
): boolean {
  const has = (property: string) => Object.hasOwn(record.remote ?? {}, property)
  switch (rule) {
    case 'list':
      return members !== null
    case 'created_after':
      return has(createdProperty)
    case 'pipeline':
      return !isOutside
    case 'owner':
      return !isOutside && has(ownerProperty)
    case 'lifecycle_stage':
      return !isOutside && has(lifecycleProperty)
  }
}

/** Whether something was edited here since a record went outside. */
function hasEdits(kind: RecordKind, record: AnyRecord, context: MergeContext): boolean {
  if (record.hubspot_id === null) return true
  return Object.keys(mergeRecord(kind, record, null, context).writes).length > 0
}
