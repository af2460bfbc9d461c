import type { ObjectId } from 'mongodb'
import type { ObjectType } from '../../hubspot/crm-types'
import { HubspotError } from '../../hubspot/errors'
import { chainPages } from './chain-pages'
import { createChains, ListOutOfOrder, oneChain, type Chain } from './chains'
import { CursorGoesRound } from './read-ahead'
import { consistent } from './search-window'
import type { Pull } from './by-ids'
import type { SyncCursors } from './cursors-repository'
import type { RunContext } from '../runs/context'

/** How much our clock may differ from HubSpot's: the watermark is set back by it, ms */
const clockDifferenceMs = 5 * 60_000

export interface ImportDeps {
  cursors: Pick<SyncCursors, 'setImported'>
  mapping: {
    propertiesToRead(partnerId: ObjectId, type: ObjectType): Promise<string[]>
    zoneFor(partnerId: ObjectId): Promise<string>
  }
  pull: Pick<Pull, 'storePage' | 'withContacts'>
}

interface Expected {
  total: number
  /** The greatest id; `null` where there is none */
  lastId: string | null
}

interface ImportCheckpoint extends Record<string, unknown> {
  phase: ObjectType | 'done'
  /** Cursor before which nothing is left to read; `null` at the beginning of a phase */
  after: string | null
  /** The list was restarted once already */
  restarted?: boolean
  /** What search said of the lists when the import began; absent where it said nothing */
  expected?: Record<ObjectType, Expected>
  /** Absent: one chain from `after` on, as in checkpoints of old versions */
  chains?: Chain[]
}

const following: Record<ObjectType, ImportCheckpoint['phase']> = {
  contacts: 'deals',
  deals: 'done',
}

/**
 * The first sync of a portal: contacts become leads, then deals with their contacts. A long list is
 * read by several chains of pages at once, some of them by search. Each page is stored, then its
 * checkpoint: after a kill one page is stored again, with the same outcome. What changes in the
 * meantime is newer than the watermark, and so is what the search index did not show yet: the next
 * incremental run reads it, and its sweep finds what was archived.
 */
export function createImport({ cursors, mapping, pull }: ImportDeps) {
  /** What is to be read, for the progress bar and for the chains. Not knowing it stops nothing. */
  async function expected({ crm }: RunContext): Promise<Record<ObjectType, Expected> | undefined> {
    const greatest = async (type: ObjectType): Promise<Expected> => {
      const { total, results } = await crm.search(type, {
        sorts: [{ propertyName: 'hs_object_id', direction: 'DESCENDING' }],
        properties: ['hs_object_id'],
        limit: 1,
      })
      return { total, lastId: results[0]?.id ?? null }
    }
    try {
      const [contacts, deals] = await Promise.all([greatest('contacts'), greatest('deals')])
      return { contacts, deals }
    } catch (error) {
      if (error instanceof HubspotError) return undefined
      throw error
    }
  }

  /** The first record from an id on, and how many there are. */
  async function firstFrom({ crm }: RunContext, type: ObjectType, id: string) {
    const { total, results } = await crm.search(type, {
      filters: [{ propertyName: 'hs_object_id', operator: 'GTE', value: id }],
      sorts: [{ propertyName: 'hs_object_id', direction: 'ASCENDING' }],
      properties: ['hs_object_id'],
      limit: 1,
    })
    const [first] = results
    return first ? { id: first.id, from: total } : null
  }

  async function importAll(
    ctx: RunContext,
    type: ObjectType,
    from: ImportCheckpoint,
  ): Promise<void> {
    const properties = await mapping.propertiesToRead(ctx.partnerId, type)
    const isWhole = from.after === null
    const known = from.expected?.[type]
    const chains = createChains(
      from.chains ?? oneChain(from.after, isWhole ? (known?.total ?? null) : null),
    )
    const saved = new Set(chains.open())
    const checkpoint = (): ImportCheckpoint => {
      const { restarted, expected } = from
      const left = chains.saved()
      for (const chain of chains.open()) saved.add(chain)
      return chains.open().length === 0
        ? { phase: following[type], after: null, expected }
        : { phase: type, after: left[0]?.after ?? null, restarted, expected, chains: left }
    }
    const pages = chainPages({
      chains,
      async list(after) {
        const associationsReadAt = ctx.now()
        const page = await ctx.crm.listPage(type, {
          after: after ?? undefined,
          properties,
          associations: type === 'deals' ? ['contacts'] : undefined,
        })
        return {
          results: page.results.map(record => ({ ...record, associationsReadAt })),
          after: page.after,
        }
      },
      async searchAfter(id) {
        const found = await ctx.crm.search(type, {
          filters: [{ propertyName: 'hs_object_id', operator: 'GT', value: id }],
          sorts: [{ propertyName: 'hs_object_id', direction: 'ASCENDING' }],
          properties,
        })
        const page = consistent(found)
        const results = type === 'deals' ? await pull.withContacts(ctx, page.results) : page.results
        return { results, after: page.after }
      },
      firstFrom: id => firstFrom(ctx, type, id),
      lastId: from.restarted ? null : (known?.lastId ?? null),
      log: ctx.log,
    })
    for await (const { chain, records, after } of pages) {
      ctx.signal.throwIfAborted()
      if (!saved.has(chain)) {
        // After a kill its first page must be read by the same cursor, to be counted once.
        await ctx.save({ checkpoint: checkpoint() })
      }
      // Pages of a list that is restarted are others: what was stored before counts once.
      const names = [type, from.restarted && 'again', chain.by, chain.after ?? '']
      const page = names.filter(name => typeof name === 'string').join(':')
      const counts = await pull.storePage(ctx, { type, records, page, leave: 'archived' })
      chains.store(chain, records.length, after)
      await ctx.save({ phase: type, checkpoint: checkpoint(), counts })
    }
  }

  /**
   * Cursors usually survive weeks, not always: a refused cursor restarts the list, once, by one
   * chain. So does a list in no order of ids, of which a part was searched.
   */
  async function importFrom(
    ctx: RunContext,
    type: ObjectType,
    from: ImportCheckpoint,
  ): Promise<void> {
    try {
      await importAll(ctx, type, from)
    } catch (error) {
      if (error instanceof CursorGoesRound)
        throw new HubspotError({ kind: 'transient', category: 'CURSOR_GOES_ROUND' })
      const isRefused =
        error instanceof HubspotError &&
        error.kind === 'rejected' &&
        (from.after !== null || (from.chains ?? []).length > 1)
      if (from.restarted || !(isRefused || error instanceof ListOutOfOrder)) throw error
      const hubspotCorrelationId = isRefused ? error.correlationId : undefined
      ctx.log.warn(
        { event: 'import_restarted', objectType: type, hubspotCorrelationId },
        isRefused
          ? 'HubSpot refused the cursor: the list is read from its beginning'
          : 'HubSpot lists records in no order of ids: the list is read by one chain',
      )
      const { expected: lists } = from
      const restart: ImportCheckpoint = {
        phase: type,
        after: null,
        restarted: true,
        expected: lists,
      }
      await ctx.save({ checkpoint: restart })
      await importAll(ctx, type, restart)
    }
  }

  return async function importPortal(ctx: RunContext): Promise<void> {
    const zone = await mapping.zoneFor(ctx.partnerId)
    let checkpoint = ctx.checkpoint<ImportCheckpoint>()
    if (!checkpoint) {
      const lists = await expected(ctx)
      checkpoint = { phase: 'contacts', after: null, expected: lists }
      const total = lists ? lists.contacts.total + lists.deals.total : null
      await ctx.save({ phase: 'contacts', checkpoint, total })
    }
    while (checkpoint.phase !== 'done') {
      await importFrom(ctx, checkpoint.phase, checkpoint)
      checkpoint = ctx.checkpoint<ImportCheckpoint>() ?? checkpoint
    }
    await ctx.save({ phase: 'done', checkpoint })
    await cursors.setImported(ctx, {
      watermark: new Date(ctx.run.watermark.getTime() - clockDifferenceMs),
      zone,
    })
  }
}
