import type { ObjectId } from 'mongodb'
import type { RunPhase } from '#shared/contracts/runs'
import type { SyncCursorDocument } from '../../database/documents'
import type { CrmObject, ObjectType } from '../../hubspot/crm-types'
import { HubspotError } from '../../hubspot/errors'
import type { Inbound, InboundCounts } from '../inbound/apply'
import type { Pull } from './by-ids'
import type { SyncCursors } from './cursors'
import type { RunContext } from '../runs/context'
import type { Sweeps } from './archived'
import {
  advanceWindow,
  modifiedAtOf,
  modifiedProperty,
  openWindow,
  windowQuery,
  type SearchWindow,
} from './search-window'

/**
 * How far each search reaches back. HubSpot's search index lags ("a few moments"), its clock is not
 * ours, and records change while they are read.
 * - The next search begins `overlapMs` before the last instant seen, or before what was `quietMs`
 *   ago where nothing happened since. Until then each run
 *   reads the last burst again, so this is no longer than the clocks may differ for webhooks,
 *   together with the overlap.
 * - What was indexed later still is found by the delayed pass: everything is searched once more
 *   when it is `delayMs` old. It begins `skewMs` before the
 *   first watermark, whatever the clocks said.
 */
export interface Reach {
  overlapMs: number
  quietMs: number
  skewMs: number
  delayMs: number
  /** The delayed pass covers at least this much at a time */
  delayedStepMs: number
}

export const defaultReach: Reach = {
  overlapMs: 2 * 60_000,
  quietMs: 3 * 60_000,
  skewMs: 10 * 60_000,
  delayMs: 20 * 60_000,
  delayedStepMs: 15 * 60_000,
}

export interface IncrementalDeps {
  cursors: SyncCursors
  inbound: Inbound
  mapping: { propertiesToRead(partnerId: ObjectId, type: ObjectType): Promise<string[]> }
  pull: Pull
  sweeps: Sweeps
  drainInbox(ctx: RunContext): Promise<unknown>
  drainOutbox(ctx: RunContext): Promise<unknown>
  reach?: Reach
}

const steps = [
  'inbox',
  'contacts',
  'deals',
  'late_contacts',
  'late_deals',
  'sweeps',
  'write_back',
  'done',
] as const satisfies readonly RunPhase[]
type Step = (typeof steps)[number]

/** The checkpoint: plain data */
interface State extends Record<string, unknown> {
  step: Step
  window: SearchWindow | null
  /** HubSpot's latest modification instant seen, epoch milliseconds */
  newest: Record<ObjectType, number | null>
}

export function createIncremental({
  cursors,
  inbound,
  mapping,
  pull,
  sweeps,
  drainInbox,
  drainOutbox,
  reach = defaultReach,
}: IncrementalDeps) {
  /** One page of a search, with the deals' contacts. */
  async function searchPage(ctx: RunContext, type: ObjectType, window: SearchWindow) {
    const property = modifiedProperty[type]
    const properties = [
      ...new Set([...(await mapping.propertiesToRead(ctx.partnerId, type)), property]),
    ]
    const page = await ctx.crm.search(type, { ...windowQuery(window, property), properties })
    // An empty page of a query that matches something: HubSpot contradicts itself, and ending here
    // would lose what matches.
    if (page.results.length === 0 && page.after !== null && page.total > 0)
      throw new HubspotError({ kind: 'transient', category: 'EMPTY_PAGE' })
    const found = page.results.map(record => ({
      id: record.id,
      modifiedAt: modifiedAtOf(type, record),
    }))
    const { next, fresh } = advanceWindow(window, found, page.after !== null)
    const changed = page.results.filter(record => fresh.has(record.id))
    return {
      next,
      records: type === 'deals' ? await pull.withContacts(ctx, changed) : changed,
      newest: Math.max(0, ...found.map(record => record.modifiedAt)),
    }
  }

  /**
   * Stores a page of a search. What is new here, or archived, is read by id first: the index may
   * still list what is gone. @returns counts of what it did not read
   */
  async function applyFound(
    ctx: RunContext,
    type: ObjectType,
    records: CrmObject[],
    page: string,
  ): Promise<InboundCounts> {
    const { counts, unlinked } = await inbound.applyFound({
      partnerId: ctx.partnerId,
      portalId: ctx.portalId,
      type,
      records,
      runId: ctx.run._id,
      crm: ctx.crm,
      tell: ctx.tell,
      page,
    })
    await pull.pull(ctx, type, unlinked, { label: `read:${page}` })
    return counts
  }

  /** Applies everything in a window, page by page, each with its checkpoint. */
  async function walk(
    ctx: RunContext,
    state: State,
    type: ObjectType,
    phase: RunPhase,
    from: () => SearchWindow,
  ): Promise<void> {
    state.window ??= from()
    while (state.window !== null) {
      ctx.signal.throwIfAborted()
      const window: SearchWindow = state.window
      const { next, records, newest } = await searchPage(ctx, type, window)
      const counts = await applyFound(
        ctx,
        type,
        records,
        `${phase}:${window.from}:${window.tieAfter ?? ''}`,
      )
      if (newest > 0) state.newest[type] = Math.max(state.newest[type] ?? 0, newest)
      state.window = next
      await ctx.save({
        phase: type,
        checkpoint: next === null ? following(state) : { ...state },
        counts,
      })
    }
  }

  function following(state: State): State {
    state.step = steps[steps.indexOf(state.step) + 1] ?? 'done'
    state.window = null
    return { ...state }
  }

  /**
   * @returns where the search for modified records begins: before what was seen last, or at the
   *   beginning where nothing ever was
   */
  function since(watermark: Date | null): Date {
    return new Date(Math.max(0, (watermark?.getTime() ?? 0) - reach.overlapMs))
  }

  /** @returns up to when nothing is missing; `null` where nothing was ever read */
  function completeUntil(cursor: SyncCursorDocument | null): Date | null {
    const watermarks = [cursor?.contacts_watermark, cursor?.deals_watermark].filter(
      one => one !== null && one !== undefined,
    )
    // An import takes no note of it: its own beginning, less what the clocks may differ, is where
    // the delayed pass begins.
    return (
      cursor?.complete_until ??
      (watermarks.length === 0
        ? null
        : new Date(Math.min(...watermarks.map(Number)) - reach.skewMs))
    )
  }

  /** The span that the delayed pass has to cover, or `null` when it is not due. */
  function lateSpan(
    ctx: RunContext,
    cursor: SyncCursorDocument | null,
  ): { from: Date; until: Date } | null {
    const until = new Date(ctx.run.watermark.getTime() - reach.delayMs)
    const from = completeUntil(cursor)
    return from !== null && until.getTime() - from.getTime() >= reach.delayedStepMs
      ? { from, until }
      : null
  }

  async function settle(ctx: RunContext, state: State): Promise<void> {
    const quiet = ctx.run.watermark.getTime() - reach.quietMs
    const cursor = await cursors.find(ctx)
    const watermark = (type: ObjectType) => new Date(Math.max(state.newest[type] ?? 0, quiet))
    await cursors.setRead(ctx, {
      watermarks: { contacts: watermark('contacts'), deals: watermark('deals') },
      completeUntil:
        lateSpan(ctx, cursor)?.until ??
        cursor?.complete_until ??
        new Date(ctx.run.watermark.getTime() - reach.skewMs),
    })
  }

  return {
    /**
     * Everything modified since the watermark; used in place of many single reads. The watermarks
     * move on to what was seen: the next run need not read it again.
     */
    async catchUp(ctx: RunContext): Promise<void> {
      const cursor = await cursors.find(ctx)
      const seen: Record<ObjectType, number> = { contacts: 0, deals: 0 }
      for (const type of ['contacts', 'deals'] as const) {
        let window: SearchWindow | null = openWindow(
          since(
            (type === 'contacts' ? cursor?.contacts_watermark : cursor?.deals_watermark) ?? null,
          ),
        )
        while (window !== null) {
          ctx.signal.throwIfAborted()
          const page: Awaited<ReturnType<typeof searchPage>> = await searchPage(ctx, type, window)
          const counts = await applyFound(
            ctx,
            type,
            page.records,
            `storm:${type}:${window.from}:${window.tieAfter ?? ''}`,
          )
          await ctx.save({ phase: type, counts })
          seen[type] = Math.max(seen[type], page.newest)
          window = page.next
        }
      }
      const from = completeUntil(cursor)
      // Where nothing was ever read, the import has still to say where it begins.
      if (from === null) return
      await cursors.advance(ctx, {
        watermarks: { contacts: new Date(seen.contacts), deals: new Date(seen.deals) },
        completeUntil: cursor?.complete_until ? undefined : from,
      })
    },

    /**
     * Everything that changed in HubSpot since the last run, then everything that waits to be
     * written there. The cursors move only when all of it succeeded; a kill in between costs the
     * present page.
     */
    async run(ctx: RunContext): Promise<void> {
      const state: State = ctx.checkpoint<State>() ?? {
        step: 'inbox',
        window: null,
        newest: { contacts: null, deals: null },
      }
      let cursor = await cursors.find(ctx)
      const span = lateSpan(ctx, cursor)
      while (state.step !== 'done') {
        ctx.signal.throwIfAborted()
        switch (state.step) {
          case 'inbox':
            await drainInbox(ctx)
            cursor = await cursors.find(ctx)
            break
          case 'contacts':
            await walk(ctx, state, 'contacts', 'contacts', () =>
              openWindow(since(cursor?.contacts_watermark ?? null)),
            )
            continue
          case 'deals':
            await walk(ctx, state, 'deals', 'deals', () =>
              openWindow(since(cursor?.deals_watermark ?? null)),
            )
            continue
          case 'late_contacts':
          case 'late_deals':
            if (span === null) break
            await walk(
              ctx,
              state,
              state.step === 'late_contacts' ? 'contacts' : 'deals',
              state.step,
              () => openWindow(span.from, span.until),
            )
            continue
          case 'sweeps':
            await sweeps.run(ctx)
            break
          case 'write_back':
            await settle(ctx, state)
            await drainOutbox(ctx)
            break
        }
        await ctx.save({ phase: state.step, checkpoint: following(state) })
      }
    },
  }
}
export type Incremental = ReturnType<typeof createIncremental>
