import type { ObjectId } from 'mongodb'
import { connectedPortalOf } from '../database/connected-portal'
import type { Collections } from '../database/collections'

export interface PartnerLink {
  portalId: string | null
  /** Records are kept in step with it: connected, and the grant not lost */
  isLinked: boolean
  /** Local changes are to reach HubSpot */
  isWritingBack: boolean
}

/** Whether and how a partner is connected, as far as its records care. */
export async function partnerLink(
  { partners }: Pick<Collections, 'partners'>,
  partnerId: ObjectId,
): Promise<PartnerLink> {
  const partner = await partners.findOne(
    { _id: partnerId },
    {
      projection: {
        'hubspot_integration.portal_id': 1,
        'hubspot_integration.write_back': 1,
        'hubspot_integration.status': 1,
      },
    },
  )
  const integration = partner?.hubspot_integration
  const portalId = connectedPortalOf(integration)
  return {
    portalId,
    isLinked: portalId !== null && integration?.status !== 'revoked',
    isWritingBack: portalId !== null && integration?.write_back === true,
  }
}

/** @returns the portal that is connected, or was connected last */
export async function lastPortalOf(
  { partners }: Pick<Collections, 'partners'>,
  partnerId: ObjectId,
): Promise<string | null> {
  const partner = await partners.findOne(
    { _id: partnerId },
    {
      projection: {
        'hubspot_integration.portal_id': 1,
        'hubspot_integration.last_portal_id': 1,
      },
    },
  )
  const integration = partner?.hubspot_integration
  return integration?.portal_id ?? integration?.last_portal_id ?? null
}
