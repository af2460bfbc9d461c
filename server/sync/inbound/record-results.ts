import type { Failure } from '#shared/contracts/primitives'
import type { DealDocument, LeadDocument } from '../../database/documents'
import { changesBetween } from '../../records/changes'
import type { InboundPage, Outcome, Plan } from './write'

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

/**
 * Tells what the arrival of one record came to. Nothing is told of records that stayed as they
 * were.
 */
export function tellApplied<D extends LeadDocument | DealDocument>(
  { type, tell }: InboundPage,
  { next, reports, action }: Plan<D>,
  stored: D | undefined,
  outcome: Outcome,
): void {
  if (!tell) return
  const shared = { type, direction: 'in', recordId: next._id, hubspotId: next.hubspot_id } as const
  if (outcome !== 'unchanged') {
    const isLinked = stored !== undefined && stored.hubspot_id === null
    tell({
      ...shared,
      outcome: isLinked ? 'merged' : outcome,
      ...(isLinked ? { reason: 'linked_by_email' as const } : {}),
      fields: stored ? changesBetween(stored, next).map(change => change.field) : [],
    })
    return
  }
  // Only when it is news: the decision is kept with the record from then on.
  const refused =
    action === 'update'
      ? reports.filter(report => report.decision === 'refused').map(report => report.field)
      : []
  if (refused.length > 0)
    tell({ ...shared, outcome: 'skipped', reason: 'unreadable_value', fields: refused })
}

export function tellFailed(
  { type, tell }: InboundPage,
  hubspotIds: readonly string[],
  why: keyof typeof failures,
): void {
  for (const hubspotId of hubspotIds)
    tell?.({ type, direction: 'in', outcome: 'failed', hubspotId, error: failures[why] })
}
