import type { ObjectId } from 'mongodb'
import type { Explain, ExplainField } from '#shared/contracts/insight'
import type { Collections } from '../../database/collections'
import type { DealDocument, LeadDocument } from '../../database/documents'
import { lastPortalOf, partnerLink } from '../../leads/partner-link-repository'
import { isParted, neverAgain } from '../../records/sync-state'
import { createInsightRepository } from '../../records/repository/insight'
import { kinds } from '../../records/kinds'
import { presentDeal, presentLead } from '../../records/presenters'
import type { Mapping } from '../../mapping/index'
import { mergeStage } from '../../records/merge-stage'
import type { FieldRule } from '../../records/merge-field'
import { reportsOf } from '../../records/merge-record'

type Found = { record: LeadDocument | DealDocument; matchedBy: 'id' | 'hubspot_id' | 'email' }

/**
 * Why one record is or is not in sync, field by field. Answered from what is stored; HubSpot is not
 * asked.
 */
export function createExplain({
  collections,
  mapping,
}: {
  collections: Collections
  mapping: Pick<Mapping, 'fieldsFor' | 'stagesFor' | 'ownFieldsOf'>
}) {
  const records = createInsightRepository(collections)

  async function find(partnerId: ObjectId, q: string): Promise<Found | null> {
    if (/^[0-9a-f]{24}$/i.test(q)) {
      const record = await records.byId(partnerId, q)
      return record && { record, matchedBy: 'id' }
    }
    if (/^\d{1,20}$/.test(q)) {
      const portalId = await lastPortalOf(collections, partnerId)
      const record = portalId && (await records.byHubspotId({ partnerId, portalId }, q))
      return record ? { record, matchedBy: 'hubspot_id' } : null
    }
    const record = await records.byEmail(partnerId, q)
    return record && { record, matchedBy: 'email' }
  }

  return async function explain(partnerId: ObjectId, q: string): Promise<Explain> {
    const found = await find(partnerId, q)
    if (!found)
      return { record: null, matchedBy: null, fields: [], lastError: null, nextTryAt: null }
    const { record, matchedBy } = found
    const [rules, own, { isWritingBack }] = await Promise.all([
      mapping.fieldsFor(partnerId),
      mapping.ownFieldsOf(partnerId),
      partnerLink(collections, partnerId),
    ])
    const object = 'lead_ids' in record ? 'deal' : 'lead'
    const fields = explainFields(
      record,
      rules[object],
      [...kinds[object].fields, ...own[object].map(field => field.key)],
      isWritingBack,
    )
    if ('lead_ids' in record) {
      const stages = await mapping.stagesFor(partnerId, record.portal_id ?? '')
      const mapped = stages.toOurs(record.hubspot_pipeline_id, record.hubspot_stage_id)
      const { isPending } = mergeStage(record, mapped)
      const target =
        isPending && record.stage !== null
          ? stages.toHubspot(record.stage, record.hubspot_pipeline_id)
          : null
      fields.push({
        field: 'stage',
        property: 'dealstage',
        base: record.stage_base,
        local: record.stage,
        remote: record.hubspot_stage_id,
        ...(mapped === undefined
          ? { decision: 'kept', rule: 'mapping_paused' }
          : isPending
            ? target
              ? {
                  decision: isWritingBack ? 'took_local' : 'kept',
                  rule: isWritingBack ? 'only_local_changed' : 'write_back_off',
                }
              : { decision: 'refused', rule: 'stage_not_mapped' }
            : mapped === null
              ? { decision: 'not_mapped', rule: 'stage_not_mapped' }
              : { decision: 'equal', rule: 'same_on_both_sides' }),
      })
    }
    const nextTryAt = record.dirty ? record.sync.next_try_at : null
    return {
      record:
        'lead_ids' in record
          ? { object: 'deal', deal: presentDeal(record, own.deal) }
          : { object: 'lead', lead: presentLead(record, own.lead) },
      matchedBy,
      fields,
      lastError: record.sync.error,
      nextTryAt: nextTryAt && nextTryAt < neverAgain ? nextTryAt.toISOString() : null,
    }
  }
}
export type ExplainFunction = ReturnType<typeof createExplain>

function explainFields(
  record: LeadDocument | DealDocument,
  rules: readonly FieldRule[],
  all: readonly string[],
  isWritingBack: boolean,
): ExplainField[] {
  const reports = reportsOf(record, rules)
  const values: Record<string, string | null> = { ...record.values }
  return all.map((field): ExplainField => {
    const report = reports.find(one => one.field === field)
    const local = values[field] ?? null
    if (!report)
      return {
        field,
        property: null,
        base: null,
        local,
        remote: null,
        decision: 'not_mapped',
        rule: 'not_mapped',
      }
    const shared = {
      field,
      property: report.property,
      base: report.base,
      local,
      remote: report.remote,
    }
    if (isParted(record)) return { ...shared, decision: 'kept', rule: 'hubspot_record_gone' }
    if (report.write && !isWritingBack)
      return { ...shared, decision: 'kept', rule: 'write_back_off' }
    // The sides are equal again: show what settled it.
    const settled =
      report.decision === 'equal'
        ? record.decisions.find(decision => decision.field === field)
        : undefined
    return {
      ...shared,
      decision: settled?.decision ?? report.decision,
      rule: settled?.rule ?? report.rule,
    }
  })
}
