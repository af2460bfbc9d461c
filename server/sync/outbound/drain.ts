import { setTimeout as sleep } from 'node:timers/promises'
import type { ObjectType } from '../../hubspot/crm-types'
import { DomainError } from '../../errors'
import { errorFields } from '../../observability/log'
import { isHubspotTrouble } from '../failures'
import { createScopeCheck } from '../inbound/scope'
import type { RunContext } from '../runs/context'
import type { AnyWrite, Drained, DrainContext, OutboundDeps, Outboxes } from './context'
import { createCreates } from './create'
import { createFindCreated } from './find-created'
import { createSettle } from './settle'
import { createUpdates } from './update'
import { createWriteLeases } from './write-lease'

/** HubSpot takes 100 inputs a batch. */
const batchSize = 100
/** One drain writes a record this often at most. One that keeps changing waits for the next drain. */
const maxRounds = 4
const pausesMs = [250, 1000, 3000]

/**
 * Local changes go to HubSpot here, and nowhere else; one drain at a time for a partner, fenced
 * before each batch.
 * Promise P12: nothing is written while write-back is off or sync is paused.
 */
export function createOutbound(deps: OutboundDeps) {
  const { clock, mapping, permission, records } = deps
  const outboxes: Outboxes = { contacts: records.leads, deals: records.deals }
  const outsideAmong = createScopeCheck(deps)
  const leases = createWriteLeases(deps)
  const settle = createSettle({ ...deps, outboxes })
  const findCreated = createFindCreated({ ...deps, outboxes })
  const create = createCreates({ ...deps, outboxes, settle, findCreated, outsideAmong })
  const update = createUpdates({ ...deps, outboxes, settle, outsideAmong })

  /** Claims records. @returns their writes, less those that came up too often; `null`: none left */
  async function claim(
    ctx: RunContext,
    type: ObjectType,
    rounds: Rounds,
  ): Promise<AnyWrite[] | null> {
    const claimed = await outboxes[type].claimDirty(ctx.partnerId, {
      portalId: ctx.portalId,
      limit: batchSize,
    })
    const late = claimed.filter(write => rounds.count(write, 1) > maxRounds)
    await outboxes[type].postpone(
      ctx.partnerId,
      late.map(write => write.record._id),
      new Date(clock().getTime() + 30_000),
    )
    return claimed.length === 0 ? null : claimed.filter(write => !late.includes(write))
  }

  async function drainType(ctx: DrainContext, type: ObjectType, total: Drained): Promise<void> {
    const rounds = createRounds()
    let troubles = 0
    while (await permission.mayWriteBack(ctx.partnerId, ctx.portalId)) {
      ctx.signal.throwIfAborted()
      const writes = await claim(ctx, type, rounds)
      if (writes === null) return
      if (writes.length === 0) continue
      try {
        const created = await create(
          ctx,
          type,
          writes.filter(write => write.action === 'create'),
        )
        const updated = await update(
          ctx,
          type,
          writes.filter(write => write.action === 'update'),
        )
        const writtenBack = created.writtenBack + updated.writtenBack
        const failed = created.failed + updated.failed
        await ctx.save({ phase: 'write_back', counts: { writtenBack, failed } })
        total.writtenBack += writtenBack
        total.failed += failed
        troubles = 0
      } catch (error) {
        const pauseMs = pausesMs[troubles++]
        if (!isHubspotTrouble(error) || pauseMs === undefined) throw error
        // A batch that HubSpot did not take does not count as a round.
        for (const write of writes) rounds.count(write, -1)
        await sleep(pauseMs * (0.5 + Math.random() / 2), undefined, { signal: ctx.signal }).catch(
          () => {},
        )
      }
    }
  }

  /** One property that HubSpot no longer takes would refuse whole batches: its field pauses first. */
  async function checkFields({ partnerId, log }: RunContext, isFresh: boolean): Promise<void> {
    try {
      await mapping.checkFields(partnerId, isFresh)
    } catch (error) {
      if (!(error instanceof DomainError)) throw error
      log.info(
        { event: 'fields_not_checked', ...errorFields(error) },
        "Writing goes on without a look at HubSpot's properties",
      )
    }
  }

  return {
    /**
     * Writes everything that waits, contacts before the deals that need them. Does nothing while
     * write-back is off or sync paused.
     * @returns how many records HubSpot took, and how many it refused
     * @throws an error that is not about single records: the rest stays marked
     */
    async drain(run: RunContext): Promise<Drained> {
      const total: Drained = { writtenBack: 0, failed: 0 }
      if (
        !(await permission.mayWriteBack(run.partnerId, run.portalId)) ||
        !(
          (await records.leads.hasDirty(run.partnerId)) ||
          (await records.deals.hasDirty(run.partnerId))
        )
      )
        return total
      const lease = await leases.request(run.partnerId, run.signal)
      if (lease === null) return total
      try {
        await checkFields(run, false)
        const ctx: DrainContext = {
          ...run,
          lease,
          crm: run.crm.whileHolding(() => lease.assert()),
        }
        do {
          await drainType(ctx, 'contacts', total)
          await drainType(ctx, 'deals', total)
        } while (await lease.askedAgain())
        // A property may have changed within the minute: what failed is then tried again.
        if (total.failed > 0) await checkFields(run, true)
        return total
      } finally {
        await lease.release()
      }
    },
  }
}
export type Outbound = ReturnType<typeof createOutbound>

/** How often each record was claimed in one drain */
function createRounds() {
  const counts = new Map<string, number>()
  return {
    count({ record }: AnyWrite, by: 1 | -1): number {
      const key = record._id.toHexString()
      const count = (counts.get(key) ?? 0) + by
      counts.set(key, count)
      return count
    },
  }
}
type Rounds = ReturnType<typeof createRounds>
