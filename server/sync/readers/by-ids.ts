import type { ObjectId } from 'mongodb'
import type { Failure } from '#shared/contracts/primitives'
import type { CrmObject, ObjectType } from '../../hubspot/crm-types'
import { HubspotError } from '../../hubspot/errors'
import { instant } from '../../records/merge-record'
import { failureOf } from '../failures'
import type { Inbound, InboundCounts, InboundPage } from '../inbound/apply'
import type { RunContext } from '../runs/context'
import type { Tell } from '../runs/results'

/** Batch reads take 100 ids (docs/hubspot-platform.md#batches). */
const readSize = 100

export interface PullDeps {
  inbound: Inbound
  mapping: { propertiesToRead(partnerId: ObjectId, type: ObjectType): Promise<string[]> }
}

export interface PullOptions {
  /** Names the pages within the run, for its counts */
  label: string
  /**
   * Ids that the caller knows were merged into another record, by loser: their links move before
   * anything counts as gone
   */
  mergedInto?: ReadonlyMap<string, string>
}

export interface Pulled {
  /** Ids that HubSpot has no (unarchived) record for */
  missing: string[]
  /**
   * Ids that come to nothing for now: HubSpot refuses the request that names them, or the record
   * could not be stored
   */
  refused: string[]
}

/**
 * Reads single records and applies them: the record as HubSpot has it now decides, not what an
 * event said about it.
 */
export function createPull({ inbound, mapping }: PullDeps) {
  /** One id that HubSpot refuses would refuse its whole batch: halve until it stands alone. */
  async function read(
    ctx: RunContext,
    type: ObjectType,
    ids: string[],
    properties: string[],
    refused: Map<string, Failure>,
  ): Promise<CrmObject[]> {
    if (ids.length === 0) return []
    try {
      return (await ctx.crm.batchRead(type, ids, properties)).results
    } catch (error) {
      if (
        !(error instanceof HubspotError) ||
        (error.kind !== 'rejected' && error.kind !== 'not_found')
      )
        throw error
      if (ids.length === 1) {
        const [id] = ids
        if (error.kind === 'rejected' && id !== undefined) refused.set(id, failureOf(error))
        return []
      }
      const half = Math.ceil(ids.length / 2)
      return [
        ...(await read(ctx, type, ids.slice(0, half), properties, refused)),
        ...(await read(ctx, type, ids.slice(half), properties, refused)),
      ]
    }
  }

  /**
   * Adds to deals the ids of their contacts: an empty list where HubSpot names none, nothing where it
   * did not say. The sweep of associations asks again.
   */
  async function withContacts(ctx: RunContext, deals: CrmObject[]): Promise<CrmObject[]> {
    if (deals.length === 0) return []
    const readAt = ctx.now()
    const contacts = await ctx.crm.associations(
      'deals',
      'contacts',
      deals.map(deal => deal.id),
    )
    return deals.map(deal => ({
      ...deal,
      associations: withoutUnknown({ ...deal.associations, contacts: contacts.get(deal.id) }),
      associationsReadAt: readAt,
    }))
  }

  /**
   * Reads these records and applies them; what HubSpot does not have any more is archived here.
   * @param ids any number
   * @throws {HubspotError} what is not about single records
   */
  async function pull(
    ctx: RunContext,
    type: ObjectType,
    ids: readonly string[],
    { label, mergedInto = new Map() }: PullOptions,
  ): Promise<Pulled> {
    const { partnerId, portalId } = ctx
    const result: Pulled = { missing: [], refused: [] }
    if (ids.length === 0) return result
    const properties = await mapping.propertiesToRead(partnerId, type)
    const unique = [...new Set(ids)]
    for (let start = 0; start < unique.length; start += readSize) {
      ctx.signal.throwIfAborted()
      const chunk = unique.slice(start, start + readSize)
      const refused = new Map<string, Failure>()
      const failed: string[] = []
      const tell: Tell = one => {
        if (one.outcome === 'failed' && one.hubspotId !== null) failed.push(one.hubspotId)
        ctx.tell(one)
      }
      const results = (await read(ctx, type, chunk, properties, refused)).filter(
        record => !record.archived,
      )
      const records = type === 'deals' ? await withContacts(ctx, results) : results
      const found = new Set(records.map(record => record.id))
      const missing = chunk.filter(id => !found.has(id) && !refused.has(id))
      // The surviving record's own list of what was merged into it is followed by `apply`; where
      // HubSpot keeps no such list, the event's is used.
      for (const loserId of missing) {
        const winnerId = mergedInto.get(loserId)
        if (winnerId !== undefined && winnerId !== loserId)
          await inbound.merged({
            partnerId,
            portalId,
            type,
            winnerId,
            loserIds: [loserId],
            survivedAt: instant(records.find(({ id }) => id === winnerId)?.updatedAt),
            tell: ctx.tell,
          })
      }
      const counts = await inbound.apply({
        partnerId,
        portalId,
        type,
        records,
        runId: ctx.run._id,
        crm: ctx.crm,
        tell,
        page: `${label}:${type}:${chunk[0] ?? ''}`,
      })
      const archived = await inbound.archive({
        partnerId,
        portalId,
        type,
        ids: missing,
        tell: ctx.tell,
      })
      for (const [hubspotId, error] of refused)
        ctx.tell({ type, direction: 'in', outcome: 'failed', hubspotId, error })
      await ctx.save({
        counts: {
          ...counts,
          seen: counts.seen + archived + refused.size,
          updated: counts.updated + archived,
          failed: counts.failed + refused.size,
        },
      })
      result.missing.push(...missing)
      result.refused.push(...refused.keys(), ...failed)
    }
    return result
  }

  /**
   * Stores a page of a search or of a list. What the page leaves is read by id first: it may be gone
   * by now. @returns counts of what was not read by id
   */
  async function storePage(
    ctx: RunContext,
    page: Pick<InboundPage, 'type' | 'records' | 'page'> & Required<Pick<InboundPage, 'leave'>>,
  ): Promise<InboundCounts> {
    const { partnerId, portalId, crm, tell } = ctx
    const runId = ctx.run._id
    const { counts, left } = await inbound.applyPage({
      ...page,
      partnerId,
      portalId,
      runId,
      crm,
      tell,
    })
    await pull(ctx, page.type, left, { label: `read:${page.page}` })
    return counts
  }

  return { pull, storePage, withContacts }
}
export type Pull = ReturnType<typeof createPull>

function withoutUnknown(lists: Record<string, string[] | undefined>): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(lists).flatMap(([type, ids]) => (ids ? [[type, ids] as const] : [])),
  )
}
