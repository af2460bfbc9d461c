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
import { changesBetween } from './changes'
import { arrivalEntries, remember } from './history'
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
  object: Pick<CrmObject, 'id' | 'properties' | 'updatedAt' | 'changedAt'>
  /** What both sides agreed on when the update was made up, by property; absent for creates */
  before?: Record<string, string | null>
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
  const { portalId, object, cause = null } = written
  // HubSpot merged the record into another one while the write was under way, and its link moved:
  // what that one lacks is written next.
  const isOfPortal = current.hubspot_id !== null && current.portal_id === portalId
  if (isOfPortal && current.hubspot_id !== object.id) return current
  const agreed: Texts = Object.fromEntries(
    Object.entries(written.sent).map(([property, text]) => [property, text === '' ? null : text]),
  )
  const isNewer = !isOvertaken(current, object)
  const fresh = isNewer ? agreed : unlessMovedOn(agreed, current, written.before)
  const linked: DocumentOf<K> = {
    ...current,
    portal_id: portalId,
    hubspot_id: object.id,
    archived_at: current.hubspot_id === object.id ? current.archived_at : null,
    detached_at: null,
    create_intent: null,
    sending: null,
    hubspot_seen_at: current.hubspot_seen_at ?? current.hubspot_modified_at,
    base: { ...current.base, ...fresh },
    base_days: daysAfterWrite(context.rules, current, fresh),
    remote: isNewer ? { ...current.remote, ...agreed } : current.remote,
    sync: { ...current.sync, last_out_at: context.now },
    updated_at: context.now,
    ...(hasStage(current) ? agreedStage(current, agreed, context) : {}),
    ...(hasAssociations(current) ? agreedAssociations(current, written, context) : {}),
  }
  const incoming = isNewer
    ? {
        updatedAt: object.updatedAt,
        changedAt: object.changedAt,
        properties: { ...agreed, ...answered(object.properties, written.sent) },
      }
    : null
  const { next, reports } = mergeRecord(
    kind,
    withState(linked, freshTry(linked.sync)),
    incoming,
    context,
  )
  const changes = changesBetween(current, next)
  const isCreated = current.hubspot_id === null
  const fields = isCreated ? [] : writtenFields(current, agreed, context)
  const isWritten = fields.length > 0 || isCreated
  return remember({ ...next, revision: current.revision + (changes.length > 0 ? 1 : 0) }, [
    ...(isWritten
      ? [{ at: context.now, side: 'ours', kind: 'written', cause, fields } as const]
      : []),
    ...arrivalEntries(next, { reports, changes, kind: 'received', now: context.now, cause }),
  ])
}

/**
 * What was sent is agreed, except where something newer was agreed in the meantime: the base is
 * HubSpot's present value, and not only because it was so before and what we sent was never seen.
 */
function unlessMovedOn(
  agreed: Texts,
  { base, remote, sending }: AnyRecord,
  before: Texts | undefined,
): Texts {
  const isUntouched = (property: string) =>
    before !== undefined &&
    Object.hasOwn(sending?.sent ?? {}, property) &&
    (before[property] ?? null) === (base?.[property] ?? null)
  return Object.fromEntries(
    Object.entries(agreed).filter(
      ([property]) =>
        !base ||
        !Object.hasOwn(base, property) ||
        base[property] !== remote?.[property] ||
        isUntouched(property),
    ),
  )
}

/**
 * Whether a record was this object's before: it is linked to it, or it took over the copy that the
 * object had come in as. The deals that name the object have met it then.
 */
export function isKnownAs(
  record: Pick<AnyRecord, 'hubspot_id' | 'create_intent'>,
  hubspotId: string,
): boolean {
  return record.hubspot_id === hubspotId || record.create_intent?.object_id === hubspotId
}

/** Something newer arrived while the write was under way: the answer is out of date. */
function isOvertaken(current: AnyRecord, object: Written['object']): boolean {
  const answeredAt = instant(object.updatedAt)
  return (
    isKnownAs(current, object.id) &&
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

function agreedStage(deal: StageDocument, agreed: Texts, { stages }: MergeContext): StageDocument {
  const pipelineId = agreed.pipeline ?? deal.hubspot_pipeline_id
  const stageId = agreed.dealstage ?? deal.hubspot_stage_id
  const mapped =
    agreed.dealstage === undefined
      ? deal.stage_base
      : (stages.toOurs(pipelineId, stageId) ?? deal.stage_base)
  return {
    hubspot_pipeline_id: pipelineId,
    hubspot_stage_id: stageId,
    stage_base: mapped,
    // A deal without a stage was put into HubSpot's first one.
    stage: deal.stage === null && deal.stage_base === null ? mapped : deal.stage,
  }
}

/** Both sides agree on the associations just written: only then do they count as HubSpot's. */
function agreedAssociations(
  deal: AssociationsDocument & Pick<AnyRecord, 'create_intent'>,
  written: Written,
  { contacts, now }: AfterWriteContext,
): AssociationsDocument {
  const { hubspot_contact_ids } = deal
  const associations = associationsOf(deal, written)
  const known = new Set([...hubspot_contact_ids, ...(associations?.added ?? [])])
  for (const id of associations?.removed ?? []) known.delete(id)
  const leads = new Map(
    contacts.flatMap(lead =>
      lead.hubspot_id === null ? [] : [[lead.hubspot_id, lead._id] as const],
    ),
  )
  const { lead_ids, associations_dirty, associations_stuck = false } = deal
  const isMoved =
    associations !== undefined && associations.added.length + associations.removed.length > 0
  const agreed: AssociationsDocument = {
    lead_ids,
    // What the write changed may have been changed back here in the meantime.
    associations_dirty: associations_dirty || isMoved,
    associations_stuck,
    hubspot_contact_ids: [...known].sort(),
    ...(associations ? { associations_read_at: now } : {}),
  }
  return mergeAssociations(agreed, { remote: undefined, leads })
}

/** @returns the associations that the write made and removed; those of a create that was found */
export function associationsOf(
  { create_intent: intent }: Pick<AnyRecord, 'create_intent'>,
  { associations, sent }: Pick<Written, 'associations' | 'sent'>,
): Written['associations'] {
  if (associations || Object.keys(sent).length === 0) return associations
  return intent?.contacts && { added: intent.contacts, removed: [] }
}
