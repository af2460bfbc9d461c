import type { DealDocument, LeadDocument } from '../database/documents'
import type { HubspotStage, StageRules } from './stage-rules'
import { toHubspot } from './values'
import { evaluateDeal, evaluateLead } from './merge-record'
import type { FieldRule } from './merge-field'

export interface PendingWrite<D> {
  /** As claimed; hand its `revision` back when the write fails */
  record: D
  action: 'create' | 'update'
  /** By property; the empty text clears. May be empty when only associations changed */
  properties: Record<string, string>
  /** Our fields that the properties come from */
  fields: string[]
  /** HubSpot contact ids to associate with, and to part from (deals) */
  associations: { add: string[]; remove: string[] }
}

export interface WriteContext {
  rules: readonly FieldRule[]
  stages: StageRules
  /** Where a new deal without a stage of ours goes */
  firstStage: HubspotStage | null
  /** The leads of the deals, and those of their HubSpot contacts */
  contacts: readonly LeadDocument[]
  portalId: string
  now: Date
}

/** Works out what a dirty record has to write to HubSpot, from the record alone. */
export function pendingWrite<D extends LeadDocument | DealDocument>(
  record: D,
  context: WriteContext,
): PendingWrite<D> | 'nothing' | 'waiting' | 'stage_not_mapped' {
  const associations =
    'lead_ids' in record
      ? pendingAssociations(record, context)
      : { add: [], remove: [], waiting: false }
  const { add, remove, waiting } = associations
  if (record.hubspot_id !== null) {
    const { writes } =
      'lead_ids' in record
        ? evaluateDeal(record, null, context)
        : evaluateLead(record, null, context)
    if (Object.keys(writes).length + add.length + remove.length > 0)
      return {
        record,
        action: 'update',
        properties: writes,
        fields: fieldsOf(writes, context.rules, add.length + remove.length > 0),
        associations: { add, remove },
      }
    return waiting ? 'waiting' : 'nothing'
  }
  const properties = createProperties(record, context.rules)
  if ('lead_ids' in record) {
    const target =
      record.stage === null ? context.firstStage : context.stages.toHubspot(record.stage, null)
    if (!target) return 'stage_not_mapped'
    properties.pipeline = target.pipelineId
    properties.dealstage = target.stageId
  }
  return {
    record,
    action: 'create',
    properties,
    fields: fieldsOf(properties, context.rules, add.length > 0),
    associations: { add, remove: [] },
  }
}

function fieldsOf(
  properties: Record<string, string>,
  rules: readonly FieldRule[],
  isRelinked: boolean,
): string[] {
  const fields = rules
    .filter(rule => Object.hasOwn(properties, rule.property))
    .map(rule => rule.field)
  return [
    ...fields,
    ...('dealstage' in properties ? ['stage'] : []),
    ...(isRelinked ? ['leadIds'] : []),
  ]
}

/** Every value that may go out. A value that is missing here is left to HubSpot. */
function createProperties(
  record: LeadDocument | DealDocument,
  rules: readonly FieldRule[],
): Record<string, string> {
  const properties: Record<string, string> = {}
  const values: Record<string, string | null> = { ...record.values }
  for (const rule of rules) {
    const value = values[rule.field] ?? null
    if (rule.direction !== 'in' && value !== null)
      properties[rule.property] = toHubspot(rule.kind, value, rule.type)
  }
  return properties
}

/**
 * A lead whose contact was deleted, or is another account's, gets no new one: nobody waits for it.
 */
const isOnItsWay = (lead: LeadDocument) => lead.hubspot_id === null && lead.archived_at === null

function pendingAssociations(deal: DealDocument, { contacts, portalId }: WriteContext) {
  if (!deal.associations_dirty) return { add: [], remove: [], waiting: false }
  const own = contacts.filter(lead => deal.lead_ids.some(id => id.equals(lead._id)))
  const linked = own.filter(
    lead => lead.portal_id === portalId && lead.hubspot_id !== null && lead.archived_at === null,
  )
  const wanted = linked.map(lead => lead.hubspot_id).filter(id => id !== null)
  const remove = deal.hubspot_contact_ids.filter(id =>
    contacts.some(
      lead =>
        lead.hubspot_id === id &&
        lead.portal_id === portalId &&
        !deal.lead_ids.some(one => one.equals(lead._id)),
    ),
  )
  return {
    add: [...new Set(wanted)].filter(id => !deal.hubspot_contact_ids.includes(id)),
    remove,
    waiting: own.some(isOnItsWay),
  }
}
