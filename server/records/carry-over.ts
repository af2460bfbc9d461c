import type {
  AnyRecord,
  AssociationsDocument,
  DocumentOf,
  KindName,
  StageDocument,
} from '../database/documents'
import type { NewEntry } from './history'
import { hasStage, type RecordKind } from './kinds'
import { joinedOptions, type FieldRule, type FieldRules } from './merge-field'
import { mayBeWritten, waiting, withState } from './sync-state'
import { daysAfterWrite, readBase } from './base-days'
import { fromHubspot, isZoned, sameValue } from './values'

/** Two of our records turn out to be one object in HubSpot: what the one that stays takes over. */

export type Values = Record<string, string | null>

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
      if (rule.kind === 'options' && isEdited(values, { base, base_days: baseDays }, rule)) {
        const before = readBase(rule, agreedOf(other)).before ?? null
        values[field] = joinedOptions(values[field] ?? null, otherValues[field] ?? null, before)
        isCarried = true
        continue
      }
      if (isEdited(values, { base, base_days: baseDays }, rule)) continue
      values[field] = otherValues[field] ?? null
      changedAt[field] = other.changed_at[field] ?? now
      isCarried = true
      // Whether it is to be written hangs on what the surviving object got from here.
      if (rule.direction === 'out') continue
      const upon = madeUpon(other, rule)
      if (upon.day === undefined) delete baseDays[property]
      else if (isZoned(rule)) baseDays[property] = upon.day
      base[property] = upon.text
      // What was last seen of the record that stays is older than the merge.
      delete remote[property]
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

export type Base = Pick<AnyRecord, 'base' | 'base_days'>

/** HubSpot's text, and the day that it was read as */
interface Agreed {
  text: string | null
  day: string | null | undefined
}

export const agreedOf = ({ base, base_days }: Base) => ({ base: base ?? {}, baseDays: base_days })
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
export function isEdited(values: Values, record: Base, rule: FieldRule): boolean {
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
    // As old as it is: HubSpot may have a later value.
    changedAt: Object.fromEntries(filled.map(field => [field, other.changed_at[field] ?? now])),
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
