import { z } from 'zod'
import { Id, Instant } from './primitives'
import { Run } from './runs'

export const ConnectionStatus = z.enum([
  'not_connected',
  'connected',
  'degraded',
  'revoked',
  'disconnected',
])
export type ConnectionStatus = z.infer<typeof ConnectionStatus>

/** What goes on between HubSpot and here, as pages say it. A closed list. */
export const connectionStates = [
  'not_connected',
  'connecting',
  'importing',
  'syncing',
  'in_step',
  'waiting',
  'failing',
  'hubspot_unavailable',
  'paused',
  'revoked',
  'disconnected',
] as const
export const ConnectionState = z.enum(connectionStates)
export type ConnectionState = z.infer<typeof ConnectionState>

/** The connection's state in words, as pages print it. */
export const Summary = z.object({
  state: ConnectionState,
  /** One or more whole sentences */
  message: z.string(),
  /** Since when it is so; `null` when that is not known */
  since: Instant.nullable(),
  /** When it is tried again without anybody's help; `null` when nothing waits for that */
  nextTryAt: Instant.nullable(),
})
export type Summary = z.infer<typeof Summary>

export const HubspotAccount = z.object({
  /** The customer's own domain, as people know the account; HubSpot tells no name */
  domain: z.string().nullable(),
  uiDomain: z.string(),
  hublet: z.string().nullable(),
  type: z.string().nullable(),
  currency: z.string().nullable(),
  timeZone: z.string().nullable(),
})
export type HubspotAccount = z.infer<typeof HubspotAccount>

export const Connection = z.object({
  status: ConnectionStatus,
  portalId: z.string().nullable(),
  account: HubspotAccount.nullable(),
  connectedAt: Instant.nullable(),
  connectedBy: z.object({ id: Id, email: z.string() }).nullable(),
  lastSyncedAt: Instant.nullable(),
  nextSyncAt: Instant.nullable(),
  scopes: z.array(z.string()),
  missingScopes: z.array(z.string()),
  expiresAt: Instant.nullable(),
  /** Why the connection is not healthy */
  reason: z.object({ code: z.string(), message: z.string(), at: Instant }).nullable(),
  writeBack: z.boolean(),
  paused: z.boolean(),
  /** Who paused the sync, when, and why if they said so; `null` while it is not paused */
  pausedBy: z.object({ id: Id, email: z.string() }).nullable(),
  pausedAt: Instant.nullable(),
  pauseReason: z.string().nullable(),
  /** It is paused since it was connected: nothing is read until what is synced is chosen */
  waitsForScope: z.boolean(),
  summary: Summary,
  currentRun: Run.nullable(),
  /** A grant of another portal that waits for the admin's word (`portal_changed`) */
  pendingPortal: z
    .object({
      portalId: z.string(),
      domain: z.string().nullable(),
      uiDomain: z.string().nullable(),
      expiresAt: Instant,
    })
    .nullable(),
})
export type Connection = z.infer<typeof Connection>

export const ConnectBody = z.strictObject({
  /**
   * HubSpot's own page to return to (marketplace install); only HubSpot's app hosts are accepted
   */
  returnUrl: z.string().max(2048).optional(),
  confirmPortalChange: z.boolean().optional(),
  /** Nothing is read before an admin saved what is synced; the callback leads to that page */
  chooseScope: z.boolean().optional(),
})
export type ConnectBody = z.infer<typeof ConnectBody>

/** The account that the admin has seen named, HubSpot's id */
export const AcceptPendingBody = z.strictObject({ portalId: z.string().regex(/^[0-9]{1,20}$/) })
/** Where to go next: a path of ours, or HubSpot's page where the install began */
export const PendingAccepted = z.object({ location: z.string() })

export const ConnectStarted = z.object({ state: z.string(), expiresAt: Instant })
export type ConnectStarted = z.infer<typeof ConnectStarted>

export const TokenAnswer = z.object({ access_token: z.string(), expires_at: Instant })
export const RefreshAnswer = z.object({ expires_at: Instant })

export const SettingsPatch = z.strictObject({
  writeBack: z.boolean().optional(),
  paused: z.boolean().optional(),
  /** Why the sync is paused, for colleagues; counts only together with `paused: true` */
  pauseReason: z.string().trim().max(200).optional(),
})
export type SettingsPatch = z.infer<typeof SettingsPatch>

export const Disconnected = z.object({
  status: z.literal('disconnected'),
  /**
   * What is left to do in HubSpot, in words, when HubSpot could not be reached; `null` when nothing
   * is
   */
  remaining: z.string().nullable(),
})
export type Disconnected = z.infer<typeof Disconnected>

export const EraseRecordsBody = z.strictObject({
  /** Typed by the person: nothing is erased by a slip */
  confirm: z.literal('erase'),
})
export type EraseRecordsBody = z.infer<typeof EraseRecordsBody>

/** What one call has erased; `done: false` means that more is left: call again. */
export const RecordsErased = z.object({
  done: z.boolean(),
  leads: z.number().int(),
  deals: z.number().int(),
  webhookEvents: z.number().int(),
})
export type RecordsErased = z.infer<typeof RecordsErased>

/**
 * Codes that the callback puts into `/settings/hubspot?error=…` (docs/architecture.md#callback). A
 * closed list.
 */
export const callbackErrors = [
  'access_denied',
  'provider_error',
  'missing_code',
  'invalid_state',
  'token_exchange_failed',
  'insufficient_scope',
  'portal_in_use',
  'portal_changed',
  'database_unavailable',
  'not_signed_in',
  'forbidden',
  'too_many_attempts',
] as const
export type CallbackError = (typeof callbackErrors)[number]
