import type { ObjectId } from 'mongodb'
import { connectedPortalOf } from '../database/connected-portal'
import type { Collections } from '../database/collections'
import { DomainError } from '../errors'
import { knownZone } from '../records/days'

/**
 * The portal that a partner is connected to.
 * @throws {DomainError} `hubspot_not_connected`
 */
export async function connectedPortal(
  { partners }: Collections,
  partnerId: ObjectId,
): Promise<string> {
  const partner = await partners.findOne(
    { _id: partnerId },
    { projection: { 'hubspot_integration.portal_id': 1, 'hubspot_integration.status': 1 } },
  )
  const portalId = connectedPortalOf(partner?.hubspot_integration)
  if (!portalId) throw new DomainError('hubspot_not_connected', 'HubSpot is not connected.')
  return portalId
}

/** @returns what HubSpot has granted this partner */
export async function grantedScopes(
  { partners }: Collections,
  partnerId: ObjectId,
): Promise<string[]> {
  const partner = await partners.findOne(
    { _id: partnerId },
    { projection: { 'hubspot_integration.scopes': 1 } },
  )
  return partner?.hubspot_integration?.scopes ?? []
}

/**
 * The time zone of the HubSpot account, in which days of its `datetime` properties are read.
 * @returns an IANA name; `UTC` while HubSpot has not said it
 */
export async function accountZone(
  { partners }: Pick<Collections, 'partners'>,
  partnerId: ObjectId,
): Promise<string> {
  const partner = await partners.findOne(
    { _id: partnerId },
    { projection: { 'hubspot_integration.account.time_zone': 1 } },
  )
  return knownZone(partner?.hubspot_integration?.account?.time_zone)
}
