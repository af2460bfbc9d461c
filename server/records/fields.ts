import type { DealField, LeadField } from '#shared/leads/fields'

/**
 * What kind of value a field holds: decides how it is converted and when two values count as the
 * same.
 */
export type FieldKind = 'text' | 'email' | 'phone' | 'choice' | 'currency' | 'amount' | 'day'

export const fieldKinds: Record<LeadField | DealField, FieldKind> = {
  email: 'email',
  firstName: 'text',
  lastName: 'text',
  phone: 'phone',
  company: 'text',
  jobTitle: 'text',
  lifecycleStage: 'choice',
  name: 'text',
  amount: 'amount',
  currency: 'currency',
  closeDate: 'day',
}

/** HubSpot's property of the owner: kept as it is read, never written. */
export const ownerProperty = 'hubspot_owner_id'

/** Properties that carry a deal's stage. They are mapped by the stage mapping, not as fields. */
export const stageProperties = ['pipeline', 'dealstage'] as const
