import type { ObjectType } from './object-types'
import type { Pipeline } from './pipelines'
import type { PropertyDefinition } from './properties'

/** A HubSpot account of the simulator. */
export interface PortalDescription {
  /** Hub id; HubSpot's fits 32 bits */
  id: number
  name: string
  /** The customer's own domain, which introspection calls `hub_domain` */
  domain: string
  accountType: 'STANDARD' | 'SANDBOX' | 'DEVELOPER_TEST'
  hublet: 'na1' | 'eu1'
  /** IANA name */
  timeZone: string
  currency: string
  additionalCurrencies: string[]
  contacts: number
  deals: number
  /** Default: one for four contacts */
  companies?: number
  user: { id: number; email: string }
  /** Default: HubSpot's own pipeline and one more */
  pipelines?: Pipeline[]
  /** Beside those of every account */
  properties?: Partial<Record<ObjectType, PropertyDefinition[]>>
  /** Default: those of the settings */
  limits?: { requestsPerTenSeconds?: number; searchesPerSecond?: number }
}

/** What an admin of the account can change. */
export type AccountSettings = Pick<
  PortalDescription,
  'timeZone' | 'currency' | 'additionalCurrencies'
>

/**
 * The accounts that the consent page offers; the first is the one that `contacts` and `deals` of
 * the options size.
 */
export function defaultPortals(
  contacts: number,
  deals: number,
): [PortalDescription, ...PortalDescription[]] {
  return [
    {
      id: 48_210_001,
      name: 'Northwind Partners',
      domain: 'northwind.example.com',
      accountType: 'STANDARD',
      hublet: 'na1',
      timeZone: 'US/Eastern',
      currency: 'USD',
      additionalCurrencies: ['EUR', 'GBP'],
      contacts,
      deals,
      user: { id: 9_586_504, email: 'morgan@northwind.example.com' },
    },
    {
      id: 48_210_002,
      name: 'Northwind Partners (sandbox)',
      domain: 'northwind.example.com',
      accountType: 'SANDBOX',
      hublet: 'na1',
      timeZone: 'US/Eastern',
      currency: 'USD',
      additionalCurrencies: ['EUR'],
      contacts: Math.min(contacts, 40),
      deals: Math.min(deals, 12),
      user: { id: 9_586_504, email: 'morgan@northwind.example.com' },
    },
    {
      id: 145_870_330,
      name: 'Bergwerk Digital',
      domain: 'bergwerk.example.com',
      accountType: 'STANDARD',
      hublet: 'eu1',
      timeZone: 'Europe/Berlin',
      currency: 'EUR',
      additionalCurrencies: ['CHF'],
      contacts: Math.min(contacts, 120),
      deals: Math.min(deals, 40),
      user: { id: 71_002_118, email: 'k.schäfer@bergwerk.example.com' },
    },
    {
      id: 48_210_777,
      name: 'Empty test account',
      domain: 'empty.example.com',
      accountType: 'DEVELOPER_TEST',
      hublet: 'na1',
      timeZone: 'US/Pacific',
      currency: 'USD',
      additionalCurrencies: [],
      contacts: 0,
      deals: 0,
      user: { id: 9_600_001, email: 'dev@empty.example.com' },
    },
  ]
}

/** Host of the portal's own pages, for links to records. */
export function uiDomain(portal: PortalDescription): string {
  return portal.hublet === 'na1' ? 'app.hubspot.com' : `app-${portal.hublet}.hubspot.com`
}
