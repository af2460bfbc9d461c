/**
 * Address of a record in HubSpot's own pages.
 * @param object `0-1` contacts, `0-3` deals (HubSpot's object type ids)
 * @returns `null` when the account is unknown or the record is not in HubSpot
 */
export function hubspotRecordUrl(
  account: { uiDomain: string | null | undefined; portalId: string | null | undefined },
  object: '0-1' | '0-3',
  hubspotId: string | null,
): string | null {
  if (!account.uiDomain || !account.portalId || !hubspotId) return null
  if (!/^[a-z0-9.-]+(:\d+)?$/i.test(account.uiDomain)) return null
  return `https://${account.uiDomain}/contacts/${encodeURIComponent(account.portalId)}/record/${object}/${encodeURIComponent(hubspotId)}`
}
