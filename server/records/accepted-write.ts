import type { ObjectId } from 'mongodb'
import type {
  AnyRecord,
  AssociationsDocument,
  DocumentOf,
  KindName,
  LeadDocument,
  StageDocument,
} from '../database/documents'
import type { CrmObject } from '../hubspot/crm-types'
import { daysAfterWrite } from './base-days'
import { remember } from './history'
import { hasAssociations, hasStage, type RecordKind } from './kinds'
import { mergeAssociations } from './merge-associations'
import { instant, mergeRecord, type MergeContext } from './merge-record'
import { freshTry, withState } from './sync-state'
import { shownValue } from './values'

/** A write that HubSpot took. */
export interface Written {
  portalId: string
  /** What was sent, by property */
  sent: Record<string, string>
  /** What HubSpot answered */
  object: Pick<CrmObject, 'id' | 'properties' | 'updatedAt'>
  /** Associations made and removed with the write (deals) */
  associations?: { added: string[]; removed: string[] }
  /** The run that made it */
  cause?: ObjectId
}

export interface AfterWriteContext extends MergeContext {
  /** The leads of the deal, and those of its HubSpot contacts */
  contacts: readonly LeadDocument[]
}

type Texts = Record<string, string | null>

/**
 * The record after a write that HubSpot took: both sides now agree on what was sent, and HubSpot's
 * answer is merged on top of that. Pure.
 */
export function afterWrite<K extends KindName>(
  kind: RecordKind<K>,
  current: DocumentOf<K>,
  written: Written,
  context: AfterWriteContext,
): DocumentOf<K> {
  const { portalId, object } = written
  // HubSpot merged the record into another one while the write was under way, and its link moved:
  // what that one lacks is written next.
  const isOfPortal = current.hubspot_id !== null && current.portal_id === portalId
  if (isOfPortal && current.hubspot_id !== object.id) return current
  const agreed: Texts = Object.fromEntries(
    Object.entries(written.sent).map(([property, text]) => [property, text === '' ? null : text]),
  )
  const isNewer = !isOvertaken(current, object)
  const linked: DocumentOf<K> = {
    ...current,
    portal_id: portalId,
    hubspot_id: object.id,
    archived_at: current.hubspot_id === object.id ? current.archived_at : null,
    create_intent: null,
    base: { ...current.base, ...agreed },
    base_days: daysAfterWrite(context.rules, current, agreed),
    remote: isNewer ? { ...current.remote, ...agreed } : current.remote,
    sync: { ...current.sync, last_out_at: context.now },
    updated_at: context.now,
    ...(hasStage(current) ? agreedStage(current, agreed, context) : {}),
    ...(hasAssociations(current) ? agreedAssociations(current, written, context) : {}),
  }
  const incoming = isNewer
    ? {
        updatedAt: object.updatedAt,
        properties: { ...agreed, ...answered(object.properties, written.sent) },
      }
    : null
  const { next } = mergeRecord(kind, withState(linked, freshTry(linked.sync)), incoming, context)
  const isReformatted = JSON.stringify(next.values) !== JSON.stringify(current.values)
  const isCreated = current.hubspot_id === null
  const fields = isCreated ? [] : writtenFields(current, agreed, context)
  return remember(
    { ...next, revision: current.revision + (isReformatted ? 1 : 0) },
    fields.length > 0 || isCreated
      ? [{ at: context.now, side: 'ours', kind: 'written', cause: written.cause, fields }]
      : [],
  )
}

/** Something newer arrived while the write was under way: the answer is out of date. */
function isOvertaken(current: AnyRecord, object: Written['object']): boolean {
  const answeredAt = instant(object.updatedAt)
  return (
    current.hubspot_id === object.id &&
    answeredAt !== null &&
    current.hubspot_modified_at !== null &&
    answeredAt < current.hubspot_modified_at
  )
}

/**
 * HubSpot answers a write with its default properties besides ours; one that we did not send may be
 * missing or stale there, and is left to the next read.
 */
function answered(properties: Texts, sent: Record<string, string>): Texts {
  return Object.fromEntries(
    Object.entries(properties).filter(
      ([property, text]) => Object.hasOwn(sent, property) && text !== undefined,
    ),
  )
}

/** What the write changed, for the history. */
function writtenFields(current: AnyRecord, agreed: Texts, { rules }: MergeContext) {
  const fields = rules
    .filter(rule => Object.hasOwn(agreed, rule.property))
    .map(rule => ({
      field: rule.field,
      from: shownValue(rule, current.base?.[rule.property] ?? null),
      to: shownValue(rule, agreed[rule.property] ?? null),
    }))
  return hasStage(current) && 'dealstage' in agreed
    ? [...fields, { field: 'stage', from: current.stage_base, to: current.stage }]
    : fields
}

function agreedStage(
  deal: StageDocument,
  agreed: Texts,
  { stages }: MergeContext,
): Omit<StageDocument, 'stage'> {
  const pipelineId = agreed.pipeline ?? deal.hubspot_pipeline_id
  const stageId = agreed.dealstage ?? deal.hubspot_stage_id
  return {
    hubspot_pipeline_id: pipelineId,
    hubspot_stage_id: stageId,
    stage_base:
      agreed.dealstage === undefined
        ? deal.stage_base
        : (stages.toOurs(pipelineId, stageId) ?? deal.stage_base),
  }
}

/** Both sides agree on the associations just written: only then do they count as HubSpot's. */
function agreedAssociations(
  { lead_ids, hubspot_contact_ids, associations_dirty }: AssociationsDocument,
  { associations }: Written,
  { contacts }: AfterWriteContext,
): AssociationsDocument {
  const known = new Set([...hubspot_contact_ids, ...(associations?.added ?? [])])
  for (const id of associations?.removed ?? []) known.delete(id)
  const leads = new Map(
    contacts.flatMap(lead =>
      lead.hubspot_id === null ? [] : [[lead.hubspot_id, lead._id] as const],
    ),
  )
  return mergeAssociations(
    { lead_ids, associations_dirty, hubspot_contact_ids: [...known].sort() },
    { remote: undefined, leads },
  )
}
