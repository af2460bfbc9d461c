import type { AuditLog } from '../../database/audit'
import type { DealDocument, LeadDocument } from '../../database/documents'
import type { CrmObject } from '../../hubspot/crm-types'
import { wakeDeals } from '../../records/repository/associations'
import { createErasure } from './erased'
import { createLinks } from './links'
import {
  countedAs,
  latestOfEach,
  mergedIdsOf,
  writePlans,
  type InboundCounts,
  type InboundPage,
  type Mark,
  type Plan,
} from './write'
import { createPlanner, type PlannerDeps } from './plan'
import { tellApplied, tellFailed } from './record-results'

export type { InboundCounts, InboundPage } from './write'

export interface InboundDeps extends Pick<PlannerDeps, 'collections' | 'clock' | 'mapping'> {
  audit: AuditLog
}

const maxRounds = 5

/**
 * What arrives from HubSpot, by whatever way, becomes our leads and deals here, and nowhere else.
 */
export function createInbound({ collections, clock, audit, mapping }: InboundDeps) {
  const links = createLinks({ collections, clock, mapping })
  const erasure = createErasure({ collections, clock, audit })
  const planner = createPlanner({ collections, clock, mapping, links, erasure })

  /**
   * Stores one page of records (at most some hundred). Idempotent: the same page again changes
   * nothing more and, within its run, counts the same. Records older than what is stored are
   * ignored. A contact is linked to an unlinked lead with its e-mail address; deals find their
   * leads whichever came first.
   * @returns counts for the run (`seen` is the sum of the others), and the ids that `linkedOnly`
   *   left out, which count nothing
   */
  async function applyPage(
    page: InboundPage,
  ): Promise<{ counts: InboundCounts; unlinked: string[] }> {
    const counts: InboundCounts = { seen: 0, created: 0, updated: 0, unchanged: 0, failed: 0 }
    const mark: Mark = {
      runId: page.runId,
      page: page.page ?? `${page.type}:${page.records[0]?.id ?? ''}`,
    }
    const unlinked = new Set<string>()
    let pending = latestOfEach(page.records)
    const archived = pending.filter(record => record.archived).map(record => record.id)
    if (archived.length > 0) {
      await links.archive({ ...page, ids: archived })
      pending = pending.filter(record => !record.archived)
      counts.unchanged += archived.length
    }
    await followMerges(page, pending)
    for (let round = 0; pending.length > 0; round++) {
      const { again, failed, left } =
        page.type === 'contacts'
          ? await applyContacts(page, pending, mark, counts)
          : await applyDeals(page, pending, mark, counts)
      for (const id of left) unlinked.add(id)
      counts.failed += failed.length
      tellFailed(page, failed, 'not_stored')
      pending = pending.filter(record => again.includes(record.id))
      if (round + 1 < maxRounds) continue
      counts.failed += pending.length
      tellFailed(
        page,
        pending.map(record => record.id),
        'kept_changing',
      )
      break
    }
    counts.seen = counts.created + counts.updated + counts.unchanged + counts.failed
    return { counts, unlinked: [...unlinked] }
  }

  /**
   * A surviving record names those that were merged into it: their links move before it is stored.
   */
  async function followMerges(page: InboundPage, records: CrmObject[]): Promise<void> {
    const merges = records.map(record => ({ winnerId: record.id, loserIds: mergedIdsOf(record) }))
    const losers = merges.flatMap(merge => merge.loserIds)
    if (losers.length === 0) return
    const known = await links.known({ ...page, ids: losers })
    for (const merge of merges) {
      if (merge.loserIds.some(id => known.has(id))) await links.merged({ ...page, ...merge })
    }
  }

  function tally<D extends LeadDocument | DealDocument>(
    page: InboundPage,
    plans: ReadonlyMap<string, Plan<D>>,
    stored: ReadonlyMap<string, D>,
    unsettled: string[],
    mark: Mark,
    counts: InboundCounts,
  ): void {
    for (const [id, plan] of plans) {
      if (unsettled.includes(id)) continue
      const outcome = countedAs(stored.get(id), plan.outcome, mark)
      if (!outcome) continue
      counts[outcome] += 1
      tellApplied(page, plan, stored.get(id), outcome)
    }
  }

  async function applyContacts(
    page: InboundPage,
    records: CrmObject[],
    mark: Mark,
    counts: InboundCounts,
  ) {
    const { partnerId, portalId } = page
    const { plans, stored, unlinked, erased } = await planner.planContacts(page, records)
    counts.unchanged += erased.size
    const result = await writePlans(collections.leads, plans, mark)
    const unsettled = [...result.again, ...result.failed]
    tally(page, plans, stored, unsettled, mark, counts)
    const settled = new Map(
      [...plans].filter(([id]) => !unsettled.includes(id)).map(([id, plan]) => [id, plan.next._id]),
    )
    const arrived = new Set([...settled.keys()].filter(id => stored.get(id)?.hubspot_id !== id))
    await links.resolveDeals({ partnerId, portalId, leads: settled, arrived })
    const isNewlyLive = (id: string) =>
      arrived.has(id) || (stored.get(id)?.archived_at ?? null) !== null
    await wakeDeals(
      collections,
      partnerId,
      [...settled].flatMap(([id, leadId]) => (stored.has(id) && isNewlyLive(id) ? [leadId] : [])),
    )
    return { ...result, left: unlinked }
  }

  async function applyDeals(
    page: InboundPage,
    records: CrmObject[],
    mark: Mark,
    counts: InboundCounts,
  ) {
    const { partnerId, portalId } = page
    const { plans, stored, unlinked, openContactIds } = await planner.planDeals(page, records)
    const result = await writePlans(collections.deals, plans, mark)
    tally(page, plans, stored, [...result.again, ...result.failed], mark, counts)
    // A contact may have arrived between our look and our write: look once more for those without a
    // lead.
    const late = await links.leadsOf(partnerId, portalId, openContactIds)
    await links.resolveDeals({ partnerId, portalId, leads: late, arrived: new Set(late.keys()) })
    return { ...result, left: unlinked }
  }

  return {
    /** @see applyPage */
    apply: async (page: InboundPage): Promise<InboundCounts> => (await applyPage(page)).counts,
    /**
     * Stores what a search found. Its index lags: it still lists what was archived, or merged into
     * another record, a moment ago. So only what is linked here is stored.
     * @returns the ids of the others, new or archived here: only a read by id says whether they
     *   still are
     */
    applyFound: (page: InboundPage) => applyPage({ ...page, linkedOnly: true }),
    /** @returns our leads by HubSpot contact id */
    leadsOf: links.leadsOf,
    /** What a page would do, without doing it. */
    planner,
    /** HubSpot archived or deleted these records: ours stay, unlinked. @returns how many changed */
    archive: links.archive,
    /**
     * Records were merged in HubSpot: links move to the surviving one, and two of ours become one.
     */
    merged: links.merged,
    /**
     * A person asked to be forgotten: erases every copy here and remembers only a keyed hash, so
     * that no later page brings the contact back.
     */
    erase: erasure.erase,
  }
}
export type Inbound = ReturnType<typeof createInbound>
