import type { ObjectId } from 'mongodb'
import type { RecordsErased } from '#shared/contracts/connection'
import type { Actor, AuditLog } from '../database/audit'
import { DomainError } from '../errors'
import {
  createEraseRepository,
  type EraseRepositoryDeps,
} from './erase-after-disconnect-repository'

/** One call works this long at most and says whether more is left: proxies end longer ones, ms */
const callMs = 15_000

export interface EraseDeps extends EraseRepositoryDeps {
  audit: AuditLog
  /** Removes cursors and checkpoints: a later connection then imports everything again */
  forgetProgress(partnerId: ObjectId): Promise<void>
  /** How long one call works, ms; tests use less */
  callMs?: number
}

interface Caller {
  actor: Actor
  correlationId?: string | null
}

/**
 * Erases what came from HubSpot, after a disconnect: leads and deals that are or were linked to a
 * HubSpot record, with their copies of its values and the decisions about them; webhook events;
 * what runs kept of records; the cursors. What never was in HubSpot, mappings, counts of past runs,
 * the audit log and the tombstones of erased people stay.
 *
 * Can be interrupted anywhere and repeated. Cursors and checkpoints go first: after an incomplete
 * erasure, a later connection imports everything again.
 */
export function createEraseRecords({
  audit,
  forgetProgress,
  callMs: longestMs = callMs,
  ...deps
}: EraseDeps) {
  const { clock } = deps
  const repository = createEraseRepository(deps)

  /** @throws {DomainError} `hubspot_connected`: a sync would bring back what is erased */
  async function assertNotConnected(partnerId: ObjectId): Promise<void> {
    if (await repository.isConnected(partnerId))
      throw new DomainError(
        'hubspot_connected',
        'Disconnect HubSpot first: a sync would bring back what is erased.',
      )
  }

  /** Deletes batch by batch until none or no time is left. */
  async function eraseAll(
    partnerId: ObjectId,
    batch: (partnerId: ObjectId) => Promise<number | null>,
    until: number,
  ): Promise<{ count: number; done: boolean }> {
    let count = 0
    for (;;) {
      await assertNotConnected(partnerId)
      const deleted = await batch(partnerId)
      if (deleted === null) return { count, done: true }
      count += deleted
      if (clock().getTime() >= until) return { count, done: false }
    }
  }

  return async function eraseRecords(
    partnerId: ObjectId,
    { actor, correlationId = null }: Caller,
  ): Promise<RecordsErased> {
    await assertNotConnected(partnerId)
    await audit.record({
      partnerId,
      actor,
      action: 'records.erase',
      details: { step: 'begun' },
      correlationId,
    })
    await forgetProgress(partnerId)
    const until = clock().getTime() + longestMs
    const none = { count: 0, done: false }
    const { batches } = repository
    const events = await eraseAll(partnerId, batches.webhookEvents, until)
    const results = events.done ? await eraseAll(partnerId, batches.runResults, until) : none
    const deals = results.done ? await eraseAll(partnerId, batches.deals, until) : none
    const leads = deals.done ? await eraseAll(partnerId, batches.leads, until) : none
    const answer = {
      done: leads.done,
      leads: leads.count,
      deals: deals.count,
      webhookEvents: events.count,
    }
    await audit.record({
      partnerId,
      actor,
      action: 'records.erase',
      details: {
        step: answer.done ? 'done' : 'to be continued',
        leads: answer.leads,
        deals: answer.deals,
        webhookEvents: answer.webhookEvents,
      },
      correlationId,
    })
    return answer
  }
}
