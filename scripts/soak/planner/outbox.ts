import { core, type LeadDocument } from './core'
import type { AnyRecord, Id } from './store'
import type { AnyWrite, World } from './world'

/** The marks of what is to be written, as `server/records/outbox` sets them. */

/** @param further HubSpot ids */
export function contactsOf(
  { store }: World,
  record: AnyRecord,
  further: readonly string[] = [],
): LeadDocument[] {
  if (!('lead_ids' in record)) return []
  const contactIds = [...record.hubspot_contact_ids, ...further]
  return store.leads.filter(
    lead =>
      record.lead_ids.includes(lead._id) ||
      (lead.hubspot_id !== null && contactIds.includes(lead.hubspot_id)),
  )
}

export function settleEmpty({ store }: World, record: AnyRecord): void {
  const isStuck = 'lead_ids' in record && record.associations_dirty
  const settled = core.withState(record, core.inSync)
  store.put(isStuck ? { ...settled, associations_stuck: true } : settled)
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
  const refused = core.withState(record, core.refused(error, retryAt))
  const failed = error.code === 'answer_missing' ? refused : { ...refused, sending: null }
  store.put({ ...failed, sync: { ...failed.sync, attempts: record.sync.attempts + 1 } })
}

export function isUnlinked({ store }: World, { record }: AnyWrite): boolean {
  return store.byId(record._id)?.hubspot_id === null
}
