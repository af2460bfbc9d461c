import { setTimeout as sleep } from 'node:timers/promises'
import type { ObjectId } from 'mongodb'
import type { Clock } from '../../config/clock'
import type { Collections } from '../../database/collections'
import type { DealDocument, LeadDocument } from '../../database/documents'
import type { BatchResult, CrmObject, ObjectType } from '../../hubspot/crm-types'
import type { Deals } from '../../leads/deals'
import type { Leads } from '../../leads/leads'
import type { Inbound } from '../inbound/apply'
import { createCreates } from './create'
import { isPassing, recordFailureOf } from './failures'
import { createLookup, isSinceIntent, sentOf, type AnyWrite } from './find-created'
import { createUpdates } from './update'
import type { Pull } from '../readers/by-ids'
import type { RunContext } from '../runs/context'
import { createTurns, type Turn } from './write-lease'
import { makeWay } from './remove-shadow-copy'
import { isDuplicateKey } from '../../database/duplicate-key'

/** HubSpot takes 100 inputs a batch. */
const batchSize = 100
/**
 * One record comes up this often in one drain at most: what keeps changing waits for the next one.
 */
const maxRounds = 4
const pauses = [250, 1000, 3000]

export interface OutboundDeps {
  collections: Collections
  clock: Clock
  inbound: Inbound
  mapping: { propertiesToRead(partnerId: ObjectId, type: ObjectType): Promise<string[]> }
  records: { leads: Leads; deals: Deals }
  pull: Pull
  /** How long HubSpot's search index may lag behind a create, in milliseconds */
  indexLagMs?: number
  /** How long a silent process keeps the turn to write, in milliseconds */
  turnMs?: number
}

type Outbox = Pick<
  Leads,
  'setCreateIntent' | 'markIntentUnclear' | 'forgetCreateIntent' | 'markFailed' | 'release'
> & {
  claimDirty(...input: Parameters<Leads['claimDirty']>): Promise<AnyWrite[]>
  markWritten(
    ...input: Parameters<Leads['markWritten']>
  ): Promise<LeadDocument | DealDocument | null>
}

/** The run, and the turn that makes it the only one who writes for this partner */
export type WriteContext = RunContext & { turn: Turn }

/** What the writers share. */
export interface WriterDeps extends Pick<
  OutboundDeps,
  'collections' | 'clock' | 'inbound' | 'mapping' | 'pull' | 'indexLagMs'
> {
  outboxes: Record<ObjectType, Outbox>
  /**
   * Sends a batch under the run's fence; what HubSpot refuses as a whole is each record's own
   * failure
   */
  send(
    ctx: WriteContext,
    traceIds: string[],
    call: () => Promise<BatchResult>,
  ): Promise<BatchResult>
  /**
   * Stores that HubSpot has the record now, and makes a copy of it that came in meanwhile give way
   */
  settle(
    ctx: WriteContext,
    type: ObjectType,
    write: AnyWrite,
    written: Parameters<Outbox['markWritten']>[2],
  ): Promise<void>
  /**
   * Looks whether a refused association was for a contact that HubSpot no longer has: its lead is
   * settled then, and the deal may be tried again at once
   */
  areContactsGone(ctx: WriteContext, contactIds: string[]): Promise<boolean>
  /** When each create was about to be sent */
  sentAt: WeakMap<AnyWrite, Date>
  /** Our record is this object of HubSpot's: stores the tie and merges both sides */
  link(ctx: WriteContext, type: ObjectType, write: AnyWrite, object: CrmObject): Promise<void>
}

export interface Drained {
  writtenBack: number
  failed: number
}

/**
 * Local changes go to HubSpot here, and nowhere else; one at a time per partner, fenced before each
 * batch.
 */
export function createOutbound(deps: OutboundDeps) {
  const { collections, clock, inbound, pull, records } = deps
  const outboxes: Record<ObjectType, Outbox> = { contacts: records.leads, deals: records.deals }
  const turns = createTurns(deps)
  const sentAt = new WeakMap<AnyWrite, Date>()

  async function send(
    ctx: WriteContext,
    traceIds: string[],
    call: () => Promise<BatchResult>,
  ): Promise<BatchResult> {
    // Whoever lost the run or the turn learns it here, before HubSpot does.
    await ctx.save({ phase: 'write_back' })
    await ctx.turn.assert()
    try {
      return await call()
    } catch (error) {
      const failure = recordFailureOf(error)
      if (failure === null) throw error
      return new Map(traceIds.map(traceId => [traceId, { error: failure }]))
    }
  }

  async function settle(
    ctx: WriteContext,
    type: ObjectType,
    write: AnyWrite,
    written: Parameters<Outbox['markWritten']>[2],
  ): Promise<void> {
    const { partnerId, portalId } = ctx
    const since = write.record.create_intent?.at ?? sentAt.get(write) ?? clock()
    for (let attempt = 1; ; attempt++) {
      await makeWay(collections, {
        type,
        partnerId,
        portalId,
        hubspotId: written.object.id,
        recordId: write.record._id,
        since,
      })
      try {
        await outboxes[type].markWritten(partnerId, write.record._id, written)
        return
      } catch (error) {
        // The copy came in once more between the two writes.
        if (!isDuplicateKey(error) || attempt === 3) throw error
      }
    }
  }

  async function areContactsGone(ctx: WriteContext, contactIds: string[]): Promise<boolean> {
    if (contactIds.length === 0) return false
    const { missing } = await pull.pull(ctx, 'contacts', contactIds, {
      label: `associated:${contactIds[0] ?? ''}`,
    })
    return missing.length > 0
  }

  async function link(
    ctx: WriteContext,
    type: ObjectType,
    write: AnyWrite,
    object: CrmObject,
  ): Promise<void> {
    const { partnerId, portalId } = ctx
    // An object of our own making began with what was sent: what differs here has been edited
    // since, and goes out next.
    const sent = isSinceIntent(write, object) ? sentOf(write) : {}
    await settle(ctx, type, write, { portalId, sent, object })
    const page = type === 'deals' ? await pull.withContacts(ctx, [object]) : [object]
    await inbound.apply({
      partnerId,
      portalId,
      type,
      records: page,
      runId: ctx.run._id,
      crm: ctx.crm,
      tell: ctx.tell,
      page: `link:${type}:${object.id}`,
    })
  }

  const writers: WriterDeps = { ...deps, outboxes, send, link, settle, areContactsGone, sentAt }
  const creates = createCreates({ ...writers, lookup: createLookup(writers) })
  const updates = createUpdates(writers)

  async function isOpen(partnerId: ObjectId, portalId: string): Promise<boolean> {
    const partner = await collections.partners.findOne(
      { _id: partnerId },
      {
        projection: {
          'hubspot_integration.write_back': 1,
          'hubspot_integration.paused': 1,
          'hubspot_integration.portal_id': 1,
          'hubspot_integration.status': 1,
        },
      },
    )
    const integration = partner?.hubspot_integration
    return (
      integration?.write_back === true &&
      !integration.paused &&
      integration.portal_id === portalId &&
      integration.status !== 'disconnected' &&
      integration.status !== 'revoked'
    )
  }

  /** Writes one claim. @returns what came of it */
  async function writeBatch(
    ctx: WriteContext,
    type: ObjectType,
    writes: AnyWrite[],
  ): Promise<Drained> {
    const created = await creates.write(
      ctx,
      type,
      writes.filter(write => write.action === 'create'),
    )
    const updated = await updates.write(
      ctx,
      type,
      writes.filter(write => write.action === 'update'),
    )
    return {
      writtenBack: created.writtenBack + updated.writtenBack,
      failed: created.failed + updated.failed,
    }
  }

  async function drainType(ctx: WriteContext, type: ObjectType, total: Drained): Promise<void> {
    const rounds = new Map<string, number>()
    let passing = 0
    while (await isOpen(ctx.partnerId, ctx.portalId)) {
      ctx.signal.throwIfAborted()
      // Free again at once: the turn keeps others away, and after a kill nobody has to wait for the
      // records.
      const claimed = await outboxes[type].claimDirty(ctx.partnerId, {
        portalId: ctx.portalId,
        limit: batchSize,
        leaseUntil: clock(),
      })
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
      } catch (error) {
        await outboxes[type].release(
          ctx.partnerId,
          writes.map(write => write.record._id),
        )
        const pause = pauses[passing++]
        if (!isPassing(error) || pause === undefined) throw error
        for (const write of writes)
          rounds.set(
            write.record._id.toHexString(),
            (rounds.get(write.record._id.toHexString()) ?? 1) - 1,
          )
        await sleep(pause * (0.5 + Math.random() / 2), undefined, { signal: ctx.signal }).catch(
          () => {},
        )
      }
    }
  }

  return {
    /**
     * Writes everything that waits, contacts before the deals that need them. Does nothing while
     * write-back is off or sync paused.
     * @returns how many records HubSpot took, and how many failed on their own account
     * @throws what is not about single records: the rest stays marked
     */
    async drain(run: RunContext): Promise<Drained> {
      const total: Drained = { writtenBack: 0, failed: 0 }
      if (
        !(await isOpen(run.partnerId, run.portalId)) ||
        !(
          (await records.leads.hasDirty(run.partnerId)) ||
          (await records.deals.hasDirty(run.partnerId))
        )
      )
        return total
      const turn = await turns.request(run.partnerId, run.signal)
      if (turn === null) return total
      try {
        const ctx: WriteContext = { ...run, turn, crm: run.crm.whileHolding(() => turn.assert()) }
        do {
          await drainType(ctx, 'contacts', total)
          await drainType(ctx, 'deals', total)
        } while (await turn.askedAgain())
        return total
      } finally {
        await turn.release()
      }
    },
  }
}
export type Outbound = ReturnType<typeof createOutbound>
