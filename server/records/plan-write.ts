import type {
  AnyRecord,
  AssociationsDocument,
  DocumentOf,
  KindName,
  LeadDocument,
} from '../database/documents'
import { hasAssociations, hasStage, type RecordKind } from './kinds'
import type { FieldRule } from './merge-field'
import { isRefusedForGood } from './sync-state'
import { mergeRecord, type MergeContext } from './merge-record'
import type { HubspotStage } from './merge-stage'
import { factsOfNew, outsideOf, type Outside, type ScopeRules } from './scope'
import { toHubspot } from './values'

interface Write<D> {
  /** As claimed; hand its `revision` back when the write fails */
  record: D
  /** By property; the empty text clears. May be empty when only associations changed */
  properties: Record<string, string>
  /** Our fields that the properties come from */
  fields: string[]
  /** HubSpot contact ids to associate with, and to part from (deals) */
  associations: { add: string[]; remove: string[] }
}

export interface PendingCreate<D> extends Write<D> {
  action: 'create'
}

export interface PendingUpdate<D> extends Write<D> {
  action: 'update'
  /** The object to change */
  hubspotId: string
}

export type PendingWrite<D> = PendingCreate<D> | PendingUpdate<D>

/** Why a dirty record writes nothing now. */
export type NoWrite = 'nothing' | 'waiting' | 'stage_not_mapped'

export interface PendingWriteContext extends MergeContext {
  /** Where a new deal without a stage of ours goes */
  firstStage: HubspotStage | null
  /** The leads of the deals, and those of their HubSpot contacts */
  contacts: readonly LeadDocument[]
  portalId: string
}

/** What a dirty record has to write to HubSpot, or why nothing. Pure. */
export function pendingWrite<K extends KindName>(
  kind: RecordKind<K>,
  record: DocumentOf<K>,
  context: PendingWriteContext,
): PendingWrite<DocumentOf<K>> | NoWrite {
  const { add, remove, isWaiting } = hasAssociations(record)
    ? pendingAssociations(record, context)
    : { add: [], remove: [], isWaiting: false }
  if (record.hubspot_id !== null) {
    const { writes } = mergeRecord(kind, record, null, context)
    const isRelinked = add.length + remove.length > 0
    if (Object.keys(writes).length === 0 && !isRelinked) return isWaiting ? 'waiting' : 'nothing'
    return {
      record,
      action: 'update',
      hubspotId: record.hubspot_id,
      properties: writes,
      fields: fieldsOf(writes, context.rules, isRelinked),
      associations: { add, remove },
    }
  }
  const properties = createProperties(record, context.rules)
  if (hasStage(record)) {
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

/**
 * Why what waits in a record is not to be written: it went out of what is synced meanwhile, or its
 * object would be outside from the start. @param scope what is synced; `null`: everything
 */
export function outsideOfWrite<D extends AnyRecord>(
  kind: Pick<RecordKind, 'name'>,
  record: D,
  write: PendingWrite<D> | NoWrite,
  scope: ScopeRules | null,
  now: Date,
): Outside | null {
  if (record.sync.scope) return record.sync.scope
  if (scope === null || typeof write === 'string' || write.action !== 'create') return null
  return outsideOf(scope, kind.name, factsOfNew(write.properties, now))
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
function createProperties(record: AnyRecord, rules: readonly FieldRule[]): Record<string, string> {
  const properties: Record<string, string> = {}
  const values: Record<string, string | null> = { ...record.values }
  for (const rule of rules) {
    const value = values[rule.field] ?? null
    if (rule.direction !== 'in' && !rule.paused && value !== null)
      properties[rule.property] = toHubspot(rule, value)
  }
  return properties
}

/**
 * A lead whose contact was deleted, or is of another portal, gets no new one: do not wait for it. One
 * that HubSpot refused, or that is left out of what is synced, wakes its deals when it is created.
 */
const isOnItsWay = (lead: LeadDocument) =>
  lead.hubspot_id === null &&
  lead.archived_at === null &&
  !lead.sync.scope &&
  !isRefusedForGood(lead)

function pendingAssociations(
  deal: AssociationsDocument & Pick<AnyRecord, 'sending'>,
  { contacts, portalId }: PendingWriteContext,
) {
  if (!deal.associations_dirty) return { add: [], remove: [], isWaiting: false }
  const isOfDeal = (lead: LeadDocument) => deal.lead_ids.some(id => id.equals(lead._id))
  const own = contacts.filter(isOfDeal)
  const wanted = own.flatMap(lead =>
    lead.portal_id === portalId && lead.hubspot_id !== null && lead.archived_at === null
      ? [lead.hubspot_id]
      : [],
  )
  // Nobody knows whether the latest write took effect: what it did may have to be undone.
  const { added = [], removed = [] } = deal.sending ?? {}
  const remove = [...new Set([...deal.hubspot_contact_ids, ...added])].filter(id =>
    contacts.some(lead => lead.hubspot_id === id && lead.portal_id === portalId && !isOfDeal(lead)),
  )
  return {
    add: [...new Set(wanted)].filter(
      id => !deal.hubspot_contact_ids.includes(id) || removed.includes(id),
    ),
    remove,
    isWaiting: own.some(isOnItsWay),
  }
}
