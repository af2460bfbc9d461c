import type { Deal, Lead, Sync } from '#shared/contracts/leads'
import type { DealDocument, LeadDocument, SyncStateDocument } from '../database/documents'
import { ownerProperty } from './fields'
import { presentOwnValues, type OwnField } from './own-values'
import { isDetached } from './sync-state'

/** What leaves the server of a lead. @param own the fields that admins added to leads */
export function presentLead(lead: LeadDocument, own: readonly OwnField[]): Lead {
  const { values } = lead
  // Ids of another account name strangers in the one that is connected now.
  const isOfFormer = isDetached(lead)
  return {
    id: lead._id.toHexString(),
    hubspotId: isOfFormer ? null : lead.hubspot_id,
    email: values.email,
    firstName: values.firstName,
    lastName: values.lastName,
    phone: values.phone,
    company: values.company,
    jobTitle: values.jobTitle,
    lifecycleStage: values.lifecycleStage,
    fields: presentOwnValues(own, values),
    hubspotOwnerId: isOfFormer ? null : (lead.remote?.[ownerProperty] ?? null),
    sync: presentSync(lead.sync),
    createdAt: lead.created_at.toISOString(),
    updatedAt: lead.updated_at.toISOString(),
    revision: lead.revision,
  }
}

/** What leaves the server of a deal. @param own the fields that admins added to deals */
export function presentDeal(deal: DealDocument, own: readonly OwnField[]): Deal {
  const { values } = deal
  // Ids of another account name strangers in the one that is connected now.
  const isOfFormer = isDetached(deal)
  return {
    id: deal._id.toHexString(),
    hubspotId: isOfFormer ? null : deal.hubspot_id,
    leadIds: deal.lead_ids.map(id => id.toHexString()),
    name: values.name,
    amount: values.amount,
    currency: values.currency,
    closeDate: values.closeDate,
    fields: presentOwnValues(own, values),
    stage: deal.stage,
    hubspotPipelineId: isOfFormer ? null : deal.hubspot_pipeline_id,
    hubspotStageId: isOfFormer ? null : deal.hubspot_stage_id,
    hubspotOwnerId: isOfFormer ? null : (deal.remote?.[ownerProperty] ?? null),
    sync: presentSync(deal.sync),
    createdAt: deal.created_at.toISOString(),
    updatedAt: deal.updated_at.toISOString(),
    revision: deal.revision,
  }
}

function presentSync(sync: SyncStateDocument): Sync {
  return {
    state: sync.state,
    lastInAt: sync.last_in_at?.toISOString() ?? null,
    lastOutAt: sync.last_out_at?.toISOString() ?? null,
    error: sync.error,
    ...(sync.scope && sync.state === 'out_of_scope'
      ? { outOfScope: { ...sync.scope, since: sync.scope.since.toISOString() } }
      : {}),
  }
}
