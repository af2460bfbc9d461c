/** The editable fields of a lead, by the names of the HTTP contract. */
export const leadFields = [
  'email',
  'firstName',
  'lastName',
  'phone',
  'company',
  'jobTitle',
  'lifecycleStage',
] as const
export type LeadField = (typeof leadFields)[number]

/**
 * The editable fields of a deal that travel as properties (`stage` travels through the stage
 * mapping, `leadIds` as associations).
 */
export const dealFields = ['name', 'amount', 'currency', 'closeDate'] as const
export type DealField = (typeof dealFields)[number]

/** The columns that lists can be sorted by. Each has an index (`server/leads/list-fields.ts`). */
export const leadSorts = [
  'updatedAt',
  'createdAt',
  'name',
  'firstName',
  'lastName',
  'email',
  'company',
  'jobTitle',
  'lifecycleStage',
  'syncState',
] as const
export type LeadSort = (typeof leadSorts)[number]
export const dealSorts = [
  'updatedAt',
  'createdAt',
  'name',
  'amount',
  'stage',
  'closeDate',
  'syncState',
] as const
export type DealSort = (typeof dealSorts)[number]

export const syncStates = ['in_sync', 'pending', 'failed', 'unlinked', 'out_of_scope'] as const
export type SyncState = (typeof syncStates)[number]

export const fieldDirections = ['in', 'out', 'both'] as const
export type FieldDirection = (typeof fieldDirections)[number]

export const conflictPolicies = [
  'hubspot_wins',
  'local_wins',
  'latest_wins',
  'fill_if_empty',
] as const
export type ConflictPolicy = (typeof conflictPolicies)[number]

/** What a field that an admin added holds. */
export const ownFieldTypes = [
  'text',
  'number',
  'date',
  'datetime',
  'boolean',
  'choice',
  'choices',
] as const
export type OwnFieldType = (typeof ownFieldTypes)[number]
