import type { ObjectId } from 'mongodb'
import type { DealStage } from '#shared/leads/stages'
import type {
  AnyRecord,
  AssociationsDocument,
  DocumentOf,
  KindName,
  StageDocument,
} from '../database/documents'
import { daysAfterWrite, readBase } from './base-days'
import { agreedOf, isEdited, type Base, type Values } from './carry-over'
import { derivedOf, hasAssociations, hasStage, type RecordKind } from './kinds'
import { joinedOptions, type FieldRule, type FieldRules } from './merge-field'
import { isZoned } from './values'

/** A create's object came in as a record of its own: what the record that people know takes over. */

/** What is known of the create whose object a copy was imported as. */
export interface CreateOrigin {
  /** What the create sent, by property */
  sent: Values
  /** Our stage for the one that was sent */
  sentStage: DealStage | null
  /** Leads that HubSpot's deal had when the two were last joined */
  sentLeads: readonly ObjectId[]
}

/**
 * HubSpot's contacts of the deal when the two were last joined: those that the create sent or, where
 * the copy was taken over before, those it had then.
 */
export function joinedContacts(waiting: AnyRecord, hubspotId: string): readonly string[] {
  const isTaken = waiting.create_intent?.object_id === hubspotId
  return isTaken && hasAssociations(waiting)
    ? waiting.hubspot_contact_ids
    : (waiting.create_intent?.contacts ?? [])
}

/**
 * A create's object came in as a record of its own before the answer was stored here. The record
 * that people know takes over what HubSpot's side of the copy is, and what was edited on either
 * since the create. It is not linked yet: `create_intent.object_id` names the object. Where both
 * were edited, the later edit stays; the history has both. Pure.
 */
export function withCopy<K extends KindName>(
  kind: RecordKind<K>,
  waiting: DocumentOf<K>,
  copy: DocumentOf<K>,
  { sent, sentStage, sentLeads }: CreateOrigin,
  { rules, now }: { rules: FieldRules; now: Date },
): DocumentOf<K> {
  const isTaken = waiting.create_intent?.object_id === copy.hubspot_id
  const ofKind = rules[kind.name]
  const agreed: Base = isTaken
    ? waiting
    : { base: sent, base_days: daysAfterWrite(ofKind, { base: sent }, sent) }
  const values: Values = { ...copy.values }
  const base = { ...copy.base }
  const baseDays = daysAfterWrite(ofKind, copy, {})
  const changedAt = { ...copy.changed_at }
  const isLater = (name: string) =>
    (waiting.changed_at[name]?.getTime() ?? 0) >= (copy.changed_at[name]?.getTime() ?? 0)
  const own: Values = waiting.values
  // An outbound value never came in; one that neither side sent and HubSpot lacks stays ours.
  const copied: Values = copy.values
  const hasCopySay = ({ direction, field, property }: FieldRule) =>
    direction !== 'out' &&
    ((copied[field] ?? null) !== null || (agreed.base?.[property] ?? null) !== null)
  for (const field of new Set([...kind.fields, ...ofKind.map(rule => rule.field)])) {
    const rule = ofKind.find(one => one.field === field)
    const isCopyEdited = rule !== undefined && isEdited(copy.values, copy, rule)
    const isOwn = rule
      ? (isEdited(own, agreed, rule) || !hasCopySay(rule)) && (!isCopyEdited || isLater(field))
      : (own[field] ?? null) !== null
    if (rule?.kind === 'options' && isCopyEdited && isEdited(own, agreed, rule)) {
      const sentOptions = readBase(rule, agreedOf(agreed)).before ?? null
      values[field] = joinedOptions(copied[field] ?? null, own[field] ?? null, sentOptions)
      continue
    }
    if (!isOwn) continue
    values[field] = own[field] ?? null
    if (rule) {
      base[rule.property] = agreed.base?.[rule.property] ?? null
      const day = readBase(rule, agreedOf(agreed)).before
      if (day === undefined) delete baseDays[rule.property]
      else if (isZoned(rule)) baseDays[rule.property] = day
    }
    const at = waiting.changed_at[field]
    if (at) changedAt[field] = at
  }
  const next: DocumentOf<K> = {
    ...waiting,
    values,
    base,
    base_days: baseDays,
    changed_at: changedAt,
    remote: copy.remote,
    remote_at: copy.remote_at,
    hubspot_modified_at: copy.hubspot_modified_at,
    hubspot_seen_at: copy.hubspot_seen_at ?? null,
    decisions: copy.decisions,
    history: [...(copy.history ?? []), ...(waiting.history ?? [])].sort(
      (one, other) => one.at.getTime() - other.at.getTime(),
    ),
    create_intent: waiting.create_intent && {
      ...waiting.create_intent,
      object_id: copy.hubspot_id ?? undefined,
    },
    revision: Math.max(waiting.revision, copy.revision) + 1,
    updated_at: now,
    ...takenStage(waiting, copy, isTaken ? null : sentStage, isLater('stage')),
    ...takenLeads(waiting, copy, sentLeads),
  }
  return { ...next, ...derivedOf(kind, next) }
}

/** The record with when HubSpot set values of it. @param times ISO 8601, by property */
export function withTimes<D extends Pick<AnyRecord, 'remote_at'>>(
  record: D,
  times: Record<string, string>,
): D {
  const known = Object.entries(times).map(([property, at]) => [property, new Date(at)] as const)
  return { ...record, remote_at: { ...record.remote_at, ...Object.fromEntries(known) } }
}

/** @param sentStage `null`: the agreed stage of the record that stays */
function takenStage(
  waiting: AnyRecord,
  copy: AnyRecord,
  sentStage: DealStage | null,
  isLater: boolean,
): Partial<StageDocument> {
  if (!hasStage(waiting) || !hasStage(copy)) return {}
  const agreed = sentStage ?? waiting.stage_base
  const isOwn =
    waiting.stage !== null &&
    waiting.stage !== agreed &&
    (copy.stage === copy.stage_base || isLater)
  return {
    hubspot_pipeline_id: copy.hubspot_pipeline_id,
    hubspot_stage_id: copy.hubspot_stage_id,
    stage: isOwn ? waiting.stage : copy.stage,
    stage_base: isOwn ? agreed : copy.stage_base,
  }
}

function takenLeads(
  waiting: AnyRecord,
  copy: AnyRecord,
  sent: readonly ObjectId[],
): Partial<AssociationsDocument> {
  if (!hasAssociations(waiting) || !hasAssociations(copy)) return {}
  const has = (ids: readonly ObjectId[], id: ObjectId) => ids.some(one => one.equals(id))
  const added = waiting.lead_ids.filter(id => !has(sent, id))
  const removed = sent.filter(id => !has(waiting.lead_ids, id))
  const kept = copy.lead_ids.filter(id => !has(removed, id) && !has(added, id))
  return {
    lead_ids: [...kept, ...added],
    hubspot_contact_ids: copy.hubspot_contact_ids,
    associations_dirty: copy.associations_dirty || added.length + removed.length > 0,
    associations_stuck: false,
    associations_read_at: copy.associations_read_at ?? null,
  }
}
