import type { Deal, Lead, Sync } from '#shared/contracts/leads'
import type { DealDocument, LeadDocument, SyncStateDocument } from '../database/documents'
import { ownerProperty } from './fields'

/** What leaves the server of a lead. */
export function presentLead(lead: LeadDocument): Lead {
  return {
    id: lead._id.toHexString(),
    hubspotId: lead.hubspot_id,
    ...lead.values,
    hubspotOwnerId: lead.remote?.[ownerProperty] ?? null,
    sync: presentSync(lead.sync),
    createdAt: lead.created_at.toISOString(),
    updatedAt: lead.updated_at.toISOString(),
    revision: lead.revision,
  }
}

/** What leaves the server of a deal. */
export function presentDeal(deal: DealDocument): Deal {
  return {
    id: deal._id.toHexString(),
    hubspotId: deal.hubspot_id,
    leadIds: deal.lead_ids.map(id => id.toHexString()),
    ...deal.values,
    stage: deal.stage,
    hubspotPipelineId: deal.hubspot_pipeline_id,
    hubspotStageId: deal.hubspot_stage_id,
    hubspotOwnerId: deal.remote?.[ownerProperty] ?? null,
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
  }
}
