import type { ObjectId } from 'mongodb'
import type { AnyRecord } from '../database/documents'
import { hasAssociations, hasStage } from './kinds'

export interface FieldChange {
  field: string
  from: string | null
  to: string | null
}

/**
 * @returns what a person sees differently of a record: its values, a deal's stage and the ids of
 *   its leads
 */
export function changesBetween(before: AnyRecord, after: AnyRecord): FieldChange[] {
  const [old, now] = [visibleValues(before), visibleValues(after)]
  return Object.keys(now).flatMap(field =>
    (old[field] ?? null) === (now[field] ?? null)
      ? []
      : [{ field, from: old[field] ?? null, to: now[field] ?? null }],
  )
}

/** What a person sees of a record, by field. */
export function visibleValues(record: AnyRecord): Record<string, string | null> {
  return {
    ...record.values,
    ...(hasStage(record) ? { stage: record.stage } : {}),
    ...(hasAssociations(record) ? { leadIds: leadIdsText(record.lead_ids) } : {}),
  }
}

function leadIdsText(ids: readonly ObjectId[]): string | null {
  const texts = ids.map(id => id.toHexString()).sort()
  return texts.length === 0 ? null : texts.join(' ')
}
