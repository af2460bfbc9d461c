/**
 * Where envelopes stand below `hubspot_integration`; each name is part of what its envelope is
 * bound to.
 */
export const sealedFields = [
  'access_token',
  'refresh_token',
  'pending_grant.access_token',
  'pending_grant.refresh_token',
  'remote_cleanup.access_token',
  'remote_cleanup.refresh_token',
] as const
export type SealedField = (typeof sealedFields)[number]
