import type { DealField, LeadField, OwnFieldType } from '#shared/leads/fields'

/**
 * What kind of value a field holds: decides how it is converted and when two values count as the
 * same.
 */
export type FieldKind =
  | 'text'
  | 'email'
  | 'phone'
  | 'choice'
  | 'currency'
  | 'amount'
  | 'day'
  | 'instant'
  | 'boolean'
  | 'option'
  | 'options'

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

/** The kind of value in a field that an admin added, by its type. */
export const ownFieldKinds: Record<OwnFieldType, FieldKind> = {
  text: 'text',
  number: 'amount',
  date: 'day',
  datetime: 'instant',
  boolean: 'boolean',
  choice: 'option',
  choices: 'options',
}

/** HubSpot's property of the owner: kept as it is read, never written. */
export const ownerProperty = 'hubspot_owner_id'

/** Properties that carry a deal's stage. They are mapped by the stage mapping, not as fields. */
export const stageProperties = ['pipeline', 'dealstage'] as const
