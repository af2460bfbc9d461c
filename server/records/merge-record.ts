import type { ObjectId } from 'mongodb'
import type { Failure } from '#shared/contracts/primitives'
import type { DealStage } from '#shared/leads/stages'
import type {
  DealDocument,
  DealValues,
  DecisionDocument,
  LeadDocument,
  LeadValues,
  SyncedDocument,
} from '../database/documents'
import type { CrmObject } from '../hubspot/crm-types'
import { dealSearchWords, leadSearchWords } from './blank'
import { ownerProperty, stageProperties } from './fields'
import type { StageRules } from './stage-rules'
import { mergeRecord, type FieldReport, type FieldRule } from './merge-field'

/** HubSpot's side of a record as it arrives: properties that were not asked for are absent. */
export type Incoming = Pick<CrmObject, 'properties' | 'updatedAt' | 'changedAt'>

export interface LeadContext {
  rules: readonly FieldRule[]
  now: Date
}

export interface DealContext extends LeadContext {
  stages: StageRules
}

interface Common {
  values: Record<string, string | null>
  base: Record<string, string | null>
  remote: Record<string, string | null>
  remote_at: Record<string, Date>
  hubspot_modified_at: Date | null
  decisions: DecisionDocument[]
  writes: Record<string, string>
  reports: FieldReport[]
  /** HubSpot's value of a watched property is another than before */
  remoteChanged: boolean
}

/** Merges the mapped fields of any record. @param extra properties kept besides the mapped ones */
function evaluateFields(
  document: SyncedDocument<LeadValues | DealValues>,
  incoming: Incoming | null,
  { rules, now }: LeadContext,
  extra: readonly string[],
): Common {
  const modifiedAt = incoming
    ? (instant(incoming.updatedAt) ?? document.hubspot_modified_at)
    : document.hubspot_modified_at
  const remote: Record<string, string | null> = {}
  const remoteAt: Record<string, Date> = {}
  let remoteChanged = false
  for (const property of [...rules.map(rule => rule.property), ...extra]) {
    const before =
      document.remote && Object.hasOwn(document.remote, property)
        ? document.remote[property]
        : undefined
    const arrived =
      incoming && Object.hasOwn(incoming.properties, property)
        ? (incoming.properties[property] ?? null)
        : undefined
    const value = arrived === undefined ? before : blankToNull(arrived)
    if (value === undefined) continue
    remote[property] = value
    if (value !== before) remoteChanged = true
    const isTimed = rules.some(rule => rule.property === property && rule.policy === 'latest_wins')
    const setAt = arrived === undefined ? null : instant(incoming?.changedAt?.[property])
    const seenAt =
      setAt ??
      (value === before
        ? (document.remote_at?.[property] ?? document.hubspot_modified_at)
        : modifiedAt)
    if (isTimed && seenAt) remoteAt[property] = seenAt
  }
  const base = Object.fromEntries(
    Object.entries(document.base ?? {}).filter(([property]) => Object.hasOwn(remote, property)),
  )
  const merged = mergeRecord(rules, {
    values: { ...document.values },
    base,
    remote,
    changedAt: document.changed_at,
    remoteAt,
    modifiedAt,
  })
  return {
    values: merged.values,
    base: merged.base,
    remote,
    remote_at: remoteAt,
    hubspot_modified_at: modifiedAt,
    decisions: recordDecisions(
      document.decisions,
      merged.reports.map(report => ({
        ...report,
        note: report.conflict || report.decision === 'refused',
      })),
      remoteChanged,
      now,
    ),
    writes: merged.writes,
    reports: merged.reports,
    remoteChanged,
  }
}

/**
 * Keeps the latest noteworthy decision per field: conflicts and refusals. What is plain is not
 * stored; `explain` works it out.
 */
function recordDecisions(
  before: DecisionDocument[],
  reports: { field: string; decision: DecisionDocument['decision']; rule: string; note: boolean }[],
  isNews: boolean,
  at: Date,
): DecisionDocument[] {
  const decisions = [...before]
  for (const { field, decision, rule, note } of reports) {
    if (!note) continue
    const index = decisions.findIndex(one => one.field === field)
    const known = decisions[index]
    if (known && known.decision === decision && known.rule === rule && !isNews) continue
    if (known) decisions[index] = { field, decision, rule, at }
    else decisions.push({ field, decision, rule, at })
  }
  return decisions
}

export interface Evaluated<D> {
  next: D
  /** By property, HubSpot's text to write */
  writes: Record<string, string>
  reports: FieldReport[]
}

/**
 * A lead after HubSpot's side arrived (or, with `incoming` null, after a local change). Pure; does
 * not touch version, revision and run marks.
 * @param lead must be linked, or about to be: `hubspot_id` and `portal_id` set by the caller
 */
export function evaluateLead(
  lead: LeadDocument,
  incoming: Incoming | null,
  context: LeadContext,
): Evaluated<LeadDocument> {
  const { values, writes, reports, remoteChanged, ...fields } = evaluateFields(
    lead,
    incoming,
    context,
    [ownerProperty],
  )
  const leadValues = { ...lead.values, ...values }
  const next: LeadDocument = {
    ...lead,
    ...fields,
    values: leadValues,
    search: leadSearchWords(leadValues),
    local_email: lead.hubspot_id === null ? leadValues.email : null,
  }
  return { next: withOutbox(next, Object.keys(writes).length > 0, remoteChanged), writes, reports }
}

/**
 * A deal after HubSpot's side arrived; associations are merged by the caller before. @see
 * evaluateLead
 */
export function evaluateDeal(
  deal: DealDocument,
  incoming: Incoming | null,
  context: DealContext,
): Evaluated<DealDocument> {
  const { values, writes, reports, remoteChanged, ...fields } = evaluateFields(
    deal,
    incoming,
    context,
    [...stageProperties, ownerProperty],
  )
  const pipelineId = fields.remote.pipeline ?? deal.hubspot_pipeline_id
  const stageId = fields.remote.dealstage ?? deal.hubspot_stage_id
  const stage = mergeStage(deal, context.stages.toOurs(pipelineId, stageId))
  const dealValues = { ...deal.values, ...values }
  const target =
    stage.isPending && stage.stage !== null
      ? context.stages.toHubspot(stage.stage, pipelineId)
      : null
  if (target) {
    if (target.stageId !== stageId) writes.dealstage = target.stageId
    if (target.pipelineId !== pipelineId) writes.pipeline = target.pipelineId
  }
  const next: DealDocument = {
    ...deal,
    ...fields,
    values: dealValues,
    search: dealSearchWords(dealValues),
    stage: stage.stage,
    stage_base: stage.base,
    hubspot_pipeline_id: pipelineId,
    hubspot_stage_id: stageId,
    decisions: stage.conflict
      ? recordDecisions(
          fields.decisions,
          [{ field: 'stage', decision: 'took_hubspot', rule: 'hubspot_wins', note: true }],
          true,
          context.now,
        )
      : fields.decisions,
  }
  const settled = withOutbox(
    next,
    Object.keys(writes).length > 0 || next.associations_dirty,
    remoteChanged,
  )
  const isStuck =
    stage.isPending &&
    stage.stage !== null &&
    !target &&
    context.stages.isMapped &&
    settled.sync.state === 'in_sync'
  return {
    next: isStuck
      ? { ...settled, sync: { ...settled.sync, state: 'failed', error: stageNotMapped } }
      : settled,
    writes,
    reports,
  }
}

/**
 * Shown on a deal whose stage has nowhere to go in HubSpot; everything else of it keeps syncing.
 */
export const stageNotMapped: Failure = {
  code: 'stage_not_mapped',
  message:
    "No HubSpot stage is chosen to write this deal's stage to. Choose one in the stage mapping.",
  correlationId: null,
}

export interface StageMerge {
  stage: DealStage | null
  base: DealStage | null
  /** A local change waits to be written */
  isPending: boolean
  conflict: boolean
}

/**
 * Merges the stage, three ways; on a conflict HubSpot wins. A HubSpot stage without a mapping says
 * nothing against a local change; one whose mapping is paused (`undefined`) changes nothing at all.
 */
export function mergeStage(
  deal: Pick<DealDocument, 'stage' | 'stage_base'>,
  mapped: DealStage | null | undefined,
): StageMerge {
  const { stage, stage_base: base } = deal
  const localChanged = stage !== base
  if (mapped === undefined) return { stage, base, isPending: localChanged, conflict: false }
  if (mapped === stage) return { stage, base: mapped, isPending: false, conflict: false }
  if (!localChanged) return { stage: mapped, base: mapped, isPending: false, conflict: false }
  if (mapped === base || mapped === null)
    return { stage, base: mapped, isPending: true, conflict: false }
  return { stage: mapped, base: mapped, isPending: false, conflict: true }
}

/** Sets the outbox mark and the visible state from what is left to write. */
function withOutbox<D extends LeadDocument | DealDocument>(
  record: D,
  hasWrites: boolean,
  isNews: boolean,
): D {
  if (record.archived_at !== null)
    return {
      ...record,
      dirty: false,
      sync: { ...record.sync, state: 'unlinked', error: null, attempts: 0, next_try_at: null },
    }
  if (record.hubspot_id === null) return record
  if (!hasWrites)
    return {
      ...record,
      dirty: false,
      sync: { ...record.sync, state: 'in_sync', error: null, attempts: 0, next_try_at: null },
    }
  // A write that HubSpot refused stays refused until one of the sides changes.
  if (record.dirty && record.sync.state === 'failed' && !isNews) return record
  return {
    ...record,
    dirty: true,
    sync: { ...record.sync, state: 'pending', error: null, attempts: 0, next_try_at: null },
  }
}

export interface Associations {
  /** Ids of HubSpot contacts, as HubSpot has them now; `undefined` when not known */
  remote: string[] | undefined
  /** Our leads by HubSpot contact id, for the ids of before and now */
  leads: ReadonlyMap<string, ObjectId>
}

/**
 * Merges the leads of a deal. Where nothing was changed here, HubSpot's contacts say them all. Else
 * what HubSpot added or took away since it was last seen is added or taken away here; local changes
 * stay and are pending. Contacts that have no lead (yet) are remembered by their HubSpot id.
 */
export function mergeAssociations(
  deal: DealDocument,
  { remote, leads }: Associations,
): DealDocument {
  const before = deal.hubspot_contact_ids
  const now = remote === undefined ? before : [...new Set(remote)].sort()
  const theirs = new Set(now.map(id => leads.get(id)?.toHexString()))
  const isSettled = remote !== undefined && !deal.associations_dirty
  const added = now.filter(id => !before.includes(id) || !deal.associations_dirty)
  const removed = new Set(
    before.filter(id => !now.includes(id)).map(id => leads.get(id)?.toHexString()),
  )
  const result = new Map<string, ObjectId>()
  for (const leadId of deal.lead_ids)
    if (isSettled ? theirs.has(leadId.toHexString()) : !removed.has(leadId.toHexString()))
      result.set(leadId.toHexString(), leadId)
  for (const id of added) {
    const leadId = leads.get(id)
    if (leadId) result.set(leadId.toHexString(), leadId)
  }
  const merged = { ...deal, hubspot_contact_ids: now, lead_ids: [...result.values()] }
  return {
    ...merged,
    associations_dirty: deal.associations_dirty && !areAssociationsEqual(merged, leads),
  }
}

/**
 * Whether HubSpot's associations are what the deal's leads say; contacts without a lead do not
 * count.
 */
function areAssociationsEqual(deal: DealDocument, leads: ReadonlyMap<string, ObjectId>): boolean {
  const theirs = new Set(
    deal.hubspot_contact_ids.map(id => leads.get(id)?.toHexString()).filter(id => id !== undefined),
  )
  return (
    theirs.size === deal.lead_ids.length && deal.lead_ids.every(id => theirs.has(id.toHexString()))
  )
}

function blankToNull(text: string | null): string | null {
  return text === '' ? null : text
}

/** @returns HubSpot's instant, or `null` when it is none */
export function instant(text: string | null | undefined): Date | null {
  const at = text ? new Date(text) : null
  return at && !Number.isNaN(at.getTime()) ? at : null
}
