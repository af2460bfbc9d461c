import type { AnyRecord } from '../database/documents'
import { hasAssociations, hasStage } from './kinds'

export interface FieldChange {
  field: string
  from: string | null
  to: string | null
}

/**
 * @returns what a person sees differently of a record: its values, a deal's stage and the number of
 *   its leads
 */
export function changesBetween(before: AnyRecord, after: AnyRecord): FieldChange[] {
  const [old, now] = [seen(before), seen(after)]
  return Object.keys(now).flatMap(field =>
    (old[field] ?? null) === (now[field] ?? null)
      ? []
      : [{ field, from: old[field] ?? null, to: now[field] ?? null }],
  )
}

function seen(record: AnyRecord): Record<string, string | null> {
  return {
    ...record.values,
    ...(hasStage(record) ? { stage: record.stage } : {}),
    ...(hasAssociations(record)
      ? { leadIds: record.lead_ids.length === 0 ? null : String(record.lead_ids.length) }
      : {}),
  }
}
