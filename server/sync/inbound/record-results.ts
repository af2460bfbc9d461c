import type { Failure } from '#shared/contracts/primitives'
import type { AnyRecord } from '../../database/documents'
import { changesBetween } from '../../records/changes'
import type { InboundPage, Outcome, Plan } from './page'

const failures: Record<'not_stored' | 'kept_changing', Failure> = {
  not_stored: {
    code: 'not_stored',
    message: 'What HubSpot sent could not be stored here.',
    correlationId: null,
  },
  kept_changing: {
    code: 'kept_changing',
    message: 'The record changed each time it was about to be stored.',
    correlationId: null,
  },
}

/** Reports the outcome for one incoming record, unless it stayed as it was. */
export function reportStored(
  { type, tell }: InboundPage,
  { next, reports, action }: Plan,
  stored: AnyRecord | undefined,
  outcome: Outcome,
): void {
  if (!tell) return
  const shared = { type, direction: 'in', recordId: next._id, hubspotId: next.hubspot_id } as const
  if (outcome !== 'unchanged') {
    if (next.sync.state === 'out_of_scope') {
      tell({ ...shared, outcome: 'skipped', reason: 'out_of_scope' })
      return
    }
    const isLinked = stored !== undefined && stored.hubspot_id === null
    tell({
      ...shared,
      outcome: isLinked ? 'merged' : outcome,
      ...(isLinked ? { reason: 'linked_by_email' as const } : {}),
      fields: stored ? changesBetween(stored, next).map(change => change.field) : [],
    })
    return
  }
  // Only the first time: the record keeps the decision from then on.
  const refused =
    action === 'update'
      ? reports.filter(report => report.decision === 'refused').map(report => report.field)
      : []
  if (refused.length > 0)
    tell({ ...shared, outcome: 'skipped', reason: 'unreadable_value', fields: refused })
}

export function reportFailed(
  { type, tell }: InboundPage,
  hubspotIds: readonly string[],
  why: keyof typeof failures,
): void {
  for (const hubspotId of hubspotIds)
    tell?.({ type, direction: 'in', outcome: 'failed', hubspotId, error: failures[why] })
}
