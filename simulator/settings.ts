import type { PortalDescription } from './data/portals'

/** The app as HubSpot knows it: what the developer entered in the app's configuration. */
export interface AppConfiguration {
  appId: number
  name: string
  clientId: string
  clientSecret: string
  /** Opens the app's own webhook settings (`hapikey`) */
  developerApiKey: string
  redirectUrls: string[]
  requiredScopes: string[]
  optionalScopes: string[]
  conditionallyRequiredScopes: string[]
  /** Where the marketplace's install button leads; by default the first redirect URL */
  installUrl: string | null
}

export type RefreshTokenMode =
  /** The same value comes back, as HubSpot does today */
  | 'same'
  /** A new one comes back, the old one stays valid */
  | 'rotate'
  /** A new one comes back, the old one is refused from then on */
  | 'rotate_and_invalidate'
  /** None comes back */
  | 'omit'

/** What may be changed while the simulator runs (control API, `PATCH /_control/settings`). */
export interface SimulatorSettings {
  /**
   * Refuses what HubSpot takes in silence: unknown fields and query parameters, numbers as texts,
   * impossible values of `archived`. For tests of an app; off as HubSpot is
   */
  strictBodies: boolean
  /** Added to each answer of the API and the token endpoint */
  latencyMs: number
  /** `expires_in` of access tokens, s */
  accessTokenSeconds: number
  accessTokenLength: number
  /**
   * Stands in every token and code, so that a test can look for them; SIMULATOR_TOKEN_MARK unless
   * told
   */
  tokenMark: string
  authorizationCodeSeconds: number
  refreshTokenMode: RefreshTokenMode
  /**
   * Error bodies of the token endpoint: RFC 6749 fields beside HubSpot's, or only the older ones
   */
  tokenErrorShape: 'standard' | 'legacy'
  /** The token endpoint refuses the right client secret, as after a rotation on HubSpot's side */
  rejectClient: boolean
  /** Answers the next so many refreshes with `invalid_grant` though the grant is fine */
  falseInvalidGrants: number
  /** Whether live access tokens die with the installation */
  uninstallEndsAccessTokens: boolean
  /** `/oauth/authorize` asks nobody and grants for this portal at once; null: shows the page */
  autoGrantPortalId: number | null
  /**
   * Scopes the user's account cannot grant: optional ones are dropped in silence, required ones go
   * missing too
   */
  ungrantedScopes: string[]
  rateLimits: boolean
  requestsPerTenSeconds: number
  searchesPerSecond: number
  /** How long search stays behind the records; once it is 0 again, all of them show at once */
  searchLagMs: number
  /** Records lag by different times, up to twice as long */
  searchLagUneven: boolean
  /** Results of one search that can be paged through; HubSpot's are the most: 10,000 */
  mostSearchResults: number
  /** Searches of another app in the account, which leave less of the limit for this one */
  otherAppSearchesPerSecond: number
  /** `real`: each answer takes 200 to 800 ms, some much longer; added to `latencyMs` */
  latencyProfile: 'none' | 'real'
  /** Cursors of lists say nothing about ids */
  opaqueCursors: boolean
  /** Refuses this share of a batch's inputs, one by one where they have trace ids; null: none */
  batchRefusals: {
    percent: number
    category: string
    subCategory: 'none' | 'text' | 'object'
  } | null
  /** `status` of batch answers: COMPLETE, PENDING, PROCESSING or CANCELED */
  batchStatus: string
  /** Associations of one record in an answer; more of them come in pages */
  associationPageSize: number
  /** Sets `closedate` to now when a deal moves to a closed stage and no date is sent along */
  setsCloseDate: boolean
  /** Associations that one record may have at most; null: any number */
  associationsPerRecord: number | null
  /** Reading a merged contact by its old id answers with the surviving one */
  mergedContactsResolve: boolean
  /** How long the work on an export takes, by the simulator's clock, ms */
  exportMs: number
  /** Exports wait until an admin approves them (control API) */
  exportsNeedApproval: boolean
  /** Rows of an export's file; more of them come as an archive of several */
  exportRowsPerFile: number
}

export interface SimulatorOptions {
  /** 0 or left out: any free port. Loopback only. */
  port?: number
  /** Contacts and deals of the first portal; default 250 and 80 */
  contacts?: number
  deals?: number
  seed?: number
  latencyMs?: number
  redirectUri?: string
  /**
   * Where webhooks go; default: the redirect URI's origin + /v1/leads/webhooks/hubspot. null:
   * nowhere
   */
  webhookUrl?: string | null
  portals?: PortalDescription[]
  /**
   * `webhooks-hsmeta.json` of a HubSpot project: what the app hears of; default: the project in
   * `hubspot-app/`
   */
  subscriptionsFile?: string
  settings?: Partial<SimulatorSettings>
  /** The app as HubSpot knows it, where it differs from the test app */
  app?: Partial<AppConfiguration>
  /** File to load the state from, where it exists, and to save it to at the end */
  state?: string
}

export const defaultSettings: SimulatorSettings = {
  strictBodies: false,
  latencyMs: 0,
  accessTokenSeconds: 1_800,
  accessTokenLength: 560,
  tokenMark: process.env.SIMULATOR_TOKEN_MARK ?? '',
  authorizationCodeSeconds: 60,
  refreshTokenMode: 'same',
  tokenErrorShape: 'standard',
  rejectClient: false,
  falseInvalidGrants: 0,
  uninstallEndsAccessTokens: true,
  autoGrantPortalId: null,
  ungrantedScopes: [],
  rateLimits: true,
  requestsPerTenSeconds: 110,
  searchesPerSecond: 5,
  searchLagMs: 0,
  searchLagUneven: false,
  otherAppSearchesPerSecond: 0,
  latencyProfile: 'none',
  opaqueCursors: false,
  batchRefusals: null,
  batchStatus: 'COMPLETE',
  associationPageSize: 500,
  mostSearchResults: 10_000,
  setsCloseDate: false,
  associationsPerRecord: null,
  mergedContactsResolve: true,
  exportMs: 0,
  exportsNeedApproval: false,
  exportRowsPerFile: 1_000_000,
}

export const defaultRedirectUri = 'http://localhost:3000/v1/integrations/hubspot/callback'

/** The test app. Its secret opens nothing but a simulator. */
export function defaultApp(redirectUri: string): AppConfiguration {
  return {
    appId: 1_512_050,
    name: 'Partner Connector',
    clientId: '5ca1ab1e-0000-4000-8000-51a01a70f001',
    clientSecret: 'simulator-secret-51a01a70f001',
    developerApiKey: 'simulator-developer-key',
    redirectUrls: [redirectUri],
    requiredScopes: [
      'oauth',
      'crm.objects.contacts.read',
      'crm.objects.contacts.write',
      'crm.objects.deals.read',
      'crm.objects.deals.write',
      'crm.schemas.contacts.read',
      'crm.schemas.deals.read',
    ],
    optionalScopes: ['crm.objects.owners.read', 'crm.lists.read'],
    conditionallyRequiredScopes: [],
    installUrl: null,
  }
}
