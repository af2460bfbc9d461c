import type { ObjectId } from 'mongodb'
import type { DealStage } from '#shared/leads/stages'
import type {
  AnyRecord,
  AssociationsDocument,
  DocumentOf,
  KindName,
  StageDocument,
} from '../database/documents'
import type { NewEntry } from './history'
import { derivedOf, hasAssociations, hasStage, type RecordKind } from './kinds'
import type { FieldRule, FieldRules } from './merge-field'
import { mayBeWritten, waiting, withState } from './sync-state'
import { daysAfterWrite, readBase } from './base-days'
import { fromHubspot, isZoned, sameValue } from './values'

/** Two of our records turn out to be one object in HubSpot: what the one that stays takes over. */

type Values = Record<string, string | null>

/**
 * Edits that HubSpot does not know yet go over to the record that stays, with the base they were
 * made upon: HubSpot's surviving object then meets them by their policy. An edit of the record that
 * stays comes first. Pure.
 * @param others the records that go
 * @returns the record that stays, or `null` when nothing goes over
 */
export function carryEdits<K extends KindName>(
  kind: RecordKind<K>,
  keeper: DocumentOf<K>,
  others: readonly DocumentOf<K>[],
  rules: FieldRules,
  now: Date,
): DocumentOf<K> | null {
  const values: Values = { ...keeper.values }
  const base = { ...keeper.base }
  const baseDays = daysAfterWrite(rules[kind.name], keeper, {})
  const remote = { ...keeper.remote }
  const changedAt = { ...keeper.changed_at }
  let isCarried = false
  for (const other of others) {
    const otherValues: Values = other.values
    for (const rule of rules[kind.name]) {
      const { field, property } = rule
      if (!isEdited(otherValues, other, rule)) continue
      if (isEdited(values, { base, base_days: baseDays }, rule)) continue
      const upon = madeUpon(other, rule)
      if (upon.day === undefined) delete baseDays[property]
      else if (isZoned(rule)) baseDays[property] = upon.day
      values[field] = otherValues[field] ?? null
      base[property] = upon.text
      changedAt[field] = other.changed_at[field] ?? now
      // What was last seen of the record that stays is older than the merge.
      delete remote[property]
      isCarried = true
    }
  }
  const stage = hasStage(keeper) ? carriedStage(keeper, others) : null
  if (stage) changedAt.stage = stage.changedAt ?? now
  if (!isCarried && !stage) return null
  const next: DocumentOf<K> = {
    ...keeper,
    ...stage?.fields,
    values,
    base,
    base_days: baseDays,
    remote,
    changed_at: changedAt,
    revision: keeper.revision + 1,
    updated_at: now,
  }
  return mayBeWritten(keeper) ? withState(next, waiting) : next
}

type Base = Pick<AnyRecord, 'base' | 'base_days'>

/** HubSpot's text, and the day that it was read as */
interface Agreed {
  text: string | null
  day: string | null | undefined
}

const agreedOf = ({ base, base_days }: Base) => ({ base: base ?? {}, baseDays: base_days })
/**
 * What an edit was made upon: a value of HubSpot's that it has met, and that it is to be written
 * over, is no news.
 */
function madeUpon(record: AnyRecord, rule: FieldRule): Agreed {
  const { remote } = record
  const text = remote && Object.hasOwn(remote, rule.property) ? remote[rule.property] : undefined
  const agreed = record.base?.[rule.property] ?? null
  return text === undefined || text === agreed
    ? { text: agreed, day: readBase(rule, agreedOf(record)).before }
    : { text, day: fromHubspot(rule, text) }
}

/** Whether our value was edited since both sides agreed on it. */
function isEdited(values: Values, record: Base, rule: FieldRule): boolean {
  if (rule.direction === 'in') return false
  const { base, baseDays } = agreedOf(record)
  const agreed = Object.hasOwn(base, rule.property)
    ? readBase(rule, { base, baseDays }).before
    : null
  return agreed === undefined || !sameValue(rule, values[rule.field] ?? null, agreed)
}

/** The first stage that was changed on a record that goes, unless the one that stays has a change. */
function carriedStage(keeper: StageDocument, others: readonly AnyRecord[]) {
  const isChanged = ({ stage, stage_base }: StageDocument) => stage !== stage_base
  const other = isChanged(keeper)
    ? undefined
    : others.filter(hasStage).find(record => isChanged(record))
  return other
    ? {
        fields: { stage: other.stage, stage_base: other.stage_base },
        changedAt: other.changed_at.stage,
      }
    : null
}

/** What is known of the create whose object a copy was imported as. */
export interface CreateOrigin {
  /** What the create sent, by property */
  sent: Values
  /** Our stage for the one that was sent */
  sentStage: DealStage | null
  /** Leads that were associated with the create */
  sentLeads: readonly ObjectId[]
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
  for (const field of new Set([...kind.fields, ...ofKind.map(rule => rule.field)])) {
    const rule = ofKind.find(one => one.field === field)
    const isOwn = rule
      ? isEdited(own, agreed, rule) && (!isEdited(copy.values, copy, rule) || isLater(field))
      : (own[field] ?? null) !== null
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
    ...takenLeads(waiting, copy, isTaken ? null : sentLeads),
  }
  return { ...next, ...derivedOf(kind, next) }
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

/** @param sentLeads `null`: the copy was taken over before, its leads are here already */
function takenLeads(
  waiting: AnyRecord,
  copy: AnyRecord,
  sentLeads: readonly ObjectId[] | null,
): Partial<AssociationsDocument> {
  if (!hasAssociations(waiting) || !hasAssociations(copy)) return {}
  const has = (ids: readonly ObjectId[], id: ObjectId) => ids.some(one => one.equals(id))
  const sent = sentLeads ?? waiting.lead_ids
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

/** What the record that stays takes over of one that goes, where it has nothing itself. */
export interface Filling<V> {
  values: V
  /** By field, for `changed_at` */
  changedAt: Record<string, Date>
  history: NewEntry
}

/**
 * The values that one record lacks and the other has.
 * @returns `null` when the record that stays lacks nothing
 */
export function fillFrom<K extends KindName>(
  { recognisedBy: rule }: RecordKind<K>,
  keeper: DocumentOf<K>,
  other: DocumentOf<K>,
  now: Date,
): Filling<DocumentOf<K>['values']> | null {
  const [own, given]: [Values, Values] = [keeper.values, other.values]
  const lacks = (values: Values, field: string) => (values[field] ?? null) === null
  const filled = Object.keys(given).filter(field => lacks(own, field) && !lacks(given, field))
  if (filled.length === 0) return null
  return {
    values: {
      ...keeper.values,
      ...Object.fromEntries(filled.map(field => [field, given[field] ?? null])),
    },
    changedAt: Object.fromEntries(filled.map(field => [field, now])),
    history: {
      at: now,
      side: 'ours',
      kind: 'merged',
      fields: filled.map(field => ({ field, from: null, to: given[field] ?? null, rule })),
    },
  }
}

/** The leads of a deal that goes and that the one that stays does not have. */
export function missingLeads(keeper: AssociationsDocument, other: AssociationsDocument) {
  return other.lead_ids.filter(id => !keeper.lead_ids.some(one => one.equals(id)))
}
