import type { HubspotIntegrationDocument } from '../database/documents'

export type Integration = HubspotIntegrationDocument

/** Statuses in which the partner owns its portal and holds a grant, be it a dead one. */
export const owningStatuses = ['connected', 'degraded', 'revoked'] as const
/** Statuses in which the grant may be used and refreshed. */
export const usableStatuses = ['connected', 'degraded'] as const

export function isOwning(integration: Integration | null): integration is Integration {
  return integration !== null && integration.status !== 'disconnected'
}

/** @returns whether an account is or was connected; a grant alone may wait for its first yes */
export function wasConnected(integration: Integration | null): integration is Integration {
  return (
    integration !== null &&
    (integration.status !== 'disconnected' || integration.last_portal_id !== null)
  )
}

/** What an integration holds while nothing is connected. */
export const notConnected: Omit<Integration, 'pending_grant'> = {
  access_token: null,
  refresh_token: null,
  expires_at: null,
  expires_in: null,
  connected_at: null,
  last_synced_at: null,
  scopes: [],
  status: 'disconnected',
  portal_id: null,
  last_portal_id: null,
  account: null,
  connected_by: null,
  token_version: 0,
  refresh_lease: null,
  refresh_failures: 0,
  retry_refresh_at: null,
  reason: null,
  write_back: false,
  paused: false,
  next_sync_at: null,
  remote_cleanup: null,
}
