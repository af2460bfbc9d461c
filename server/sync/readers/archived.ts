import type { Collections } from '../../database/collections'
import type { ObjectType } from '../../hubspot/crm-types'
import { kindOfType } from '../../records/kinds'
import { findLiveIds, pageOfArchived, pageOfAssociations } from '../../records/repository/sweeps'
import { mergedIdsOf } from '../inbound/merged'
import type { Pull } from './by-ids'
import type { SweepPosition, SyncCursors } from './cursors-repository'
import type { RunContext } from '../runs/context'

/**
 * Finds what a search for modified records cannot show: archived records (never in its results),
 * restored ones and changed associations (both may keep their modification date). Webhooks report
 * them at once; the sweeps find what webhooks missed. Each run takes a bounded part and continues
 * where the last one stopped, so a portal of any size costs the same.
 */
export interface SweepLimits {
  /** Pages of 100 archived records */
  archivedPages: number
  /** Our archived records looked up again, in hundreds */
  restoredReads: number
  /** Deals whose contacts are compared, in thousands */
  associationReads: number
}

export const defaultLimits: SweepLimits = {
  archivedPages: 10,
  restoredReads: 5,
  associationReads: 10,
}

const nowhere: SweepPosition = {
  archived_contacts: null,
  archived_deals: null,
  restored_contacts: null,
  restored_deals: null,
  associations: null,
}

export interface SweepDeps {
  collections: Collections
  cursors: SyncCursors
  pull: Pull
  limits?: SweepLimits
}

export function createSweeps({ collections, cursors, pull, limits = defaultLimits }: SweepDeps) {
  async function archived(
    ctx: RunContext,
    type: ObjectType,
    after: string | null,
  ): Promise<string | null> {
    let cursor = after
    for (let page = 0; page < limits.archivedPages; page++) {
      ctx.signal.throwIfAborted()
      const { results, after: next } = await ctx.crm.listPage(type, {
        archived: true,
        properties: ['hs_merged_object_ids'],
        ...(cursor === null ? {} : { after: cursor }),
      })
      // A record may have been restored since: only what a read no longer finds counts as gone.
      const gone = results.filter(record => record.archived)
      // Records merged into it before it was archived are in no list: only it still names them.
      const mergedInto = new Map(
        gone.flatMap(record => mergedIdsOf(record).map(id => [id, record.id] as const)),
      )
      const ids = [...gone.map(record => record.id), ...mergedInto.keys()]
      const known = await findLiveIds(collections, kindOfType(type), ctx, ids)
      // The surviving record after those merged into it: their link moves to it, and goes with it.
      await pull.pull(ctx, type, [...known, ...known.flatMap(id => mergedInto.get(id) ?? [])], {
        label: `archived:${cursor ?? ''}`,
        mergedInto,
      })
      if (next === null || next === cursor) return null
      cursor = next
    }
    return cursor
  }

  async function restored(
    ctx: RunContext,
    type: ObjectType,
    after: string | null,
  ): Promise<string | null> {
    const size = limits.restoredReads * 100
    const batch = await pageOfArchived(collections, kindOfType(type), ctx, { after, limit: size })
    await pull.pull(
      ctx,
      type,
      batch.flatMap(record => (record.hubspot_id === null ? [] : [record.hubspot_id])),
      { label: `restored:${after ?? ''}` },
    )
    return batch.length < size ? null : (batch.at(-1)?._id.toHexString() ?? null)
  }

  async function associations(ctx: RunContext, after: string | null): Promise<string | null> {
    const size = limits.associationReads * 1000
    const batch = await pageOfAssociations(collections, ctx, { after, limit: size })
    const known = new Map(
      batch.map(deal => [deal.hubspot_id, [...deal.hubspot_contact_ids].sort().join()] as const),
    )
    const ids = [...known.keys()]
    for (let start = 0; start < ids.length; start += 1000) {
      ctx.signal.throwIfAborted()
      const chunk = ids.slice(start, start + 1000)
      const now = await ctx.crm.associations('deals', 'contacts', chunk)
      const changed = chunk.filter(id => {
        const contacts = now.get(id)
        return contacts !== undefined && [...contacts].sort().join() !== known.get(id)
      })
      await pull.pull(ctx, 'deals', changed, { label: `associations:${chunk[0] ?? ''}` })
    }
    return ids.length < size ? null : (ids.at(-1) ?? null)
  }

  return {
    /** One bounded part of each sweep. */
    async run(ctx: RunContext): Promise<void> {
      const cursor = await cursors.find(ctx)
      const state: SweepPosition = { ...nowhere, ...cursor?.sweep }
      for (const type of ['contacts', 'deals'] as const) {
        state[`archived_${type}`] = await archived(ctx, type, state[`archived_${type}`])
        state[`restored_${type}`] = await restored(ctx, type, state[`restored_${type}`])
      }
      state.associations = await associations(ctx, state.associations)
      await cursors.setSweep(ctx, state)
    },
  }
}
export type Sweeps = ReturnType<typeof createSweeps>
