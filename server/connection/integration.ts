import type { HubspotIntegrationDocument } from '../database/documents'

export type Integration = HubspotIntegrationDocument

/** Statuses in which the partner owns its portal and holds a grant, be it a dead one. */
export const owningStatuses = ['connected', 'degraded', 'revoked'] as const
/** Statuses in which the grant may be used and refreshed. */
export const usableStatuses = ['connected', 'degraded'] as const

export function isOwning(integration: Integration | null): integration is Integration {
  return integration !== null && integration.status !== 'disconnected'
}

/** Spec §6.5: a token that is handed out has at least five minutes left. */
const refreshMarginMs = 5 * 60 * 1000

/**
 * @returns whether the stored access token may still be handed out. Where HubSpot issues tokens
 *   that live no longer than the margin, half of their life is the most that can be asked for.
 */
export function isFresh(
  {
    expires_at,
    expires_in,
    access_token,
  }: Pick<Integration, 'expires_at' | 'expires_in' | 'access_token'>,
  now: Date,
): boolean {
  if (!expires_at || !access_token) return false
  const lifetimeMs = (expires_in ?? 1800) * 1000
  const marginMs = lifetimeMs > refreshMarginMs ? refreshMarginMs : lifetimeMs / 2
  return expires_at.getTime() - now.getTime() >= marginMs
}

/** A lease that nobody holds: kept instead of `null` so that its fence goes on growing. */
export const leaseReleased = new Date(0)

/** Reasons that a good refresh takes away; others belong to whoever set them. */
export const refreshReasons: readonly string[] = [
  'hubspot_unavailable',
  'insufficient_scope',
  'grant_revoked',
  'token_unreadable',
  'hubspot_configuration',
]
