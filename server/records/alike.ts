import type { AnyRecord } from '../database/documents'
import { hasAssociations, hasStage } from './kinds'

/** Whether a record has changed: what arrives mostly brings nothing new, and is not stored then. */

/** Whether a person sees no difference between two states of a record. */
export function looksAlike(one: AnyRecord, other: AnyRecord): boolean {
  return (
    isAlike(one.values, other.values) &&
    isAlike(one.archived_at, other.archived_at) &&
    isAlike(one.sync.scope ?? null, other.sync.scope ?? null) &&
    (!hasStage(one) ||
      !hasStage(other) ||
      (one.stage === other.stage &&
        one.hubspot_pipeline_id === other.hubspot_pipeline_id &&
        one.hubspot_stage_id === other.hubspot_stage_id)) &&
    (!hasAssociations(one) ||
      !hasAssociations(other) ||
      hasSameIds(one.lead_ids.map(String), other.lead_ids.map(String)))
  )
}

/** Whether two states of a record hold the same for the sync, beside what a person sees. */
export function isKeptAlike(one: AnyRecord, other: AnyRecord): boolean {
  return (
    isAlike(one.base ?? {}, other.base ?? {}) &&
    isAlike(one.remote ?? {}, other.remote ?? {}) &&
    isAlike(one.remote_at ?? {}, other.remote_at ?? {}) &&
    isAlike(one.hubspot_modified_at, other.hubspot_modified_at) &&
    isAlike(one.hubspot_seen_at ?? null, other.hubspot_seen_at ?? null) &&
    isAlike(one.decisions, other.decisions) &&
    one.dirty === other.dirty &&
    isAlike(one.sync, other.sync) &&
    isAlike(one.search, other.search) &&
    (!hasStage(one) || !hasStage(other) || one.stage_base === other.stage_base) &&
    (!hasAssociations(one) ||
      !hasAssociations(other) ||
      (hasSameIds(one.hubspot_contact_ids, other.hubspot_contact_ids) &&
        one.associations_dirty === other.associations_dirty &&
        (one.associations_stuck ?? false) === (other.associations_stuck ?? false))) &&
    (!('local_email' in one) || !('local_email' in other) || one.local_email === other.local_email)
  )
}

/** Associations have no order. */
function hasSameIds(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && isAlike([...one].sort(), [...other].sort())
}

/**
 * Whether two values are stored alike: keys have no order, and one without a value is not stored.
 * Without making texts of them: that took most of the time of a page that brings nothing new.
 */
function isAlike(one: unknown, other: unknown): boolean {
  if (one === other) return true
  if (typeof one !== 'object' || typeof other !== 'object' || !one || !other) return false
  if (one instanceof Date) return other instanceof Date && one.getTime() === other.getTime()
  if (Array.isArray(one))
    return (
      Array.isArray(other) &&
      one.length === other.length &&
      one.every((item, index) => isAlike(item, other[index]))
    )
  const [mine, theirs] = [one as Record<string, unknown>, other as Record<string, unknown>]
  for (const key in mine) if (!isAlike(mine[key], theirs[key])) return false
  for (const key in theirs) if (!(key in mine) && theirs[key] !== undefined) return false
  return true
}
