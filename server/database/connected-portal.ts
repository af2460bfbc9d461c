import type { HubspotIntegrationDocument } from './documents'

/** @returns the portal that a partner is connected with, be its grant a dead one */
export function connectedPortalOf(
  integration: Pick<HubspotIntegrationDocument, 'status' | 'portal_id'> | null | undefined,
): string | null {
  return integration && integration.status !== 'disconnected' ? integration.portal_id : null
}
