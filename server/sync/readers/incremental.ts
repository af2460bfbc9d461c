import type { ObjectId } from 'mongodb'
import type { RunPhase } from '#shared/contracts/runs'
import type { ObjectType } from '../../hubspot/crm-types'
import type { Pull } from './by-ids'
import type { SyncCursors } from './cursors-repository'
import type { RunContext } from '../runs/context'
import type { Sweeps } from './archived'
import type { SweepPace } from './sweep-pace'
import { createModifiedSearch, type StoredPage } from './modified-search'
import { openWindow, type SearchWindow } from './search-window'
import {
  completeUntil,
  defaultOverlap,
  lateSpan,
  searchFrom,
  type SearchOverlap,
} from './search-overlap'

export interface IncrementalDeps {
  cursors: SyncCursors
  mapping: { propertiesToRead(partnerId: ObjectId, type: ObjectType): Promise<string[]> }
  pull: Pull
  sweeps: Sweeps
  sweepPace: SweepPace
  drainInbox(ctx: RunContext): Promise<unknown>
  drainOutbox(ctx: RunContext): Promise<unknown>
  overlap?: SearchOverlap
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
  mapping,
  pull,
  sweeps,
  sweepPace,
  drainInbox,
  drainOutbox,
  overlap = defaultOverlap,
}: IncrementalDeps) {
  const storeNextPage = createModifiedSearch({ mapping, pull })

  const since = (watermark: Date | null | undefined) => searchFrom(overlap, watermark ?? null)

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
      const { next, counts, newest } = await storeNextPage(ctx, type, state.window, phase)
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

  async function settle(ctx: RunContext, state: State): Promise<void> {
    const quiet = ctx.run.watermark.getTime() - overlap.quietMs
    const cursor = await cursors.find(ctx)
    const watermark = (type: ObjectType) => new Date(Math.max(state.newest[type] ?? 0, quiet))
    await cursors.setRead(ctx, {
      watermarks: { contacts: watermark('contacts'), deals: watermark('deals') },
      completeUntil:
        lateSpan(overlap, ctx.run.watermark, cursor)?.until ??
        cursor?.complete_until ??
        new Date(ctx.run.watermark.getTime() - overlap.skewMs),
    })
  }

  return {
    /**
     * Reads everything modified since the watermark, in place of many single reads, and says of how
     * many records. The watermarks move on to what was seen: the next run need not read it again.
     */
    async catchUp(ctx: RunContext): Promise<void> {
      const cursor = await cursors.find(ctx)
      const seen: Record<ObjectType, number> = { contacts: 0, deals: 0 }
      let total = ctx.run.counts.seen + ctx.run.counts.writtenBack
      for (const type of ['contacts', 'deals'] as const) {
        let isFirst = true
        let window: SearchWindow | null = openWindow(
          since(type === 'contacts' ? cursor?.contacts_watermark : cursor?.deals_watermark),
        )
        while (window !== null) {
          const page: StoredPage = await storeNextPage(ctx, type, window, `storm:${type}`)
          // Later windows of the same search tell a smaller rest.
          if (isFirst) total += page.total
          isFirst = false
          await ctx.save({ phase: 'hubspot_import', total, counts: page.counts })
          seen[type] = Math.max(seen[type], page.newest)
          window = page.next
        }
      }
      await ctx.save({ total: null })
      const from = completeUntil(overlap, cursor)
      // Nothing was ever read: the import sets the first watermark.
      if (from === null) return
      await cursors.advance(ctx, {
        watermarks: { contacts: new Date(seen.contacts), deals: new Date(seen.deals) },
        completeUntil: cursor?.complete_until ? undefined : from,
      })
    },

    /**
     * Reads everything that changed in HubSpot since the last run, then writes everything that
     * waits. The cursors move only when all was read; a kill in between repeats one page.
     */
    async run(ctx: RunContext): Promise<void> {
      const state: State = ctx.checkpoint<State>() ?? {
        step: 'inbox',
        window: null,
        newest: { contacts: null, deals: null },
      }
      let cursor = await cursors.find(ctx)
      const span = lateSpan(overlap, ctx.run.watermark, cursor)
      while (state.step !== 'done') {
        ctx.signal.throwIfAborted()
        switch (state.step) {
          case 'inbox':
            await drainInbox(ctx)
            cursor = await cursors.find(ctx)
            break
          case 'contacts':
            await walk(ctx, state, 'contacts', 'contacts', () =>
              openWindow(since(cursor?.contacts_watermark)),
            )
            continue
          case 'deals':
            await walk(ctx, state, 'deals', 'deals', () =>
              openWindow(since(cursor?.deals_watermark)),
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
            if (ctx.run.trigger !== 'schedule' || sweepPace.isDue(cursor, ctx.now()))
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
