import type { ObjectId } from 'mongodb'
import type { Clock } from '../../config/clock'
import type { AuditLog } from '../../database/audit'
import type { Collections } from '../../database/collections'
import type { Cipher } from '../../database/encryption'
import type { Crm, CrmObject, ObjectType } from '../../hubspot/crm-types'
import { kindOfType } from '../../records/kinds'
import { writeRecords } from '../../records/repository/bulk-write'
import { addLeadsToDeals, leadIdsOf } from '../../records/repository/deal-leads'
import type { PortalOfPartner } from '../../records/repository/linked'
import { wakeDeals } from '../../records/repository/associations'
import { isParted } from '../../records/sync-state'
import { createArchive } from './archive'
import { createErasure } from './privacy-deletion'
import { createMerges } from './merged'
import { latestOfEach, type InboundCounts, type InboundPage, type PagePlan } from './page'
import { createPlanPage, type PlanDeps } from './plan'
import { reportFailed, reportStored } from './record-results'
import { countedAs, writesOf, type Mark } from './write'

export type { InboundCounts, InboundPage } from './page'

export interface InboundDeps {
  collections: Collections
  clock: Clock
  audit: AuditLog
  /** Seals the key of the tombstones */
  cipher: Pick<Cipher, 'seal' | 'open'>
  mapping: PlanDeps['mapping'] & {
    propertiesToRead(partnerId: ObjectId, type: ObjectType): Promise<string[]>
  }
}

const maxRounds = 5

/** Every record from HubSpot is stored here, whichever way it arrives. */
export function createInbound({ collections, clock, audit, cipher, mapping }: InboundDeps) {
  const archive = createArchive({ collections, clock })
  const erasure = createErasure({ collections, clock, audit, cipher })
  const merges = createMerges({ collections, clock, mapping })
  const planPage = createPlanPage({ collections, clock, mapping, erasure })

  /**
   * Stores one page of records (a few hundred at most). Idempotent: the same page again changes
   * nothing more and, within its run, counts the same. Records older than what is stored are
   * ignored. A contact is linked to an unlinked lead with its e-mail address; deals find their
   * leads, whichever came first.
   * @returns counts for the run (`seen` is the sum of the others), and the ids that `leave` left
   *   out, which count nothing
   */
  async function applyPage(page: InboundPage): Promise<{ counts: InboundCounts; left: string[] }> {
    const counts: InboundCounts = { seen: 0, created: 0, updated: 0, unchanged: 0, failed: 0 }
    const mark: Mark = {
      runId: page.runId,
      page: page.page ?? `${page.type}:${page.records[0]?.id ?? ''}`,
    }
    const leftOut = new Set<string>()
    let pending = latestOfEach(page.records)
    const archived = pending.filter(record => record.archived).map(record => record.id)
    if (archived.length > 0) {
      await archive({ ...page, ids: archived })
      pending = pending.filter(record => !record.archived)
      counts.unchanged += archived.length
    }
    await merges.followNamed(page, pending)
    for (let round = 0; pending.length > 0; round++) {
      const { again, failed, left } = await applyRound(page, pending, mark, counts)
      for (const id of left) leftOut.add(id)
      counts.failed += failed.length
      reportFailed(page, failed, 'not_stored')
      pending = pending.filter(record => again.includes(record.id))
      if (round + 1 < maxRounds) continue
      counts.failed += pending.length
      reportFailed(
        page,
        pending.map(record => record.id),
        'kept_changing',
      )
      break
    }
    counts.seen = counts.created + counts.updated + counts.unchanged + counts.failed
    return { counts, left: [...leftOut] }
  }

  async function applyRound(
    page: InboundPage,
    records: CrmObject[],
    mark: Mark,
    counts: InboundCounts,
  ): Promise<{ again: string[]; failed: string[]; left: string[] }> {
    let planned = await planPage(page, page.type, records)
    if (planned.holders.length > 0 && page.crm) {
      await settleHolders(page, page.crm, planned.holders)
      planned = await planPage(page, page.type, records)
    }
    counts.unchanged += planned.erased.size
    const writes = writesOf(planned.plans, mark)
    const result = await writeRecords(collections, kindOfType(page.type), writes)
    const unsettled = new Set([...result.again, ...result.failed])
    for (const [id, plan] of planned.plans) {
      if (unsettled.has(id)) continue
      const outcome = countedAs(planned.stored.get(id), plan.outcome, mark)
      if (!outcome) continue
      counts[outcome] += 1
      reportStored(page, plan, planned.stored.get(id), outcome)
    }
    if (page.type === 'contacts') await linkDealsOf(page, planned, unsettled)
    else await linkLateLeads(page, planned)
    return { ...result, left: planned.left }
  }

  /**
   * An address moved to another contact, or its contact was deleted and imported again: what became
   * of the former one is stored first, so that no two live leads have one address.
   */
  async function settleHolders(
    page: InboundPage,
    crm: Pick<Crm, 'batchRead'>,
    ids: string[],
  ): Promise<void> {
    const properties = await mapping.propertiesToRead(page.partnerId, 'contacts')
    const { results } = await crm.batchRead('contacts', ids, properties)
    const records = results.filter(record => !record.archived)
    const there = new Set(records.map(record => record.id))
    await archive({ ...page, ids: ids.filter(id => !there.has(id)) })
    await applyPage({ ...page, records, page: `holders:${ids[0] ?? ''}` })
  }

  /** Deals find these leads. Those that waited for a lead to have a contact can be written. */
  async function linkDealsOf(
    page: PortalOfPartner,
    { plans, stored }: PagePlan,
    unsettled: ReadonlySet<string>,
  ): Promise<void> {
    const leads = new Map(
      [...plans].flatMap(([id, plan]) => (unsettled.has(id) ? [] : [[id, plan.next._id] as const])),
    )
    const isArrived = (id: string) => {
      const before = stored.get(id)
      return before?.hubspot_id !== id || before.portal_id !== page.portalId
    }
    // Deals met a lead that took over this contact's copy: those that parted stay so.
    const isNewHere = (id: string) =>
      isArrived(id) && stored.get(id)?.create_intent?.object_id !== id
    const arrived = new Set([...leads.keys()].filter(isNewHere))
    await addLeadsToDeals(collections, clock, page, leads, arrived)
    const isNewlyLive = (id: string) => {
      const before = stored.get(id)
      return isArrived(id) || (before !== undefined && isParted(before))
    }
    await wakeDeals(
      collections,
      page.partnerId,
      [...leads].flatMap(([id, leadId]) => (stored.has(id) && isNewlyLive(id) ? [leadId] : [])),
    )
  }

  /** A contact may have arrived while its deal was planned and written. */
  async function linkLateLeads(page: PortalOfPartner, { openContactIds }: PagePlan): Promise<void> {
    const late = await leadIdsOf(collections, page, openContactIds)
    await addLeadsToDeals(collections, clock, page, late, new Set(late.keys()))
  }

  return {
    /** @see applyPage */
    apply: async (page: InboundPage): Promise<InboundCounts> => (await applyPage(page)).counts,
    /** @see applyPage; with the ids that are left to a read by id */
    applyPage,
    /** @returns our leads by HubSpot contact id */
    leadsOf: (portal: PortalOfPartner, contactIds: string[]) =>
      leadIdsOf(collections, portal, contactIds),
    /** What a page would change, without a change. */
    planPage,
    /** HubSpot archived or deleted these records: ours stay, unlinked. @returns how many changed */
    archive,
    /** Objects were merged in HubSpot: links move, and two records of ours become one. */
    merged: merges.merged,
    /**
     * A person asked to be forgotten: erases every copy here and remembers only a keyed hash, so
     * that no later page brings the contact back.
     */
    erase: erasure.erase,
  }
}
export type Inbound = ReturnType<typeof createInbound>
