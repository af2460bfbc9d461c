import { missingScopes } from '#shared/hubspot/scopes'
import type { Connection } from '#shared/contracts/connection'
import type { Run } from '#shared/contracts/runs'
import { isOwning, type Integration } from './integration'
import { syncRefusal } from './sync-refusal'

const iso = (date: Date | null) => date?.toISOString() ?? null

const neverConnected: Connection = {
  status: 'not_connected',
  portalId: null,
  account: null,
  connectedAt: null,
  connectedBy: null,
  lastSyncedAt: null,
  nextSyncAt: null,
  scopes: [],
  missingScopes: [],
  expiresAt: null,
  reason: null,
  writeBack: false,
  paused: false,
  currentRun: null,
  pendingPortal: null,
}

/** What a page may know of a connection: never a token. */
export function presentConnection(
  integration: Integration | null,
  currentRun: Run | null,
  now: Date,
): Connection {
  if (!integration) return { ...neverConnected, currentRun }
  const owning = isOwning(integration)
  const { account, connected_by, pending_grant } = integration
  const pending = pending_grant && pending_grant.until > now ? pending_grant : null
  return {
    status: integration.status,
    portalId: owning ? integration.portal_id : null,
    account:
      account && owning
        ? {
            uiDomain: account.ui_domain,
            hublet: account.hublet,
            type: account.type,
            currency: account.currency,
            timeZone: account.time_zone,
          }
        : null,
    connectedAt: owning ? iso(integration.connected_at) : null,
    connectedBy:
      connected_by && owning
        ? { id: connected_by.user_id.toHexString(), email: connected_by.email }
        : null,
    lastSyncedAt: iso(integration.last_synced_at),
    nextSyncAt: syncRefusal(integration) === null ? iso(integration.next_sync_at) : null,
    scopes: integration.scopes,
    missingScopes: owning ? missingScopes(integration.scopes) : [],
    expiresAt: owning ? iso(integration.expires_at) : null,
    reason: integration.reason
      ? {
          code: integration.reason.code,
          message: integration.reason.message,
          at: integration.reason.at.toISOString(),
        }
      : null,
    writeBack: integration.write_back,
    paused: integration.paused,
    currentRun,
    pendingPortal: pending
      ? {
          portalId: pending.portal_id,
          uiDomain: pending.account?.ui_domain ?? null,
          expiresAt: pending.until.toISOString(),
        }
      : null,
  }
}
