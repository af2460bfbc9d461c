import type { HubspotIntegrationDocument, SyncCursorDocument } from '../../database/documents'
import type { Clock } from '../../config/clock'
import type { Crm, ObjectType, RequestPriority } from '../../hubspot/crm-types'
import { errorFields, type Log } from '../../observability/log'
import type { DuePartner, DuePartners } from '../runs/schedule'
import type { SyncCursors } from './cursors-repository'
import { defaultOverlap, lateSpan, searchFrom, type SearchOverlap } from './search-overlap'
import { modifiedProperty, openWindow, windowQuery } from './search-window'
import type { SweepPace } from './sweep-pace'

export interface LookDeps {
  cursors: Pick<SyncCursors, 'setRead'>
  duePartners: Pick<DuePartners, 'nothingChanged'>
  records: Record<
    'leads' | 'deals',
    { hasDirty(partnerId: DuePartner['partnerId']): Promise<boolean> }
  >
  crmFor(
    partnerId: DuePartner['partnerId'],
    options: { priority: RequestPriority; signal: AbortSignal },
  ): Pick<Crm, 'search'>
  sweepPace: SweepPace
  clock: Clock
  log: Log
  overlap?: SearchOverlap
}

/** Anything else is for a run: it finds out what it is, and its outcome is shown. */
const isInOrder = ({ last_failure, outage }: HubspotIntegrationDocument): boolean =>
  !last_failure && !outage

/**
 * The scheduled look at a partner where nothing may have changed: one search for each type that
 * asks for a single record. It makes no run, and costs two requests.
 */
export function createLook({
  cursors,
  duePartners,
  records,
  crmFor,
  sweepPace,
  clock,
  log,
  overlap = defaultOverlap,
}: LookDeps) {
  async function isSomethingWaiting({ partnerId, integration }: DuePartner): Promise<boolean> {
    if (!integration.write_back) return false
    const waiting = await Promise.all([
      records.leads.hasDirty(partnerId),
      records.deals.hasDirty(partnerId),
    ])
    return waiting.includes(true)
  }

  async function isAnythingModified(
    crm: Pick<Crm, 'search'>,
    from: Record<ObjectType, Date>,
  ): Promise<boolean> {
    const answers = await Promise.all(
      (['contacts', 'deals'] as const).map(type =>
        crm.search(type, {
          ...windowQuery(openWindow(from[type]), modifiedProperty[type]),
          properties: ['hs_object_id'],
          limit: 1,
        }),
      ),
    )
    return answers.some(({ results, after, total }) => results.length > 0 || after || total > 0)
  }

  /** @throws what the search or the database answers */
  async function look(
    partner: DuePartner,
    cursor: SyncCursorDocument,
    signal: AbortSignal,
  ): Promise<boolean> {
    const startedAt = clock()
    // Who is on a list is no change of a record, so no search shows it.
    if (cursor.follows_lists) return false
    if (!isInOrder(partner.integration) || sweepPace.isDue(cursor, startedAt)) return false
    if (await isSomethingWaiting(partner)) return false
    // What was indexed late is asked for in the same search, which then begins earlier.
    const late = lateSpan(overlap, startedAt, cursor)
    const from = (watermark: Date | null) => {
      const since = searchFrom(overlap, watermark)
      return late !== null && late.from < since ? late.from : since
    }
    const crm = crmFor(partner.partnerId, { priority: 'normal', signal })
    const isModified = await isAnythingModified(crm, {
      contacts: from(cursor.contacts_watermark),
      deals: from(cursor.deals_watermark),
    })
    if (isModified) return false
    if (late !== null) {
      const quiet = new Date(startedAt.getTime() - overlap.quietMs)
      await cursors.setRead(partner, {
        watermarks: { contacts: quiet, deals: quiet },
        completeUntil: late.until,
      })
    }
    return await duePartners.nothingChanged(partner)
  }

  /**
   * @returns whether nothing has to be done for this partner, which is then noted on it; `false`:
   *   a run has to look. Trouble of any kind is left to the run as well
   */
  return async function foundNothing(
    partner: DuePartner,
    cursor: SyncCursorDocument | null,
    signal: AbortSignal,
  ): Promise<boolean> {
    if (!cursor?.initial_done_at) return false
    try {
      return await look(partner, cursor, signal)
    } catch (error) {
      log.debug(
        {
          event: 'look_failed',
          partnerId: partner.partnerId.toHexString(),
          ...errorFields(error),
        },
        'A look at a partner failed: a run looks instead',
      )
      return false
    }
  }
}
export type Look = ReturnType<typeof createLook>
