import type { ObjectId } from 'mongodb'
import type { Collections } from './collections'
import type { HubspotIntegrationDocument } from './documents'

/** @returns the portal that a partner is connected with, be its grant a dead one */
export function connectedPortalOf(
  integration: Pick<HubspotIntegrationDocument, 'status' | 'portal_id'> | null | undefined,
): string | null {
  return integration && integration.status !== 'disconnected' ? integration.portal_id : null
}

/** @returns the partner that owns each portal now; a disconnected portal has no owner */
export async function partnersOfPortals(
  partners: Collections['partners'],
  portalIds: string[],
): Promise<Map<string, ObjectId>> {
  const owners = await partners
    .find(
      { 'hubspot_integration.portal_id': { $in: portalIds } },
      { projection: { 'hubspot_integration.portal_id': 1, 'hubspot_integration.status': 1 } },
    )
    .toArray()
  return new Map(
    owners.flatMap(({ _id, hubspot_integration }) => {
      const portalId = connectedPortalOf(hubspot_integration)
      return portalId ? [[portalId, _id] as const] : []
    }),
  )
}
