import type { Clock } from '../../config/clock'
import type { WebhookEventDocument } from '../../database/documents'
import type { ObjectType } from '../../hubspot/crm-types'
import type { Metrics } from '../../observability/metrics'
import type { Pull } from '../readers/by-ids'
import type { RunContext } from '../runs/context'
import type { PrivacyDeletions } from './privacy-deletions'
import type { EventStore } from './repository'

/** Events taken from the inbox at a time */
const batchEvents = 2000
/**
 * More waiting events than this are an import in HubSpot: a search for what changed costs less than
 * reads by id
 */
export const burstEvents = 10_000

export interface HandleDeps {
  store: EventStore
  clock: Clock
  metrics: Metrics
  privacyDeletions: PrivacyDeletions
  pull: Pull['pull']
  /** Reads everything that was modified since the watermark */
  catchUp(ctx: RunContext): Promise<void>
  drainOutbox(ctx: RunContext): Promise<unknown>
}

/** The objects that a batch of events asks to read, and what was merged into what */
interface Named {
  ids: Record<ObjectType, Set<string>>
  /** Surviving record by merged one */
  mergedInto: Record<ObjectType, Map<string, string>>
}

/**
 * Handles the events of one partner's inbox. Each event says which object to read; an object is read
 * once for each batch, however many events name it. The record as HubSpot has it then decides, so
 * neither order nor repetition matters. Events are marked done after their effect is stored: after a
 * kill the effect is repeated, which changes nothing more.
 */
export function createHandle(deps: HandleDeps) {
  const { store, clock, metrics, privacyDeletions, pull, catchUp, drainOutbox } = deps

  async function handleBatch(ctx: RunContext, events: WebhookEventDocument[]): Promise<void> {
    const isDeletion = (event: WebhookEventDocument) => kindOf(event) === 'privacyDeletion'
    const erased = await privacyDeletions.carryOut(ctx, events.filter(isDeletion), ctx.crm)
    const others = events.filter(event => !isDeletion(event))
    const { ids, mergedInto } = namedBy(
      others.filter(event => event.object_type !== 'contacts' || !erased.has(event.object_id)),
    )
    const refused = new Set<string>()
    // Contacts first: the deals of the same batch then find their leads at once.
    for (const type of ['contacts', 'deals'] as const) {
      const result = await pull(ctx, type, [...ids[type]], {
        // The first event's id: after a kill the same batch counts the same again.
        label: events[0]?._id ?? '',
        mergedInto: mergedInto[type],
      })
      for (const id of result.refused) refused.add(`${type}:${id}`)
    }
    const isRefused = (event: WebhookEventDocument) =>
      refused.has(`${event.object_type}:${event.object_id}`)
    const handled = others.filter(event => !isRefused(event)).map(event => event._id)
    // A run that has lost its lease marks nothing.
    await ctx.save({})
    await store.markDone(handled)
    metrics.webhookEvents.inc({ result: 'done' }, handled.length)
    const unread = others.filter(isRefused).map(event => event._id)
    if (unread.length === 0) return
    await store.setAside(unread)
    metrics.webhookEvents.inc({ result: 'failed' }, unread.length)
  }

  /**
   * After an import in HubSpot, one search for everything modified replaces the reads by id.
   * Deletions, merges and the like are still handled one by one.
   */
  async function catchUpAfterBurst(ctx: RunContext): Promise<void> {
    const before = clock()
    if ((await store.countPending(ctx.portalId, burstEvents + 1)) <= burstEvents) return
    await catchUp(ctx)
    await ctx.save({})
    const count = await store.markChangesDone(ctx, before)
    metrics.webhookEvents.inc({ result: 'done' }, count)
  }

  /**
   * Handles everything that waits for this partner's portal.
   * @returns how many events were handled
   * @throws what HubSpot or the database answered: the rest stays pending
   */
  async function handleInbox(ctx: RunContext): Promise<number> {
    await catchUpAfterBurst(ctx)
    let handled = 0
    // Those set aside stay pending: once in a run is enough.
    const tried = new Set<string>()
    for (;;) {
      ctx.signal.throwIfAborted()
      const events = await store.pending(ctx, batchEvents + tried.size)
      const fresh = events.filter(event => !tried.has(event._id))
      if (fresh.length === 0) return handled
      await handleBatch(ctx, fresh)
      handled += fresh.length
      for (const id of await store.stillPending(fresh.map(event => event._id))) tried.add(id)
    }
  }

  return {
    handleInbox,
    /** A webhook run: handles the inbox, then writes what waits. */
    async runWebhooks(ctx: RunContext): Promise<void> {
      await handleInbox(ctx)
      await drainOutbox(ctx)
    },
  }
}

function namedBy(events: readonly WebhookEventDocument[]): Named {
  const ids: Named['ids'] = { contacts: new Set(), deals: new Set() }
  const mergedInto: Named['mergedInto'] = { contacts: new Map(), deals: new Map() }
  for (const event of [...events].sort(
    (one, other) => one.occurred_at.getTime() - other.occurred_at.getTime(),
  )) {
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
  return { ids, mergedInto }
}

function kindOf(event: WebhookEventDocument): string {
  return event.subscription_type.split('.')[1] ?? ''
}
