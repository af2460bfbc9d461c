import type { DealDocument, LeadDocument } from '../database/documents'
import type { CrmObject } from '../hubspot/crm-types'
import type { StageRules } from './stage-rules'
import { evaluateDeal, evaluateLead, instant, mergeAssociations } from './merge-record'
import type { FieldRule } from './merge-field'
import { remember } from './history'

export interface Written {
  portalId: string
  /** What was sent, by property */
  sent: Record<string, string>
  /** What HubSpot answered */
  object: Pick<CrmObject, 'id' | 'properties' | 'updatedAt'>
  /** Associations made and parted with the write (deals) */
  associations?: { added: string[]; removed: string[] }
}

interface Context {
  rules: readonly FieldRule[]
  stages: StageRules
  contacts: readonly LeadDocument[]
  now: Date
}

/**
 * The record after a write that HubSpot took: what was sent is what both sides agreed on; HubSpot's
 * answer is merged on top of that. Pure.
 */
export function afterWrite<D extends LeadDocument | DealDocument>(
  current: D,
  { portalId, sent, object, associations }: Written,
  context: Context,
): D {
  // The link moved on while the write was under way, as HubSpot merged the record into another one:
  // what that one lacks is written next.
  if (
    current.hubspot_id !== null &&
    current.portal_id === portalId &&
    current.hubspot_id !== object.id
  )
    return { ...current, lease: null }
  const agreed = Object.fromEntries(
    Object.entries(sent).map(([property, text]) => [property, text === '' ? null : text]),
  )
  const answeredAt = instant(object.updatedAt)
  // Something newer has arrived while the write was under way: the answer says nothing more about
  // the present.
  const isOvertaken =
    current.hubspot_id === object.id &&
    answeredAt !== null &&
    current.hubspot_modified_at !== null &&
    answeredAt < current.hubspot_modified_at
  const written: D = {
    ...current,
    portal_id: portalId,
    hubspot_id: object.id,
    archived_at: current.hubspot_id === object.id ? current.archived_at : null,
    create_intent: null,
    lease: null,
    base: { ...current.base, ...agreed },
    remote: isOvertaken ? current.remote : { ...current.remote, ...agreed },
    sync: {
      ...current.sync,
      last_out_at: context.now,
      error: null,
      attempts: 0,
      next_try_at: null,
      state: current.sync.state === 'failed' ? 'pending' : current.sync.state,
    },
    updated_at: context.now,
  }
  const incoming = isOvertaken
    ? null
    : {
        updatedAt: object.updatedAt,
        properties: { ...agreed, ...answered(object.properties, sent) },
      }
  const next =
    'lead_ids' in written
      ? evaluateDeal(agreeOnDeal(written, agreed, associations, context), incoming, context).next
      : evaluateLead(written, incoming, context).next
  const fields = context.rules
    .filter(rule => Object.hasOwn(agreed, rule.property))
    .map(rule => ({
      field: rule.field,
      from: current.base?.[rule.property] ?? null,
      to: agreed[rule.property] ?? null,
    }))
  if ('lead_ids' in current && 'dealstage' in agreed)
    fields.push({ field: 'stage', from: current.stage_base, to: current.stage })
  const isReformatted = JSON.stringify(next.values) !== JSON.stringify(current.values)
  const isCreated = current.hubspot_id === null
  return remember(
    { ...next, revision: current.revision + (isReformatted ? 1 : 0) } as D,
    fields.length > 0 || isCreated
      ? [{ at: context.now, side: 'ours', kind: 'written', fields: isCreated ? [] : fields }]
      : [],
  )
}

/**
 * HubSpot answers a write with its default properties besides ours; one that we did not send may be
 * missing or stale there, and is left to the next read.
 */
function answered(
  properties: Record<string, string | null>,
  sent: Record<string, string>,
): Record<string, string | null> {
  return Object.fromEntries(
    Object.entries(properties).filter(
      ([property, text]) => Object.hasOwn(sent, property) && text !== undefined,
    ),
  )
}

function agreeOnDeal(
  deal: DealDocument,
  agreed: Record<string, string | null>,
  associations: Written['associations'],
  { stages, contacts }: Context,
): DealDocument {
  const pipelineId = agreed.pipeline ?? deal.hubspot_pipeline_id
  const stageId = agreed.dealstage ?? deal.hubspot_stage_id
  const stageBase =
    agreed.dealstage === undefined
      ? deal.stage_base
      : (stages.toOurs(pipelineId, stageId) ?? deal.stage_base)
  const leads = new Map(
    contacts.flatMap(lead =>
      lead.hubspot_id === null ? [] : [[lead.hubspot_id, lead._id] as const],
    ),
  )
  const known = new Set([...deal.hubspot_contact_ids, ...(associations?.added ?? [])])
  for (const id of associations?.removed ?? []) known.delete(id)
  // What was just written is agreed: only then does the set count as HubSpot's.
  const settled = mergeAssociations(
    { ...deal, hubspot_contact_ids: [...known].sort() },
    { remote: undefined, leads },
  )
  return {
    ...settled,
    hubspot_pipeline_id: pipelineId,
    hubspot_stage_id: stageId,
    stage_base: stageBase,
  }
}
