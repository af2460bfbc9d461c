import type { Clock } from '../../config/clock'
import type { Collections } from '../../database/collections'
import type { WebhookEventDocument } from '../../database/documents'
import type { ObjectType } from '../../hubspot/crm-types'
import type { Metrics } from '../../observability/metrics'
import type { Inbound } from '../inbound/apply'
import type { Pull } from '../readers/by-ids'
import type { RunContext } from '../runs/context'

/** Events taken from the inbox at a time */
const batchEvents = 2000
/**
 * More waiting events than this are an import: reading what changed by searching costs less than by
 * name
 */
export const stormEvents = 10_000
/** Hints about one object that HubSpot keeps refusing to name are given up after so many tries */
const maxAttempts = 5
const retentionMs = 7 * 24 * 60 * 60 * 1000

export interface DrainDeps {
  collections: Collections
  clock: Clock
  metrics: Metrics
  inbound: Inbound
  pull: Pull['pull']
  /** Reads everything modified since the watermark */
  catchUp(ctx: RunContext): Promise<void>
}

/**
 * Works off the inbox of one partner. Each event is a hint to look at an object; however many
 * hints, each object is read once per batch and the record as it is now decides, so neither order
 * nor repetition matters. The partner's run is the lease: one at a time, fenced with every page
 * that is saved. Events are marked done after their effect stands, so a kill repeats the effect,
 * which changes nothing more.
 */
export function createDrain({ collections, clock, metrics, inbound, pull, catchUp }: DrainDeps) {
  const { webhookEvents } = collections

  async function markDone(ctx: RunContext, ids: string[]): Promise<void> {
    await ctx.save({})
    await webhookEvents.updateMany(
      { _id: { $in: ids }, status: 'pending' },
      { $set: { status: 'done', processed_at: clock() } },
    )
    metrics.webhookEvents.inc({ result: 'done' }, ids.length)
  }

  /** Objects that HubSpot refuses to name: tried again a few times, then left alone. */
  async function setAside(events: WebhookEventDocument[]): Promise<void> {
    if (events.length === 0) return
    await webhookEvents.updateMany(
      { _id: { $in: events.map(event => event._id) }, status: 'pending' },
      [
        {
          $set: {
            attempts: { $add: ['$attempts', 1] },
            status: { $cond: [{ $gte: ['$attempts', maxAttempts - 1] }, 'failed', 'pending'] },
            processed_at: clock(),
          },
        },
      ],
    )
    metrics.webhookEvents.inc({ result: 'failed' }, events.length)
  }

  async function handle(ctx: RunContext, events: WebhookEventDocument[]): Promise<void> {
    const { partnerId, portalId } = ctx
    const erased = new Set(
      events.filter(event => kindOf(event) === 'privacyDeletion').map(event => event.object_id),
    )
    if (erased.size > 0) await inbound.erase({ partnerId, portalId, contactIds: [...erased] })
    const ids: Record<ObjectType, Set<string>> = { contacts: new Set(), deals: new Set() }
    const mergedInto: Record<ObjectType, Map<string, string>> = {
      contacts: new Map(),
      deals: new Map(),
    }
    for (const event of [...events].sort(
      (one, other) => one.occurred_at.getTime() - other.occurred_at.getTime(),
    )) {
      if (event.object_type === 'contacts' && erased.has(event.object_id)) continue
      ids[event.object_type].add(event.object_id)
      if (kindOf(event) !== 'merge') continue
      for (const loserId of [
        ...(event.related?.merged_ids ?? []),
        event.related?.primary_id ?? event.object_id,
      ]) {
        ids[event.object_type].add(loserId)
        if (loserId !== event.object_id) mergedInto[event.object_type].set(loserId, event.object_id)
      }
    }
    const refused = new Set<string>()
    // Contacts first: the deals of the same batch then find their leads at once.
    for (const type of ['contacts', 'deals'] as const) {
      // The label is the first event's: the same batch after a kill counts the same again.
      const pulled = await pull(ctx, type, [...ids[type]], {
        label: events[0]?._id ?? '',
        mergedInto: mergedInto[type],
      })
      for (const id of pulled.refused) refused.add(`${type}:${id}`)
    }
    const isRefused = (event: WebhookEventDocument) =>
      refused.has(`${event.object_type}:${event.object_id}`)
    await markDone(
      ctx,
      events.filter(event => !isRefused(event)).map(event => event._id),
    )
    await setAside(events.filter(isRefused))
  }

  /**
   * An import in HubSpot: one pass over everything modified replaces the reads by name. Deletions,
   * merges and the like are still looked at one by one.
   */
  async function weather(ctx: RunContext): Promise<void> {
    const before = clock()
    const filter = { portal_id: ctx.portalId, status: 'pending' as const }
    const waiting = await webhookEvents.countDocuments(filter, { limit: stormEvents + 1 })
    if (waiting <= stormEvents) return
    await catchUp(ctx)
    await ctx.save({})
    const { modifiedCount } = await webhookEvents.updateMany(
      {
        ...filter,
        partner_id: ctx.partnerId,
        received_at: { $lt: before },
        subscription_type: /\.(creation|propertyChange)$/,
      },
      { $set: { status: 'done', processed_at: clock() } },
    )
    metrics.webhookEvents.inc({ result: 'done' }, modifiedCount)
  }

  /** Forgets what is older than a week: handled, given up, or of a portal that has left. */
  async function purge(): Promise<number> {
    const before = new Date(clock().getTime() - retentionMs)
    let removed = 0
    for (const status of ['done', 'failed', 'pending'] as const)
      removed += (await webhookEvents.deleteMany({ status, received_at: { $lt: before } }))
        .deletedCount
    return removed
  }

  return {
    purge,
    /**
     * Handles everything that waits for this partner's portal.
     * @returns how many events were handled
     * @throws what HubSpot or the database answered: the rest stays pending
     */
    async drain(ctx: RunContext): Promise<number> {
      await weather(ctx)
      let handled = 0
      const tried = new Set<string>()
      for (;;) {
        ctx.signal.throwIfAborted()
        const events = await webhookEvents
          .find({ portal_id: ctx.portalId, status: 'pending', partner_id: ctx.partnerId })
          .sort({ received_at: 1 })
          .limit(batchEvents + tried.size)
          .toArray()
        const fresh = events.filter(event => !tried.has(event._id))
        if (fresh.length === 0) return handled
        await handle(ctx, fresh)
        handled += fresh.length
        // Those set aside stay pending: once per drain is enough.
        const left = await webhookEvents
          .find(
            { _id: { $in: fresh.map(event => event._id) }, status: 'pending' },
            { projection: { _id: 1 } },
          )
          .toArray()
        for (const event of left) tried.add(event._id)
      }
    },
  }
}
export type Drain = ReturnType<typeof createDrain>

function kindOf(event: WebhookEventDocument): string {
  return event.subscription_type.split('.')[1] ?? ''
}
