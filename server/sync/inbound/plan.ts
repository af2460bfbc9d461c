import type { ObjectId } from 'mongodb'
import type { Clock } from '../../config/clock'
import { byHundreds } from '../../database/by-hundreds'
import type { Collections } from '../../database/collections'
import type { DealDocument, LeadDocument } from '../../database/documents'
import type { CrmObject, ObjectType } from '../../hubspot/crm-types'
import type { FieldRules } from '../../records/merge-field'
import type { StageRules } from '../../records/merge-stage'
import type { Erasure } from './erased'
import type { Links } from './links'
import type { InboundPage, Plan } from './write'
import { planDeal, planLead } from './plan-record'
import { withValueTimes } from './value-times'

export interface PlannerDeps {
  collections: Collections
  clock: Clock
  mapping: {
    fieldsFor(partnerId: ObjectId): Promise<FieldRules>
    stagesFor(partnerId: ObjectId, portalId: string): Promise<StageRules>
  }
  links: Links
  erasure: Erasure
}

type Target = Pick<InboundPage, 'partnerId' | 'portalId' | 'crm' | 'linkedOnly'>

export interface PagePlan<D> {
  /** By HubSpot id */
  plans: Map<string, Plan<D>>
  stored: Map<string, D>
  /** HubSpot ids left out by `linkedOnly` */
  unlinked: string[]
}

/**
 * Reads what is stored for a page and plans each record; writes nothing. The preview asks it as
 * well.
 */
export function createPlanner({ collections, clock, mapping, links, erasure }: PlannerDeps) {
  const { leads, deals } = collections

  async function planContacts(
    target: Target,
    page: readonly CrmObject[],
  ): Promise<PagePlan<LeadDocument> & { erased: Set<string> }> {
    const { partnerId, portalId } = target
    const ids = page.map(record => record.id)
    const [rules, known, erased] = await Promise.all([
      mapping.fieldsFor(partnerId),
      byHundreds(ids, some =>
        leads
          .find({ partner_id: partnerId, portal_id: portalId, hubspot_id: { $in: some } })
          .toArray(),
      ),
      erasure.among(partnerId, portalId, ids),
    ])
    const stored = byHubspotId(known)
    const { records, unlinked } = splitByLink(target, page, stored)
    const emails = new Map<string, string>()
    for (const record of records) {
      const email = record.properties.email?.trim().toLowerCase()
      if (email && !stored.has(record.id) && !erased.has(record.id)) emails.set(email, record.id)
    }
    const waiting = await byHundreds([...emails.keys()], some =>
      leads.find({ partner_id: partnerId, local_email: { $in: some } }).toArray(),
    )
    for (const lead of waiting) {
      const id = lead.local_email === null ? undefined : emails.get(lead.local_email)
      if (id !== undefined) stored.set(id, lead)
    }
    const context = { rules: rules.lead, now: clock() }
    const plans = new Map<string, Plan<LeadDocument>>()
    for (const record of records)
      if (!erased.has(record.id))
        plans.set(record.id, planLead(stored.get(record.id), record, target, context))
    return {
      plans,
      stored,
      unlinked,
      erased: new Set(records.flatMap(record => (erased.has(record.id) ? [record.id] : []))),
    }
  }

  async function planDeals(
    target: Target,
    page: readonly CrmObject[],
  ): Promise<PagePlan<DealDocument> & { openContactIds: string[] }> {
    const { partnerId, portalId } = target
    const [rules, stages, known] = await Promise.all([
      mapping.fieldsFor(partnerId),
      mapping.stagesFor(partnerId, portalId),
      byHundreds(
        page.map(record => record.id),
        some =>
          deals
            .find({ partner_id: partnerId, portal_id: portalId, hubspot_id: { $in: some } })
            .toArray(),
      ),
    ])
    const stored = byHubspotId(known)
    const { records, unlinked } = splitByLink(target, page, stored)
    const contactIds = new Set([
      ...known.flatMap(deal => deal.hubspot_contact_ids),
      ...records.flatMap(record => record.associations?.contacts ?? []),
    ])
    const leadIds = await links.leadsOf(partnerId, portalId, [...contactIds])
    const context = { rules: rules.deal, stages, now: clock() }
    const plans = new Map<string, Plan<DealDocument>>()
    for (const record of records)
      plans.set(
        record.id,
        planDeal(
          stored.get(record.id),
          record,
          target,
          { remote: record.associations?.contacts, leads: leadIds },
          context,
        ),
      )
    return {
      plans,
      stored,
      unlinked,
      openContactIds: [...contactIds].filter(id => !leadIds.has(id)),
    }
  }

  /**
   * Plans a page and, where a conflict hangs on it, once more with the instants at which HubSpot's
   * values were set.
   */
  function timed<P extends Pick<PagePlan<LeadDocument | DealDocument>, 'plans'>>(
    type: ObjectType,
    plan: (target: Target, records: readonly CrmObject[]) => Promise<P>,
  ) {
    return async (target: Target, records: readonly CrmObject[]): Promise<P> => {
      const planned = await plan(target, records)
      const dated = target.crm
        ? await withValueTimes(target.crm, type, records, planned.plans)
        : null
      return dated ? await plan(target, dated) : planned
    }
  }

  return { planContacts: timed('contacts', planContacts), planDeals: timed('deals', planDeals) }
}
export type Planner = ReturnType<typeof createPlanner>

function byHubspotId<D extends LeadDocument | DealDocument>(
  documents: readonly D[],
): Map<string, D> {
  return new Map(
    documents.flatMap(document =>
      document.hubspot_id === null ? [] : [[document.hubspot_id, document] as const],
    ),
  )
}

/**
 * @returns what of the page is to be planned, and the ids that `linkedOnly` leaves out: not linked,
 *   or archived here
 */
function splitByLink<D extends LeadDocument | DealDocument>(
  { linkedOnly }: Target,
  page: readonly CrmObject[],
  stored: ReadonlyMap<string, D>,
): { records: readonly CrmObject[]; unlinked: string[] } {
  if (!linkedOnly) return { records: page, unlinked: [] }
  const isLive = ({ id }: CrmObject) => stored.get(id)?.archived_at === null
  return {
    records: page.filter(isLive),
    unlinked: page.filter(record => !isLive(record)).map(record => record.id),
  }
}
