import { setTimeout as sleep } from 'node:timers/promises'
import type { ObjectId } from 'mongodb'
import type { Clock } from '../clock'
import type { Collections } from '../database/collections'
import type { DealDocument, LeadDocument } from '../database/documents'
import type { BatchResult, CrmObject, ObjectType } from '../hubspot/crm-types'
import type { Deals } from '../leads/deals'
import type { Leads } from '../leads/leads'
import type { Inbound } from './inbound'
import { createCreates } from './outbound/creates'
import { isPassing, recordFailureOf } from './outbound/failures'
import { createLookup, isSinceIntent, sentOf, type AnyWrite } from './outbound/lookup'
import { createUpdates } from './outbound/updates'
import type { Pull } from './pull'
import type { RunContext } from './run-context'

/** HubSpot takes 100 inputs a batch. */
const batchSize = 100
/** One record comes up this often in one drain at most: what keeps changing waits for the next one. */
const maxRounds = 4
const pauses = [250, 1000, 3000]

export interface OutboundDeps {
  collections: Collections
  clock: Clock
  inbound: Inbound
  mapping: { propertiesToRead(partnerId: ObjectId, type: ObjectType): Promise<string[]> }
  records: { leads: Leads, deals: Deals }
  pull: Pull
  /** How long HubSpot's search index may lag behind a create, in milliseconds */
  indexLagMs?: number
}

type Outbox = Pick<Leads, 'setCreateIntent' | 'markFailed' | 'release'> & {
  claimDirty(...input: Parameters<Leads['claimDirty']>): Promise<AnyWrite[]>
  markWritten(...input: Parameters<Leads['markWritten']>): Promise<LeadDocument | DealDocument | null>
}

/** What the writers share. */
export interface WriterDeps extends Pick<OutboundDeps, 'collections' | 'clock' | 'inbound' | 'mapping' | 'pull'> {
  outboxes: Record<ObjectType, Outbox>
  /** Sends a batch under the run's fence; what HubSpot refuses as a whole is each record's own failure */
  send(ctx: RunContext, traceIds: string[], call: () => Promise<BatchResult>): Promise<BatchResult>
  /** Our record is this object of HubSpot's: stores the tie and merges both sides */
  link(ctx: RunContext, type: ObjectType, write: AnyWrite, object: CrmObject): Promise<void>
}

export interface Drained {
  writtenBack: number
  failed: number
}

/** Local changes go to HubSpot here, and nowhere else. The run is the lease: one at a time per partner, fenced before each batch. */
export function createOutbound(deps: OutboundDeps) {
  const { collections, clock, inbound, pull, records } = deps
  const outboxes: Record<ObjectType, Outbox> = { contacts: records.leads, deals: records.deals }

  async function send(ctx: RunContext, traceIds: string[], call: () => Promise<BatchResult>): Promise<BatchResult> {
    // Whoever lost the run learns it here, before HubSpot does.
    await ctx.save({ phase: 'write_back' })
    try {
      return await call()
    }
    catch (error) {
      const failure = recordFailureOf(error)
      if (failure === null) throw error
      return new Map(traceIds.map(traceId => [traceId, { error: failure }]))
    }
  }

  async function link(ctx: RunContext, type: ObjectType, write: AnyWrite, object: CrmObject): Promise<void> {
    const { partnerId, portalId } = ctx
    // What came in by itself since the create is a copy of the same object that nobody has touched: ours stays.
    if (type === 'deals') await collections.deals.deleteOne({ partner_id: partnerId, portal_id: portalId, hubspot_id: object.id, revision: 0, _id: { $ne: write.record._id } })
    // An object of our own making began with what was sent: what differs here has been edited since, and goes out next.
    const sent = isSinceIntent(write, object) ? sentOf(write) : {}
    await outboxes[type].markWritten(partnerId, write.record._id, { portalId, sent, object })
    const page = type === 'deals' ? await pull.withContacts(ctx, [object]) : [object]
    await inbound.apply({ partnerId, portalId, type, records: page, runId: ctx.run._id, source: 'reconcile', page: `link:${type}:${object.id}` })
  }

  const writers: WriterDeps = { ...deps, outboxes, send, link }
  const creates = createCreates({ ...writers, lookup: createLookup(deps) })
  const updates = createUpdates(writers)

  async function isOpen(partnerId: ObjectId, portalId: string): Promise<boolean> {
    const partner = await collections.partners.findOne({ _id: partnerId }, { projection: { 'hubspot_integration.write_back': 1, 'hubspot_integration.paused': 1, 'hubspot_integration.portal_id': 1, 'hubspot_integration.status': 1 } })
    const integration = partner?.hubspot_integration
    return integration?.write_back === true && !integration.paused && integration.portal_id === portalId && integration.status !== 'disconnected' && integration.status !== 'revoked'
  }

  /** Writes one claim. @returns what came of it */
  async function writeBatch(ctx: RunContext, type: ObjectType, writes: AnyWrite[]): Promise<Drained> {
    const created = await creates.write(ctx, type, writes.filter(write => write.action === 'create'))
    const updated = await updates.write(ctx, type, writes.filter(write => write.action === 'update'))
    return { writtenBack: created.writtenBack + updated.writtenBack, failed: created.failed + updated.failed }
  }

  async function drainType(ctx: RunContext, type: ObjectType, total: Drained): Promise<void> {
    const rounds = new Map<string, number>()
    let passing = 0
    while (await isOpen(ctx.partnerId, ctx.portalId)) {
      ctx.signal.throwIfAborted()
      // Free again at once: within a run nobody else claims, and after a kill nobody has to wait.
      const claimed = await outboxes[type].claimDirty(ctx.partnerId, { portalId: ctx.portalId, limit: batchSize, leaseUntil: clock() })
      const writes: AnyWrite[] = []
      const late: ObjectId[] = []
      for (const write of claimed) {
        const key = write.record._id.toHexString()
        const round = (rounds.get(key) ?? 0) + 1
        rounds.set(key, round)
        if (round > maxRounds) late.push(write.record._id)
        else writes.push(write)
      }
      await outboxes[type].release(ctx.partnerId, late, new Date(clock().getTime() + 30_000))
      if (claimed.length === 0) return
      if (writes.length === 0) continue
      try {
        const { writtenBack, failed } = await writeBatch(ctx, type, writes)
        await ctx.save({ phase: 'write_back', counts: { writtenBack, failed } })
        total.writtenBack += writtenBack
        total.failed += failed
        passing = 0
      }
      catch (error) {
        await outboxes[type].release(ctx.partnerId, writes.map(write => write.record._id))
        const pause = pauses[passing++]
        if (!isPassing(error) || pause === undefined) throw error
        for (const write of writes) rounds.set(write.record._id.toHexString(), (rounds.get(write.record._id.toHexString()) ?? 1) - 1)
        await sleep(pause * (0.5 + Math.random() / 2), undefined, { signal: ctx.signal }).catch(() => {})
      }
    }
  }

  return {
    /**
     * Writes everything that waits, contacts before the deals that need them. Does nothing while write-back is off or sync paused.
     * @returns how many records HubSpot took, and how many failed on their own account
     * @throws what is not about single records: the rest stays marked
     */
    async drain(ctx: RunContext): Promise<Drained> {
      const total: Drained = { writtenBack: 0, failed: 0 }
      await drainType(ctx, 'contacts', total)
      await drainType(ctx, 'deals', total)
      return total
    },
  }
}
export type Outbound = ReturnType<typeof createOutbound>
