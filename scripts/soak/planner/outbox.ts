import { core, type LeadDocument } from './core'
import type { AnyRecord, Id } from './store'
import type { AnyWrite, World } from './world'

/** The marks of what is to be written, as `server/records/outbox` sets them. */

export function contactsOf({ store }: World, record: AnyRecord): LeadDocument[] {
  if (!('lead_ids' in record)) return []
  return store.leads.filter(
    lead =>
      record.lead_ids.includes(lead._id) ||
      (lead.hubspot_id !== null && record.hubspot_contact_ids.includes(lead.hubspot_id)),
  )
}

export function settleEmpty({ store }: World, record: AnyRecord): void {
  store.put(core.withState(record, core.inSync))
}

export function release({ store }: World, id: Id, until: number | null): void {
  const record = store.byId(id)
  if (record && until !== null)
    store.put({ ...record, sync: { ...record.sync, next_try_at: new Date(until) } })
}

export function markFailed(
  { store }: World,
  claimed: AnyRecord,
  error: NonNullable<AnyRecord['sync']['error']>,
  retryAt: Date | null,
): void {
  const record = store.byId(claimed._id)
  if (!record || record.revision !== claimed.revision) return
  const failed = core.withState(record, core.refused(error, retryAt))
  store.put({ ...failed, sync: { ...failed.sync, attempts: record.sync.attempts + 1 } })
}

export function isUnlinked({ store }: World, { record }: AnyWrite): boolean {
  return store.byId(record._id)?.hubspot_id === null
}
