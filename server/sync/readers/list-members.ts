import type { Clock } from '../../config/clock'
import type { Collections } from '../../database/collections'
import type { SyncScopeDocument } from '../../database/documents'
import { kinds } from '../../records/kinds'
import { findLiveIds, pageOfLiveIds, synced } from '../../records/repository/sweeps'
import type { RunContext } from '../runs/context'
import type { Pull } from './by-ids'

type Stored = Pick<SyncScopeDocument, '_id' | 'revision' | 'lead' | 'lists_read'>

export interface ListMembersDeps {
  collections: Collections
  clock: Clock
  pull: Pull
  mapping: {
    scope: {
      repository: {
        find(partnerId: RunContext['partnerId'], portalId: string): Promise<Stored | null>
        markListsRead(scope: Stored, lists: Stored['lists_read']): Promise<void>
      }
    }
  }
}

/** A member costs this much time between two looks at a large list of unchanged size, ms */
const perMemberMs = 24
const oursPerPage = 500

/**
 * Who is on a list changes without a change of the contact, and without an event for apps: the
 * members are read. A contact that joined is read by id, one of ours that left stops.
 */
export function createListMembers({ collections, clock, pull, mapping }: ListMembersDeps) {
  const { repository } = mapping.scope

  /** A list of another size than before is due, and each after a time that grows with its size. */
  function isDue(
    ctx: RunContext,
    { lists_read }: Stored,
    sizes: ReadonlyMap<string, number | null>,
  ): boolean {
    if (ctx.run.trigger !== 'schedule') return true
    return [...sizes].some(([id, size]) => {
      const known = lists_read.find(one => one.list_id === id)
      return (
        !known ||
        known.size !== size ||
        clock().getTime() - known.at.getTime() >= (size ?? 0) * perMemberMs
      )
    })
  }

  /** Reads contacts that are on a list now and were not synced. @param members gets all of them */
  async function readMembers(ctx: RunContext, listId: string, members: Set<string>): Promise<void> {
    let after: string | undefined
    do {
      ctx.signal.throwIfAborted()
      const page = await ctx.crm.listMembers(listId, { after })
      const inside = new Set(await findLiveIds(collections, kinds.lead, ctx, page.ids, synced))
      await pull.pull(
        ctx,
        'contacts',
        page.ids.filter(id => !inside.has(id)),
        { label: `list:${listId}:${after ?? ''}` },
      )
      for (const id of page.ids) members.add(id)
      after = page.after ?? undefined
    } while (after !== undefined)
  }

  async function stopOthers(ctx: RunContext, members: ReadonlySet<string>): Promise<void> {
    let after: string | null = null
    do {
      ctx.signal.throwIfAborted()
      const place = { after, limit: oursPerPage }
      const ours: string[] = await pageOfLiveIds(collections, kinds.lead, ctx, place, synced)
      await pull.pull(
        ctx,
        'contacts',
        ours.filter(id => !members.has(id)),
        { label: `unlisted:${after ?? ''}` },
      )
      after = ours.length < oursPerPage ? null : (ours.at(-1) ?? null)
    } while (after !== null)
  }

  /** Brings contacts in line with the lists that narrow what is synced. */
  return async function followLists(ctx: RunContext): Promise<void> {
    const stored = await repository.find(ctx.partnerId, ctx.portalId)
    const ids = stored?.lead.list_ids ?? []
    if (!stored || ids.length === 0) return
    const at = clock()
    const lists = await ctx.crm.listsById('contacts', ids)
    const sizes = new Map(ids.map(id => [id, lists.find(list => list.id === id)?.size ?? null]))
    if (!isDue(ctx, stored, sizes)) return
    const members = new Set<string>()
    for (const { id } of lists) await readMembers(ctx, id, members)
    await stopOthers(ctx, members)
    await repository.markListsRead(
      stored,
      [...sizes].map(([list_id, size]) => ({ list_id, size, at })),
    )
  }
}
export type FollowLists = ReturnType<typeof createListMembers>
