import type { Clock } from '../../config/clock'
import type { Collections } from '../../database/collections'
import type { SyncScopeDocument } from '../../database/documents'
import type { HubspotList } from '../../hubspot/crm-types'
import { kinds } from '../../records/kinds'
import { insideAmong, pageOfInside } from '../../records/repository/scope'
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
    lists: readonly HubspotList[],
    ids: readonly string[],
  ): boolean {
    if (ctx.run.trigger !== 'schedule') return true
    return ids.some(id => {
      const known = lists_read.find(one => one.list_id === id)
      const size = lists.find(one => one.id === id)?.size ?? null
      return (
        !known ||
        known.size !== size ||
        clock().getTime() - known.at.getTime() >= (size ?? 0) * perMemberMs
      )
    })
  }

  /** Reads contacts that are on a list now and were not synced. @returns all members */
  async function readMembers(ctx: RunContext, listId: string): Promise<string[]> {
    const members: string[] = []
    let after: string | undefined
    do {
      ctx.signal.throwIfAborted()
      const page = await ctx.crm.listMembers(listId, { after })
      const inside = await insideAmong(collections, kinds.lead, ctx, page.ids)
      await pull.pull(
        ctx,
        'contacts',
        page.ids.filter(id => !inside.has(id)),
        { label: `list:${listId}:${after ?? ''}` },
      )
      for (const id of page.ids) members.push(id)
      after = page.after ?? undefined
    } while (after !== undefined)
    return members
  }

  async function stopOthers(ctx: RunContext, members: ReadonlySet<string>): Promise<void> {
    let after: string | null = null
    do {
      ctx.signal.throwIfAborted()
      const ours: string[] = await pageOfInside(collections, kinds.lead, ctx, {
        after,
        limit: oursPerPage,
      })
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
    if (!isDue(ctx, stored, lists, ids)) return
    const members = new Set<string>()
    for (const { id } of lists) for (const member of await readMembers(ctx, id)) members.add(member)
    await stopOthers(ctx, members)
    await repository.markListsRead(
      stored,
      ids.map(id => ({
        list_id: id,
        size: lists.find(list => list.id === id)?.size ?? null,
        at,
      })),
    )
  }
}
export type FollowLists = ReturnType<typeof createListMembers>
