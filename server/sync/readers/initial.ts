import type { ObjectId } from 'mongodb'
import type { CrmObject, ObjectType } from '../../hubspot/crm-types'
import { HubspotError } from '../../hubspot/errors'
import { CursorGoesRound, readAhead } from './read-ahead'
import type { Pull } from './by-ids'
import type { SyncCursors } from './cursors-repository'
import type { RunContext } from '../runs/context'

/**
 * Pages that are read ahead while one is being written. A page's cursor comes from the one before
 * it, so the requests follow each other.
 */
const pagesAhead = 3
/** How much our clock may differ from HubSpot's: the watermark is set back by it, ms */
const clockDifferenceMs = 5 * 60_000

export interface ImportDeps {
  cursors: Pick<SyncCursors, 'setImported'>
  mapping: {
    propertiesToRead(partnerId: ObjectId, type: ObjectType): Promise<string[]>
    zoneFor(partnerId: ObjectId): Promise<string>
  }
  pull: Pick<Pull, 'storePage'>
}

interface ImportCheckpoint extends Record<string, unknown> {
  phase: ObjectType | 'done'
  /** Cursor of the next page to store; `null` at the beginning of a phase */
  after: string | null
  /** The list was restarted once already */
  restarted?: boolean
}

const following: Record<ObjectType, ImportCheckpoint['phase']> = {
  contacts: 'deals',
  deals: 'done',
}

/**
 * The first sync of a portal: contacts become leads, then deals with their contacts. Each page of
 * 100 is stored, then its checkpoint: after a kill one page is stored again, with the same outcome.
 * What changes in the meantime is newer than the watermark: the next incremental run reads it.
 */
export function createImport({ cursors, mapping, pull }: ImportDeps) {
  /** Records expected, for the progress bar. Not knowing it stops nothing. */
  async function expected({ crm }: RunContext): Promise<number | null> {
    try {
      const [contacts, deals] = await Promise.all(
        (['contacts', 'deals'] as const).map(type =>
          crm.search(type, { properties: ['hs_object_id'], limit: 1 }),
        ),
      )
      return (contacts?.total ?? 0) + (deals?.total ?? 0)
    } catch (error) {
      if (error instanceof HubspotError) return null
      throw error
    }
  }

  async function importAll(
    ctx: RunContext,
    type: ObjectType,
    from: ImportCheckpoint,
  ): Promise<void> {
    const properties = await mapping.propertiesToRead(ctx.partnerId, type)
    const pages = readAhead<CrmObject[]>(from.after, pagesAhead, async after => {
      const associationsReadAt = ctx.now()
      const page = await ctx.crm.listPage(type, {
        after: after ?? undefined,
        properties,
        associations: type === 'deals' ? ['contacts'] : undefined,
      })
      const items = page.results.map(record => ({ ...record, associationsReadAt }))
      return { items, after: page.after }
    })
    let at = from.after
    for await (const { items, after } of pages) {
      ctx.signal.throwIfAborted()
      const page = `${type}:${at ?? ''}`
      const counts = await pull.storePage(ctx, { type, records: items, page, leave: 'archived' })
      const checkpoint: ImportCheckpoint =
        after === null
          ? { phase: following[type], after: null }
          : { phase: type, after, restarted: from.restarted }
      await ctx.save({ phase: type, checkpoint, counts })
      at = after
    }
  }

  /** Cursors usually survive weeks, not always: a refused cursor restarts the list, once. */
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
      const refused =
        error instanceof HubspotError &&
        error.kind === 'rejected' &&
        from.after !== null &&
        !from.restarted
      if (!refused) throw error
      ctx.log.warn(
        { event: 'import_restarted', objectType: type, hubspotCorrelationId: error.correlationId },
        'HubSpot refused the cursor: the list is read from its beginning',
      )
      const restart: ImportCheckpoint = { phase: type, after: null, restarted: true }
      await ctx.save({ checkpoint: restart })
      await importAll(ctx, type, restart)
    }
  }

  return async function importPortal(ctx: RunContext): Promise<void> {
    const zone = await mapping.zoneFor(ctx.partnerId)
    let checkpoint = ctx.checkpoint<ImportCheckpoint>()
    if (!checkpoint) {
      checkpoint = { phase: 'contacts', after: null }
      await ctx.save({ phase: 'contacts', checkpoint, total: await expected(ctx) })
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
