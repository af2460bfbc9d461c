import type { ObjectId } from 'mongodb'
import type { Preview, PreviewSample } from '#shared/contracts/insight'
import type { Clock } from '../../config/clock'
import type { Collections } from '../../database/collections'
import type { AnyRecord } from '../../database/documents'
import type { Crm, CrmObject, ObjectType } from '../../hubspot/crm-types'
import type { Mapping } from '../../mapping/index'
import { askHubspot } from '../../mapping/hubspot-refusals'
import { connectedPortal } from '../../mapping/portal'
import type { Inbound } from '../inbound/apply'
import type { PagePlan, Plan } from '../inbound/page'
import { createOutboundPreview } from './preview-outbound'
import { createTally, labelOf, samplesOfEachKind, type Tally } from './tally'

export interface PreviewDeps {
  collections: Collections
  clock: Clock
  mapping: Mapping
  inbound: Inbound
  crmFor: (partnerId: ObjectId) => Crm
  words: PreviewWords
}

/** What people call our fields and the rules of the merge */
export interface PreviewWords {
  fields: Readonly<Record<string, string>>
  rules: Readonly<Record<string, string>>
}

const pageSize = 100
/** At most so many records of each object are read, for at most so long: a person waits, ms */
const maxRecords = 10_000
const maxMs = 20_000

/**
 * What the next sync would link, create, change and skip, in both directions. Nothing is written.
 * HubSpot's records are read page by page, within the portal's request budget. Of a large account
 * only a part is read: `examined` says how much, `complete` whether it was all.
 */
export function createPreview({
  collections,
  clock,
  mapping,
  inbound,
  crmFor,
  words,
}: PreviewDeps) {
  const outbound = createOutboundPreview({ collections, clock, mapping })

  async function previewObject(
    partnerId: ObjectId,
    portalId: string,
    type: ObjectType,
    deadline: number,
    samples: number,
  ): Promise<Preview['contacts']> {
    const crm = crmFor(partnerId)
    const properties = await mapping.propertiesToRead(partnerId, type)
    const tally = createTally(samples)
    const merged = new Map<string, AnyRecord>()
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
      const plan = await inbound.planPage(target, type, page.results)
      tally.count('inbound', 'skip', plan.erased.size)
      countPage(tally, page.results, plan, merged, words)
      after = page.after !== null && page.results.length > 0 ? page.after : undefined
    } while (after !== undefined && examined < maxRecords && clock().getTime() < deadline)
    await outbound.count(partnerId, portalId, type, merged, tally)
    return { ...tally.result(), examined, complete: after === undefined }
  }

  /** @param samples of each kind of change, at most */
  return async function preview(
    partnerId: ObjectId,
    samples = samplesOfEachKind,
  ): Promise<Preview> {
    const portalId = await connectedPortal(collections, partnerId)
    const start = clock().getTime()
    const contacts = await askHubspot(() =>
      previewObject(partnerId, portalId, 'contacts', start + maxMs, samples),
    )
    const deals = await askHubspot(() =>
      previewObject(partnerId, portalId, 'deals', start + 2 * maxMs, samples),
    )
    return { contacts, deals }
  }
}
export type PreviewFunction = ReturnType<typeof createPreview>

/**
 * Counts one page's plans.
 * @param merged receives the records that would be dirty afterwards, by our id, for the outbound
 *   preview
 */
function countPage(
  tally: Tally,
  records: readonly CrmObject[],
  { plans, stored }: PagePlan,
  merged: Map<string, AnyRecord>,
  words: PreviewWords,
): void {
  for (const record of records) {
    const plan = plans.get(record.id)
    if (!plan) continue
    const before = stored.get(record.id)
    if (before && (plan.next.dirty || before.dirty))
      merged.set(plan.next._id.toHexString(), plan.next)
    const { action, why } = judge(before, plan, record, words)
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

function judge(
  before: AnyRecord | undefined,
  plan: Plan,
  record: CrmObject,
  words: PreviewWords,
): { action: PreviewSample['action']; why: string | null } {
  if (!before) return { action: 'create', why: null }
  if (before.hubspot_id !== record.id)
    return { action: 'link', why: 'The e-mail address is the same.' }
  if (plan.reports.length === 0) return { action: 'skip', why: 'A newer version is already here.' }
  const conflict = plan.reports.find(report => report.conflict)
  if (conflict)
    return {
      action: 'conflict',
      why: `${words.fields[conflict.field] ?? conflict.field}: ${words.rules[conflict.rule] ?? conflict.rule}.`,
    }
  return { action: plan.outcome === 'unchanged' ? 'unchanged' : 'update', why: null }
}
