/**
 * Our deal stages, in the order a deal passes them. HubSpot's stages are mapped onto these, never
 * the other way.
 */
export const dealStages = ['new', 'contacted', 'qualified', 'proposal', 'won', 'lost'] as const
export type DealStage = (typeof dealStages)[number]

export const dealStageLabels: Record<DealStage, string> = {
  new: 'New',
  contacted: 'Contacted',
  qualified: 'Qualified',
  proposal: 'Proposal',
  won: 'Won',
  lost: 'Lost',
}
