import type { Call, CallStats } from './calls'
import type { Snapshot } from './control/snapshot'
import type {
  ControlList,
  ControlRecord,
  ControlState,
  RecordCounts,
  WebhookReport,
} from './control/types'
import type { ObjectType } from './data/object-types'
import type { Pipeline } from './data/pipelines'
import type { AccountSettings, PortalDescription } from './data/portals'
import type { PropertyDefinition } from './data/properties'
import type { Fault } from './faults'
import type { AppConfiguration, SimulatorSettings } from './settings'
import type { ChangeSource } from './store/events'
import type { WebhookSettings } from './webhooks/sender'

export type ControlClient = ReturnType<typeof createControlClient>

/** When and by whom; left out: now, by a user in HubSpot. */
interface ChangeOptions {
  at?: number
  source?: ChangeSource
}

type Properties = Record<string, string | number | null>

/** Id of the first test account, which the options `contacts` and `deals` size. */
export const mainPortalId = 48_210_001

/**
 * Typed calls of a simulator's control API, from whatever process.
 * @param url the simulator's address
 */
export function createControlClient(url: string) {
  async function send<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${url}/_control${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
    if (!response.ok)
      throw new Error(`${method} /_control${path}: ${response.status} ${await response.text()}`)
    return (await response.json()) as T
  }

  /** The records of one portal. */
  function portal(portalId: number = mainPortalId) {
    const path = `/portals/${portalId}`
    return {
      get: (type: ObjectType, id: string) => send<ControlRecord>('GET', `${path}/${type}/${id}`),
      list: (type: ObjectType, limit = 100) =>
        send<ControlRecord[]>('GET', `${path}/${type}?limit=${limit}`),
      /**
       * Records with this value, archived ones too. Walks through all of them: not for large
       * portals.
       */
      find: (type: ObjectType, property: string, value: string) =>
        send<ControlRecord[]>(
          'GET',
          `${path}/${type}?property=${property}&value=${encodeURIComponent(value)}`,
        ),
      count: (type: ObjectType) => send<RecordCounts>('GET', `${path}/${type}/count`),
      duplicates: (type: ObjectType, property = 'email') =>
        send<{ value: string; ids: string[] }[]>(
          'GET',
          `${path}/${type}/duplicates?property=${property}`,
        ),
      create: (
        type: ObjectType,
        properties: Properties,
        options: ChangeOptions & { associations?: string[] } = {},
      ) => send<ControlRecord>('POST', `${path}/${type}`, { properties, ...options }),
      edit: (type: ObjectType, id: string, properties: Properties, options: ChangeOptions = {}) =>
        send<ControlRecord>('PATCH', `${path}/${type}/${id}`, { properties, ...options }),
      /** One timestamp for all; `$n` in a value becomes the record's number. */
      bulkEdit: (
        type: ObjectType,
        edit: ChangeOptions & { count: number; from?: number; properties: Properties },
      ) =>
        send<{ edited: number; at: number; ids: [string, string] | null }>(
          'POST',
          `${path}/${type}/bulk-edit`,
          edit,
        ),
      archive: (type: ObjectType, id: string, options: ChangeOptions = {}) =>
        send<ControlRecord>('DELETE', `${path}/${type}/${id}`, options),
      restore: (type: ObjectType, id: string, options: ChangeOptions = {}) =>
        send<ControlRecord>('POST', `${path}/${type}/${id}/restore`, options),
      /** GDPR deletion */
      erase: (id: string, options: ChangeOptions = {}) =>
        send<unknown>('POST', `${path}/contacts/${id}/erase`, options),
      merge: (
        type: ObjectType,
        primary: string,
        loser: string,
        options: ChangeOptions & { asNewRecord?: boolean } = {},
      ) => send<ControlRecord>('POST', `${path}/${type}/merge`, { primary, loser, ...options }),
      associate: (contact: string, deal: string) =>
        send<ControlRecord>('POST', `${path}/associations`, { contact, deal }),
      /** A contact and a deal, or one of them and a company */
      tie: (records: {
        contact?: string
        deal?: string
        company?: string
        ticket?: string
        removed?: boolean
      }) => send<ControlRecord>('POST', `${path}/associations`, records),
      dissociate: (contact: string, deal: string) =>
        send<ControlRecord>('POST', `${path}/associations`, { contact, deal, removed: true }),
      account: () => send<PortalDescription>('GET', `${path}/account`),
      /** What an admin changes in the account's settings: its time zone, its currencies */
      setAccount: (account: Partial<AccountSettings>) =>
        send<PortalDescription>('PATCH', `${path}/account`, account),
      /** Deactivates the user behind an owner, or activates them again */
      setOwner: (id: string, owner: { archived: boolean }) =>
        send<unknown>('PATCH', `${path}/owners/${id}`, owner),
      lists: () => send<ControlList[]>('GET', `${path}/lists`),
      addList: (list: { name: string; members: string[]; type?: ObjectType }) =>
        send<ControlList>('POST', `${path}/lists`, list),
      /** Puts records on a list, and takes others from it */
      editList: (listId: string, change: { add?: string[]; remove?: string[] }) =>
        send<ControlList>('PATCH', `${path}/lists/${listId}`, change),
      removeList: (listId: string) => send<ControlList>('DELETE', `${path}/lists/${listId}`),
      exports: () =>
        send<{ id: string; exportName: string; state: string }[]>('GET', `${path}/exports`),
      /** An admin's word on an export that waits for it */
      decideExport: (id: string, approved: boolean) =>
        send<unknown>('POST', `${path}/exports/${id}`, { approved }),
      pipelines: (type: ObjectType = 'deals') =>
        send<Pipeline[]>('GET', `${path}/${type}/pipelines`),
      setPipelines: (pipelines: Pipeline[], type: ObjectType = 'deals') =>
        send<Pipeline[]>('PUT', `${path}/${type}/pipelines`, { pipelines }),
      /** Adds a property or changes it, e.g. `{name, archived: true}` */
      setProperty: (type: ObjectType, property: Partial<PropertyDefinition> & { name: string }) =>
        send<PropertyDefinition>('POST', `${path}/${type}/properties`, property),
      /** Properties that writes through version 2026-09 must leave filled */
      setRules: (
        rules: {
          type: ObjectType
          property: string
          when?: { property: string; equals: string }
        }[],
      ) => send<unknown>('PUT', `${path}/rules`, { rules }),
    }
  }

  return {
    portal,
    state: () => send<ControlState>('GET', '/state'),
    set: (settings: Partial<SimulatorSettings>) =>
      send<SimulatorSettings>('PATCH', '/settings', settings),
    /** What the app's developer configured; a new client secret is taken at once */
    setApp: (app: Partial<AppConfiguration>) =>
      send<Omit<AppConfiguration, 'clientSecret'>>('PATCH', '/app', app),
    advanceClock: (advanceMs: number) =>
      send<{ offsetMs: number }>('POST', '/clock', { advanceMs }),
    /** @param to an instant, ISO 8601: later or earlier than now */
    turnClock: (to: string) => send<{ offsetMs: number }>('POST', '/clock', { to }),
    /** Installs the app in an account without a consent page. */
    tokens: (portalId: number = mainPortalId, scopes?: string[]) =>
      send<{ accessToken: string; refreshToken: string; expiresInSeconds: number }>(
        'POST',
        '/tokens',
        { portalId, scopes },
      ),
    /** What changed since the start; `restore` puts it back, in this process or another */
    snapshot: () => send<Snapshot>('GET', '/snapshot'),
    restore: (snapshot: Snapshot) => send<unknown>('PUT', '/snapshot', snapshot),
    /** Access tokens count as expired from now on; of all portals unless one is named */
    expireAccessTokens: (portalId?: number) =>
      send<{ expired: number }>('POST', '/tokens/expire', { portalId }),
    /** Refresh tokens are refused from now on; access tokens go on */
    invalidateRefreshTokens: (portalId: number = mainPortalId) =>
      send<unknown>('POST', '/tokens/invalidate', { portalId }),
    /** As an admin does it in HubSpot */
    uninstall: (portalId: number = mainPortalId) =>
      send<unknown>('POST', '/uninstall', { portalId }),
    inject: async (fault: Fault) => (await send<{ id: number }>('POST', '/faults', fault)).id,
    faults: () => send<(Fault & { id: number; hits: number })[]>('GET', '/faults'),
    removeFault: (id: number) => send<unknown>('DELETE', `/faults/${id}`),
    clearFaults: () => send<unknown>('DELETE', '/faults'),
    /** The latest 1,000 calls unless told otherwise, oldest first */
    calls: (filter: { since?: number; kind?: Call['kind']; path?: string; limit?: number } = {}) =>
      send<Call[]>(
        'GET',
        `/calls?${new URLSearchParams(Object.entries(filter).map(([name, value]) => [name, String(value)]))}`,
      ),
    stats: () => send<CallStats>('GET', '/stats'),
    clearCalls: () => send<unknown>('DELETE', '/calls'),
    resetLimits: () => send<unknown>('POST', '/limits/reset', {}),
    webhooks: () => send<WebhookReport>('GET', '/webhooks'),
    setWebhooks: (settings: Partial<WebhookSettings>) =>
      send<WebhookReport>('PATCH', '/webhooks', settings),
    fireWebhooks: (events: Record<string, unknown>[]) =>
      send<WebhookReport>('POST', '/webhooks/fire', { events }),
  }
}
