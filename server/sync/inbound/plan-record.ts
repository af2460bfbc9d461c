import type { ObjectId } from 'mongodb'
import type { DealDocument, LeadDocument } from '../../database/documents'
import type { CrmObject } from '../../hubspot/crm-types'
import { newDeal, newLead } from '../../records/blank'
import { changesBetween } from '../../records/changes'
import { remember } from '../../records/history'
import { kinds } from '../../records/kinds'
import { mergeAssociations, type Associations } from '../../records/merge-associations'
import {
  instant,
  mergeRecord,
  type MergeContext,
  type MergedRecord,
} from '../../records/merge-record'
import { noStages } from '../../records/merge-stage'
import type { InboundPage, Plan } from './page'

type Target = Pick<InboundPage, 'partnerId' | 'portalId'> & Partial<Pick<InboundPage, 'runId'>>

/**
 * What a contact's arrival makes of its lead: the linked one, an unlinked one with the same e-mail
 * address, or a new one.
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
  const linked = link(base, record, target)
  return finish(
    stored,
    linked,
    mergeRecord(kinds.lead, linked, record, { ...context, stages: noStages }),
    { now: context.now, cause: target.runId ?? null },
  )
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
  const linked = mergeAssociations(link(base, record, target), associations)
  return finish(stored, linked, mergeRecord(kinds.deal, linked, record, context), {
    now: context.now,
    cause: target.runId ?? null,
  })
}

/** Older than what is stored: delivered late. */
function isOutdated(stored: LeadDocument | DealDocument, record: CrmObject): boolean {
  const at = instant(record.updatedAt)
  return (
    stored.hubspot_id === record.id &&
    at !== null &&
    stored.hubspot_modified_at !== null &&
    at < stored.hubspot_modified_at
  )
}

function link<D extends LeadDocument | DealDocument>(
  document: D,
  record: CrmObject,
  { portalId }: Target,
): D {
  const wasLinked = document.hubspot_id === record.id && document.portal_id === portalId
  return {
    ...document,
    portal_id: portalId,
    hubspot_id: record.id,
    create_intent: null,
    base: wasLinked ? document.base : created(document, record),
    remote: wasLinked ? document.remote : null,
    archived_at: null,
  }
}

/**
 * What we sent is the agreed base when it is what arrives: our own create, whose answer was lost.
 * An edit made here since then then counts as newer.
 * @returns `null` where nothing was ever agreed
 */
function created(
  { create_intent: intent }: LeadDocument | DealDocument,
  { properties }: CrmObject,
): Record<string, string> | null {
  const sent = intent?.sent
  return sent && Object.entries(sent).every(([name, value]) => properties[name] === value)
    ? sent
    : null
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
  const isLinked = stored.hubspot_id === null
  const changes = changesBetween(stored, next).map(change => ({
    ...change,
    rule: reports.find(report => report.field === change.field)?.rule ?? null,
  }))
  const isNews = (field: string) =>
    next.decisions.some(decision => decision.field === field && decision.at === now)
  const kept = reports
    .filter(report => report.conflict && report.decision === 'took_local' && isNews(report.field))
    .map(({ field, remote, local, rule }) => ({
      field,
      from: remote,
      to: local,
      rule,
    }))
  return remember(next, [
    ...(stored.archived_at !== null && next.archived_at === null
      ? [{ at: now, side: 'hubspot', kind: 'restored', cause } as const]
      : []),
    ...(isLinked
      ? [{ at: now, side: 'hubspot', kind: 'merged', cause, fields: changes } as const]
      : changes.length > 0
        ? [{ at: now, side: 'hubspot', kind: 'received', cause, fields: changes } as const]
        : []),
    ...(kept.length > 0
      ? [{ at: now, side: 'ours', kind: 'kept', cause, fields: kept } as const]
      : []),
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
  if (!stored) return { next: touched(evaluated), outcome: 'created', action: 'insert', reports }
  const isRelinked =
    stored.hubspot_id !== linked.hubspot_id ||
    stored.portal_id !== linked.portal_id ||
    (stored.archived_at === null) !== (linked.archived_at === null)
  const remembered = rememberArrival(stored, evaluated, reports, when)
  if (isRelinked || !sameJson(visible(stored), visible(evaluated)))
    return {
      next: { ...touched(remembered), revision: stored.revision + 1 },
      outcome: 'updated',
      action: 'update',
      reports,
    }
  if (sameJson(bookkeeping(stored), bookkeeping(evaluated)))
    return { next: stored, outcome: 'unchanged', action: 'none', reports }
  return { next: remembered, outcome: 'unchanged', action: 'update', reports }
}

/** What a person sees of a record. */
function visible(document: LeadDocument | DealDocument): unknown[] {
  const own = [sorted(document.values), document.archived_at]
  return 'lead_ids' in document
    ? [
        ...own,
        document.stage,
        document.hubspot_pipeline_id,
        document.hubspot_stage_id,
        document.lead_ids.map(String).sort(),
      ]
    : own
}

function bookkeeping(document: LeadDocument | DealDocument): unknown[] {
  const own = [
    sorted(document.base ?? {}),
    sorted(document.remote ?? {}),
    sorted(document.remote_at ?? {}),
    document.hubspot_modified_at,
    document.decisions,
    document.dirty,
    document.sync,
    document.search,
  ]
  return 'lead_ids' in document
    ? [
        ...own,
        document.stage_base,
        [...document.hubspot_contact_ids].sort(),
        document.associations_dirty,
      ]
    : [...own, document.local_email]
}

function sorted(record: object): [string, unknown][] {
  return Object.entries(record).sort(([one], [other]) => (one < other ? -1 : 1))
}

function sameJson(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
