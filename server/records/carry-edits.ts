import type { DealDocument, LeadDocument } from '../database/documents'
import type { FieldRules } from '../mapping/fields'
import { fromHubspot, sameValue } from './values'
import type { FieldRule } from './merge-field'

type AnyRecord = LeadDocument | DealDocument

/** Whether our value was edited since both sides agreed on it. */
function isEdited(
  { values, base }: AnyRecord,
  { field, property, kind, direction }: FieldRule,
): boolean {
  if (direction === 'in') return false
  const local = (values as Record<string, string | null>)[field] ?? null
  const agreed =
    base && Object.hasOwn(base, property) ? fromHubspot(kind, base[property] ?? null) : null
  return agreed === undefined || !sameValue(kind, local, agreed)
}

/**
 * Edits of records that are merged into another one in HubSpot, and that HubSpot does not know yet,
 * go over to the record that stays: with what they were made upon, so that they meet HubSpot's
 * surviving record when it arrives, as they would have met their own, and its policy decides. An
 * edit of the record that stays comes first. Pure.
 * @param others the records that go
 * @returns the record that stays, or `null` when nothing goes over
 */
export function carryEdits<D extends AnyRecord>(
  keeper: D,
  others: readonly AnyRecord[],
  rules: FieldRules,
  now: Date,
): D | null {
  const values: Record<string, string | null> = { ...keeper.values }
  const base = { ...keeper.base }
  const remote = { ...keeper.remote }
  const changedAt = { ...keeper.changed_at }
  let stage = 'lead_ids' in keeper ? { stage: keeper.stage, stage_base: keeper.stage_base } : null
  let isCarried = false
  for (const other of others.filter(record => record.dirty)) {
    for (const rule of 'lead_ids' in keeper ? rules.deal : rules.lead) {
      const { field, property } = rule
      if (!isEdited(other, rule) || isEdited({ ...keeper, values, base } as AnyRecord, rule))
        continue
      values[field] = (other.values as Record<string, string | null>)[field] ?? null
      base[property] = other.base?.[property] ?? null
      changedAt[field] = other.changed_at[field] ?? now
      // What was last seen of the record that stays is older than the merge.
      delete remote[property]
      isCarried = true
    }
    if (
      stage === null ||
      !('lead_ids' in other) ||
      other.stage === other.stage_base ||
      stage.stage !== stage.stage_base
    )
      continue
    stage = { stage: other.stage, stage_base: other.stage_base }
    changedAt.stage = other.changed_at.stage ?? now
    isCarried = true
  }
  if (!isCarried) return null
  const isLive = keeper.archived_at === null
  return {
    ...keeper,
    ...stage,
    values,
    base,
    remote,
    changed_at: changedAt,
    revision: keeper.revision + 1,
    updated_at: now,
    ...(isLive
      ? {
          dirty: true,
          sync: { ...keeper.sync, state: 'pending', error: null, attempts: 0, next_try_at: null },
        }
      : {}),
  }
}
