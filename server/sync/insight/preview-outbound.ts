import type { ObjectId } from 'mongodb'
import type { Clock } from '../../config/clock'
import type { Collections } from '../../database/collections'
import type { DealDocument, LeadDocument } from '../../database/documents'
import type { ObjectType } from '../../hubspot/crm-types'
import { kindOfType } from '../../records/kinds'
import { leadsOfAssociations } from '../../records/repository/associations'
import { createInsightRepository } from '../../records/repository/insight'
import type { FieldRule } from '../../records/merge-field'
import { outsideOfWrite, pendingWrite, type PendingWriteContext } from '../../records/plan-write'
import { shownValue } from '../../records/values'
import type { Mapping } from '../../mapping/index'
import { labelOf, type Tally } from './tally'

/** Records in sync are counted up to this */
const maxUnchanged = 100_000
const maxWaiting = 10_000

/** What write-back would do, even while it is off: an admin decides by this. */
export function createOutboundPreview({
  collections,
  clock,
  mapping,
}: {
  collections: Collections
  clock: Clock
  mapping: Mapping
}) {
  const stored = createInsightRepository(collections)

  async function contextFor(
    partnerId: ObjectId,
    portalId: string,
    type: ObjectType,
    records: readonly (LeadDocument | DealDocument)[],
  ): Promise<PendingWriteContext> {
    const [rules, stages] = await Promise.all([
      mapping.fieldsFor(partnerId),
      mapping.stagesFor(partnerId, portalId),
    ])
    const deals = records.filter((record): record is DealDocument => 'lead_ids' in record)
    const contacts = await leadsOfAssociations(collections, partnerId, portalId, deals)
    const firstStage = deals.some(deal => deal.hubspot_id === null && deal.stage === null)
      ? await mapping.firstStage(partnerId)
      : null
    return {
      rules: type === 'contacts' ? rules.lead : rules.deal,
      stages,
      firstStage,
      contacts,
      portalId,
      now: clock(),
    }
  }

  return {
    /**
     * @param merged records as inbound would leave them, by our id: they count instead of what is
     *   stored
     */
    async count(
      partnerId: ObjectId,
      portalId: string,
      type: ObjectType,
      merged: ReadonlyMap<string, LeadDocument | DealDocument>,
      tally: Tally,
    ): Promise<void> {
      const kind = kindOfType(type)
      const waiting = await stored.allDirty(kind, { partnerId, portalId }, maxWaiting)
      const records = [
        ...merged.values(),
        ...waiting.filter(record => !merged.has(record._id.toHexString())),
      ]
      const scope = await mapping.scopeFor(partnerId, portalId)
      for (let start = 0; start < records.length; start += 100) {
        const batch = records.slice(start, start + 100)
        const context = await contextFor(partnerId, portalId, type, batch)
        for (const record of batch) {
          const write = pendingWrite(kind, record, context)
          const outside = outsideOfWrite(kind, record, write, scope, context.now)
          if (outside) skip(record, outside.message, tally)
          else judge(record, write, context.rules, tally)
        }
      }
      const settled = await stored.countInSync(kind, partnerId, maxUnchanged)
      tally.count('outbound', 'unchanged', settled)
    },
  }
}

const sampleOf = (record: LeadDocument | DealDocument) => ({
  direction: 'outbound' as const,
  label: labelOf(record),
  hubspotId: record.hubspot_id,
  changes: [],
})

function skip(record: LeadDocument | DealDocument, why: string, tally: Tally): void {
  tally.count('outbound', 'skip', 1)
  tally.sample({ ...sampleOf(record), action: 'skip', why })
}

function judge(
  record: LeadDocument | DealDocument,
  write: ReturnType<typeof pendingWrite>,
  rules: readonly FieldRule[],
  tally: Tally,
): void {
  if (write === 'nothing') return
  if (write === 'waiting' || write === 'stage_not_mapped') {
    const why =
      write === 'waiting'
        ? 'Its leads have to reach HubSpot first.'
        : 'No HubSpot stage is chosen to write its stage to.'
    skip(record, why, tally)
    return
  }
  tally.count('outbound', write.action, 1)
  const changes = Object.entries(write.properties).map(([property, to]) => {
    const rule = rules.find(one => one.property === property)
    const shown = (text: string | null) => (rule ? shownValue(rule, text) : text)
    return {
      field: rule?.field ?? property,
      from: shown(record.remote?.[property] ?? null),
      to: shown(to === '' ? null : to),
    }
  })
  tally.sample({
    ...sampleOf(record),
    action: write.action,
    changes,
    why: record.sync.state === 'failed' ? 'HubSpot refused this before.' : null,
  })
}
