import type { ObjectId } from 'mongodb'
import type { Preview, PreviewSample } from '#shared/contracts/insight'
import { texts } from '#shared/texts/en'
import type { Clock } from '../../config/clock'
import type { Collections } from '../../database/collections'
import type { DealDocument, LeadDocument } from '../../database/documents'
import type { Crm, CrmObject, ObjectType } from '../../hubspot/crm-types'
import type { Mapping } from '../../mapping/index'
import { askHubspot } from '../../mapping/hubspot-refusals'
import { connectedPortal } from '../../mapping/portal'
import type { Inbound } from '../inbound/apply'
import type { PagePlan } from '../inbound/plan'
import { createOutboundPreview } from './preview-outbound'
import { createTally, labelOf, type Tally } from './tally'

export interface PreviewDeps {
  collections: Collections
  clock: Clock
  mapping: Mapping
  inbound: Inbound
  crmFor: (partnerId: ObjectId) => Crm
}

const fieldNames: Record<string, string> = { ...texts.leads.field, ...texts.leads.dealField }
const pageSize = 100
/**
 * So many records of each object are read at most, and for so long: a person waits for the answer.
 */
const maxRecords = 10_000
const maxMs = 20_000

/**
 * What the next sync would link, create, change and skip, each way. Nothing is written. HubSpot's
 * records are read page by page, within the portal's request budget; of an account larger than can
 * be read in that time the answer covers what was read (`examined`) and says so (`complete`).
 */
export function createPreview({ collections, clock, mapping, inbound, crmFor }: PreviewDeps) {
  const outbound = createOutboundPreview({ collections, clock, mapping })

  async function previewObject(
    partnerId: ObjectId,
    portalId: string,
    type: ObjectType,
    deadline: number,
  ): Promise<Preview['contacts']> {
    const crm = crmFor(partnerId)
    const properties = await mapping.propertiesToRead(partnerId, type)
    const tally = createTally()
    const merged = new Map<string, LeadDocument | DealDocument>()
    let examined = 0
    let after: string | undefined
    do {
      const page = await crm.listPage(type, {
        limit: pageSize,
        properties,
        associations: type === 'deals' ? ['contacts'] : [],
        ...(after === undefined ? {} : { after }),
      })
      examined += page.results.length
      const target = { partnerId, portalId, crm }
      if (type === 'contacts') {
        const plan = await inbound.planner.planContacts(target, page.results)
        tally.count('inbound', 'skip', plan.erased.size)
        countPage(tally, page.results, plan, merged)
      } else {
        countPage(
          tally,
          page.results,
          await inbound.planner.planDeals(target, page.results),
          merged,
        )
      }
      after = page.after !== null && page.results.length > 0 ? page.after : undefined
    } while (after !== undefined && examined < maxRecords && clock().getTime() < deadline)
    await outbound.count(partnerId, portalId, type, merged, tally)
    return { ...tally.result(), examined, complete: after === undefined }
  }

  return async function preview(partnerId: ObjectId): Promise<Preview> {
    const portalId = await connectedPortal(collections, partnerId)
    const start = clock().getTime()
    const contacts = await askHubspot(() =>
      previewObject(partnerId, portalId, 'contacts', start + maxMs),
    )
    const deals = await askHubspot(() =>
      previewObject(partnerId, portalId, 'deals', start + 2 * maxMs),
    )
    return { contacts, deals }
  }
}
export type PreviewFunction = ReturnType<typeof createPreview>

/**
 * Counts one page's plans. @param merged takes the records that would be dirty afterwards, by our
 * id: outbound goes on from there
 */
function countPage<D extends LeadDocument | DealDocument>(
  tally: Tally,
  records: readonly CrmObject[],
  { plans, stored }: PagePlan<D>,
  merged: Map<string, LeadDocument | DealDocument>,
): void {
  for (const record of records) {
    const plan = plans.get(record.id)
    if (!plan) continue
    const before = stored.get(record.id)
    if (before && (plan.next.dirty || before.dirty))
      merged.set(plan.next._id.toHexString(), plan.next)
    const { action, why } = judge(before, plan, record)
    tally.count('inbound', action, 1)
    if (action === 'unchanged') continue
    const changes = plan.reports
      .filter(
        report =>
          report.local !==
            ((before?.values as Record<string, string | null> | undefined) ?? {})[report.field] &&
          !(before === undefined && report.local === null),
      )
      .map(({ field, local }) => ({
        field,
        from: (before?.values as Record<string, string | null> | undefined)?.[field] ?? null,
        to: local,
      }))
    if (
      before &&
      'lead_ids' in before &&
      'lead_ids' in plan.next &&
      before.stage !== plan.next.stage
    )
      changes.push({ field: 'stage', from: before.stage, to: plan.next.stage })
    tally.sample({
      direction: 'inbound',
      action,
      label: labelOf(plan.next),
      hubspotId: record.id,
      changes,
      why,
    })
  }
}

function judge<D extends LeadDocument | DealDocument>(
  before: D | undefined,
  plan: PagePlan<D>['plans'] extends Map<string, infer P> ? P : never,
  record: CrmObject,
): { action: PreviewSample['action']; why: string | null } {
  if (!before) return { action: 'create', why: null }
  if (before.hubspot_id !== record.id)
    return { action: 'link', why: 'The e-mail address is the same.' }
  if (plan.reports.length === 0) return { action: 'skip', why: 'A newer version is already here.' }
  const conflict = plan.reports.find(report => report.conflict)
  if (conflict)
    return {
      action: 'conflict',
      why: `${fieldNames[conflict.field] ?? conflict.field}: ${texts.activity.rules[conflict.rule] ?? conflict.rule}.`,
    }
  return { action: plan.outcome === 'unchanged' ? 'unchanged' : 'update', why: null }
}
