import type { DealDocument, LeadDocument } from '../database/documents'

export interface FieldChange {
  field: string
  from: string | null
  to: string | null
}

/**
 * @returns what a person sees differently of a record: its values, a deal's stage and the number of
 *   its leads
 */
export function changesBetween(
  before: LeadDocument | DealDocument,
  after: LeadDocument | DealDocument,
): FieldChange[] {
  const [old, now] = [seen(before), seen(after)]
  return Object.keys(now).flatMap(field =>
    (old[field] ?? null) === (now[field] ?? null)
      ? []
      : [{ field, from: old[field] ?? null, to: now[field] ?? null }],
  )
}

function seen(record: LeadDocument | DealDocument): Record<string, string | null> {
  const values: Record<string, string | null> = { ...record.values }
  return 'lead_ids' in record
    ? {
        ...values,
        stage: record.stage,
        leadIds: record.lead_ids.length === 0 ? null : String(record.lead_ids.length),
      }
    : values
}
