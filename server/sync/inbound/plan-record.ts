import type { ObjectId } from 'mongodb'
import type { AnyRecord, DealDocument, LeadDocument, StageDocument } from '../../database/documents'
import type { CrmObject } from '../../hubspot/crm-types'
import { isKeptAlike, looksAlike } from '../../records/alike'
import { daysAfterWrite } from '../../records/base-days'
import { newDeal, newLead } from '../../records/blank'
import { changesBetween } from '../../records/changes'
import { arrivalEntries, remember } from '../../records/history'
import { hasStage, kinds } from '../../records/kinds'
import { mergeAssociations, type Associations } from '../../records/merge-associations'
import {
  instant,
  mergeRecord,
  type MergeContext,
  type MergedRecord,
} from '../../records/merge-record'
import { noStages, type StageRules } from '../../records/merge-stage'
import {
  ofLastUpdate,
  ofOwnCreate,
  stillSending,
  withOwnAssociations,
  type Texts,
} from '../../records/own-write'
import { isParted } from '../../records/sync-state'
import type { InboundPage, Plan } from './page'

type Target = Pick<InboundPage, 'partnerId' | 'portalId'> & Partial<Pick<InboundPage, 'runId'>>

/**
 * What a contact's arrival makes of its lead: the linked one, one with the same e-mail address that
 * is not linked or whose object is gone, or a new one.
 */
export function planLead(
  stored: LeadDocument | undefined,
  record: CrmObject,
  target: Target,
  context: Omit<MergeContext, 'stages'>,
): Plan<LeadDocument> {
  const base = stored ?? newLead(target.partnerId, {}, context.now)
  if (stored && isOutdated(stored, record))
    return { next: stored, outcome: 'unchanged', action: 'none', reports: [] }
  const whole = { ...context, stages: noStages }
  const linked = link(base, record, target, whole)
  return finish(stored, linked, mergeRecord(kinds.lead, linked, record, whole), {
    now: context.now,
    cause: target.runId ?? null,
  })
}

/**
 * What a deal's arrival makes of our deal. @param associations HubSpot's contacts of the deal and
 * our leads for them
 */
export function planDeal(
  stored: DealDocument | undefined,
  record: CrmObject,
  target: Target,
  associations: Associations,
  context: MergeContext,
): Plan<DealDocument> {
  const base = stored ?? newDeal(target.partnerId, {}, context.now)
  if (stored && isOutdated(stored, record))
    return { next: stored, outcome: 'unchanged', action: 'none', reports: [] }
  const remote = isReadBefore(base, associations, context.now) ? undefined : associations.remote
  const linked = mergeAssociations(
    withOwnAssociations(link(base, record, target, context), base, remote),
    { ...associations, remote },
  )
  return finish(stored, linked, mergeRecord(kinds.deal, linked, record, context), {
    now: context.now,
    cause: target.runId ?? null,
  })
}

/** Older than what is stored: delivered late. */
export function isOutdated(stored: AnyRecord, record: CrmObject): boolean {
  const at = instant(record.updatedAt)
  return (
    stored.hubspot_id === record.id &&
    at !== null &&
    stored.hubspot_modified_at !== null &&
    at < stored.hubspot_modified_at
  )
}

/**
 * Associations that were read before those that are stored: nothing else says how old they are. An
 * instant that is still to come is of a process whose clock is ahead, and says nothing.
 */
function isReadBefore(
  { associations_read_at: known }: DealDocument,
  { readAt }: Associations,
  now: Date,
): boolean {
  return readAt !== undefined && !!known && known <= now && readAt < known
}

function link<D extends LeadDocument | DealDocument>(
  document: D,
  record: CrmObject,
  { portalId }: Target,
  { rules, stages }: MergeContext,
): D {
  const wasLinked = document.hubspot_id === record.id && document.portal_id === portalId
  const isKnown = wasLinked || document.create_intent?.object_id === record.id
  const before = isKnown
    ? document
    : document.hubspot_id === null
      ? null
      : formerBase(document, record)
  const own = wasLinked
    ? ofLastUpdate(document, record, rules)
    : ofOwnCreate(document, record, rules)
  const isOwn = Object.keys(own).length > 0
  return {
    ...document,
    portal_id: portalId,
    hubspot_id: record.id,
    create_intent: null,
    hubspot_seen_at: instant(record.updatedAt),
    base: before || isOwn ? { ...before?.base, ...own } : null,
    base_days: daysAfterWrite(rules, before ?? { base: null, base_days: {} }, own),
    remote: wasLinked ? document.remote : null,
    sending: wasLinked ? stillSending(document, own) : null,
    archived_at: null,
    detached_at: null,
    // It is inside of what is synced: the caller has looked.
    ...(document.sync.scope ? { sync: { ...document.sync, scope: null } } : {}),
    ...(hasStage(document) && own.dealstage ? agreedStage(document, own, stages) : {}),
  }
}

/**
 * A record is taken up again by another object: what both sides agreed on before still tells edits
 * made here. What the new object lacks was cleared by nobody.
 */
function formerBase(
  { base, base_days: days }: LeadDocument | DealDocument,
  { properties }: CrmObject,
): Pick<LeadDocument, 'base' | 'base_days'> {
  const isThere = ([property]: [string, unknown]) => (properties[property] ?? '') !== ''
  return {
    base: Object.fromEntries(Object.entries(base ?? {}).filter(isThere)),
    base_days: Object.fromEntries(Object.entries(days ?? {}).filter(isThere)),
  }
}

/** The stage that our own write brought is agreed. */
function agreedStage(deal: StageDocument, own: Texts, stages: StageRules) {
  const pipelineId = own.pipeline ?? deal.hubspot_pipeline_id
  const mapped = stages.toOurs(pipelineId, own.dealstage ?? null)
  if (!mapped) return {}
  const isUnset = deal.stage === null && deal.stage_base === null
  return { stage_base: mapped, stage: isUnset ? mapped : deal.stage }
}

/** When something arrived, and with which run */
interface When {
  now: Date
  cause: ObjectId | null
}

/** What HubSpot's side changed here, and where both had changed and ours stayed. */
function rememberArrival<D extends LeadDocument | DealDocument>(
  stored: D,
  next: D,
  reports: MergedRecord<D>['reports'],
  { now, cause }: When,
): D {
  const changes = changesBetween(stored, next)
  const isSameObject = stored.hubspot_id === next.hubspot_id && stored.portal_id === next.portal_id
  const kind = isSameObject ? 'received' : 'merged'
  return remember(next, [
    ...(stored.archived_at !== null && next.archived_at === null
      ? [{ at: now, side: 'hubspot', kind: 'restored', cause } as const]
      : []),
    ...arrivalEntries(next, { reports, changes, kind, now, cause }),
  ])
}

function finish<D extends LeadDocument | DealDocument>(
  stored: D | undefined,
  linked: D,
  { next: evaluated, reports }: MergedRecord<D>,
  when: When,
): Plan<D> {
  const touched = (next: D): D => ({
    ...next,
    updated_at: when.now,
    sync: { ...next.sync, last_in_at: when.now },
  })
  if (!stored) {
    const next = touched(evaluated)
    const imported = when.cause ? { ...next, imported_by: when.cause } : next
    return { next: imported, outcome: 'created', action: 'insert', reports }
  }
  const isRelinked =
    stored.hubspot_id !== linked.hubspot_id ||
    stored.portal_id !== linked.portal_id ||
    isParted(stored) !== isParted(linked)
  const remembered = rememberArrival(stored, evaluated, reports, when)
  if (isRelinked || !looksAlike(stored, evaluated))
    return {
      next: { ...touched(remembered), revision: stored.revision + 1 },
      outcome: 'updated',
      action: 'update',
      reports,
    }
  if (isKeptAlike(stored, evaluated))
    return { next: stored, outcome: 'unchanged', action: 'none', reports }
  return { next: remembered, outcome: 'unchanged', action: 'update', reports }
}
