/**
 * The scopes that the app asks for. `requiredScopes`, and `optionalScopes` with `scopesOfFeatures`,
 * must equal those of hubspot-app/src/app/app-hsmeta.json: HubSpot blocks the install when the URL and the app's
 * configuration differ.
 */
export const requiredScopes = [
  'oauth',
  'crm.objects.contacts.read',
  'crm.objects.contacts.write',
  'crm.objects.deals.read',
  'crm.objects.deals.write',
  'crm.schemas.contacts.read',
  'crm.schemas.deals.read',
] as const

/** Lets us name the owners of records. */
export const ownerScope = 'crm.objects.owners.read'
/** Dropped by HubSpot without a word where the account cannot grant them. */
export const optionalScopes = [ownerScope] as const

/** Asked for only where a HubSpot list narrows what is synced. */
export const listScope = 'crm.lists.read'
/** Optional scopes that are asked for once their feature is used. */
export const scopesOfFeatures = [listScope] as const

/** @returns the required scopes that `granted` lacks, in our order */
export function missingScopes(granted: readonly string[]): string[] {
  return requiredScopes.filter(scope => !granted.includes(scope))
}
