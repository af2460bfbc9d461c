import type { ObjectId } from 'mongodb'
import type { Clock } from '../../config/clock'
import type { Collections } from '../../database/collections'
import type { AnyRecord, LeadDocument } from '../../database/documents'
import type { CrmObject, ObjectType } from '../../hubspot/crm-types'
import type { FieldRules } from '../../records/merge-field'
import { kindOfType, kinds, type RecordKind } from '../../records/kinds'
import { createDismissed } from '../../records/repository/dismissed'
import { leadIdsOf } from '../../records/repository/deal-leads'
import { findByEmail, findLinked } from '../../records/repository/linked'
import type { StageRules } from '../../records/merge-stage'
import { isParted } from '../../records/sync-state'
import type { Erasure } from './privacy-deletion'
import { withInitialValues } from './initial-values'
import { isLeft, type PagePlan, type PageTarget } from './page'
import { planDeal, planLead } from './plan-record'
import { createScopeCheck, planOutside, type ScopeCheckDeps } from './scope'
import { withValueTimes } from './value-times'

export interface PlanDeps {
  collections: Collections
  clock: Clock
  mapping: ScopeCheckDeps['mapping'] & {
    fieldsFor(partnerId: ObjectId): Promise<FieldRules>
    stagesFor(partnerId: ObjectId, portalId: string): Promise<StageRules>
  }
  erasure: Pick<Erasure, 'among'>
}

/** Reads what is stored for a page and plans each record. Writes nothing; the preview uses it too. */
export function createPlanPage({ collections, clock, mapping, erasure }: PlanDeps) {
  const dismissedRecords = createDismissed({ collections, clock })
  const outsideAmong = createScopeCheck({ mapping })

  /** Contacts of people who asked to be forgotten, and those that somebody deleted here only. */
  async function unwanted(target: PageTarget, kind: RecordKind, ids: readonly string[]) {
    const [privacy, dismissed] = await Promise.all([
      erasure.among(target.partnerId, target.portalId, ids),
      dismissedRecords.among(kind, target, ids),
    ])
    return { privacy, dismissed }
  }

  async function planLeads(target: PageTarget, page: readonly CrmObject[]): Promise<PagePlan> {
    const { partnerId } = target
    const ids = page.map(record => record.id)
    const [rules, outside, linked, { privacy, dismissed }] = await Promise.all([
      mapping.fieldsFor(partnerId),
      outsideAmong(target, 'contacts', page),
      findLinked(collections, kinds.lead, target, ids),
      unwanted(target, kinds.lead, ids),
    ])
    const stored = byHubspotId(linked)
    for (const id of stored.keys()) dismissed.delete(id)
    const erased = new Set([...privacy, ...dismissed, ...withoutRecord(outside, stored)])
    const { records, left } = splitByLink(target, page, stored, erased)
    const emails = new Map<string, string>()
    for (const record of records) {
      const email = record.properties.email?.trim().toLowerCase()
      if (email && !stored.has(record.id) && !erased.has(record.id)) emails.set(email, record.id)
    }
    const known = await findByEmail(collections, partnerId, [...emails.keys()])
    const { found, holders } = leadsByAddress(target, known, emails, linked)
    for (const [id, lead] of found) stored.set(id, lead)
    const context = { rules: rules.lead, now: clock() }
    const plans: PagePlan['plans'] = new Map()
    for (const record of records) {
      if (erased.has(record.id)) continue
      const before = stored.get(record.id)
      const why = outside.get(record.id)
      plans.set(
        record.id,
        before && why
          ? planOutside(before, record, why, context.now)
          : planLead(before, record, target, context),
      )
    }
    const kept = records.map(record => record.id).filter(id => erased.has(id))
    return { plans, stored, left, erased: new Set(kept), openContactIds: [], holders }
  }

  async function planDeals(target: PageTarget, page: readonly CrmObject[]): Promise<PagePlan> {
    const { partnerId, portalId } = target
    const ids = page.map(record => record.id)
    const [rules, outside, stages, linked, gone] = await Promise.all([
      mapping.fieldsFor(partnerId),
      outsideAmong(target, 'deals', page),
      mapping.stagesFor(partnerId, portalId),
      findLinked(collections, kinds.deal, target, ids),
      dismissedRecords.among(kinds.deal, target, ids),
    ])
    const stored = byHubspotId(linked)
    const unsynced = new Set(withoutRecord(outside, stored))
    const dismissed = new Set([...[...gone].filter(id => !stored.has(id)), ...unsynced])
    const split = splitByLink(target, page, stored, unsynced)
    const { left } = split
    const records = split.records.filter(record => !dismissed.has(record.id))
    const contactIds = new Set([
      ...linked.flatMap(deal => deal.hubspot_contact_ids),
      ...records.flatMap(record => record.associations?.contacts ?? []),
    ])
    const leads = await leadIdsOf(collections, target, [...contactIds])
    const context = { rules: rules.deal, stages, now: clock() }
    const plans: PagePlan['plans'] = new Map()
    for (const record of records) {
      const { associations: read, associationsReadAt: readAt } = record
      const associations = { remote: read?.contacts, readAt, leads }
      const before = stored.get(record.id)
      const why = outside.get(record.id)
      plans.set(
        record.id,
        before && why
          ? planOutside(before, record, why, context.now)
          : planDeal(before, record, target, associations, context),
      )
    }
    const openContactIds = [...contactIds].filter(id => !leads.has(id))
    const kept = split.records.map(record => record.id).filter(id => dismissed.has(id))
    return { plans, stored, left, erased: new Set(kept), openContactIds, holders: [] }
  }

  /**
   * Plans a page. Where something depends on it, the page is planned again with what the objects
   * began with, and with the instants at which HubSpot's values were set.
   */
  return async function planPage(
    target: PageTarget,
    type: ObjectType,
    records: readonly CrmObject[],
  ): Promise<PagePlan> {
    const plan = type === 'contacts' ? planLeads : planDeals
    const { crm } = target
    let planned = await plan(target, records)
    if (!crm) return planned
    let begun: CrmObject[] | null = null
    if ([...planned.stored.values()].some(record => record.create_intent !== null)) {
      const rules = (await mapping.fieldsFor(target.partnerId))[kindOfType(type).name]
      begun = await withInitialValues(crm, type, records, planned.stored, rules)
      if (begun) planned = await plan(target, begun)
    }
    const timed = await withValueTimes(crm, type, begun ?? records, planned.plans)
    return timed ? await plan(target, timed) : planned
  }
}
export type PlanPage = ReturnType<typeof createPlanPage>

function byHubspotId<D extends AnyRecord>(records: readonly D[]): Map<string, D> {
  return new Map(
    records.flatMap(record =>
      record.hubspot_id === null ? [] : [[record.hubspot_id, record] as const],
    ),
  )
}

/**
 * Leads for contacts that none is linked to, by their addresses: one that is not linked, else one
 * whose object is gone, the one that changed last. A lead of another object that HubSpot still had
 * with this address is a holder: HubSpot gives an address to one contact, so that one has changed.
 */
function leadsByAddress(
  { portalId }: PageTarget,
  known: readonly LeadDocument[],
  emails: ReadonlyMap<string, string>,
  linked: readonly LeadDocument[],
): { found: Map<string, LeadDocument>; holders: string[] } {
  const onPage = new Set(linked.map(lead => lead._id.toHexString()))
  const found = new Map<string, LeadDocument>()
  const holders: string[] = []
  const unlinkedFirst = [...known].sort(
    (one, other) =>
      Number(one.hubspot_id !== null) - Number(other.hubspot_id !== null) ||
      other.updated_at.getTime() - one.updated_at.getTime(),
  )
  for (const lead of unlinkedFirst) {
    const id = lead.values.email === null ? undefined : emails.get(lead.values.email)
    if (id === undefined || onPage.has(lead._id.toHexString())) continue
    const isFree = lead.hubspot_id === null || isParted(lead) || lead.portal_id !== portalId
    if (!isFree) holders.push(lead.hubspot_id ?? '')
    else if (!found.has(id)) found.set(id, lead)
  }
  return { found, holders }
}

/** Objects outside of what is synced that have no record here: nothing of them is stored. */
function withoutRecord(
  outside: ReadonlyMap<string, unknown>,
  stored: ReadonlyMap<string, AnyRecord>,
): string[] {
  return [...outside.keys()].filter(id => !stored.has(id))
}

/**
 * @param unwanted not to be stored, so not to be read again either
 * @returns what of the page is to be planned, and the ids that `leave` leaves out
 */
function splitByLink(
  { leave }: PageTarget,
  page: readonly CrmObject[],
  stored: ReadonlyMap<string, AnyRecord>,
  unwanted: ReadonlySet<string>,
): { records: readonly CrmObject[]; left: string[] } {
  const left = page.map(record => record.id).filter(id => isLeft(leave, stored.get(id)))
  return {
    records: page.filter(record => !left.includes(record.id)),
    left: left.filter(id => !unwanted.has(id)),
  }
}
