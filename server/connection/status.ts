import { missingScopes } from '#shared/hubspot/scopes'
import type { Connection } from '#shared/contracts/connection'
import type { Run } from '#shared/contracts/runs'
import { isOwning, wasConnected } from './integration'
import { iso, summaryOf, type SummaryFacts } from './summary'
import { syncRefusal } from './sync-refusal'

const neverConnected: Omit<Connection, 'summary'> = {
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
  pausedBy: null,
  pausedAt: null,
  pauseReason: null,
  waitsForScope: false,
  currentRun: null,
  pendingPortal: null,
}

function pendingPortalOf(
  integration: SummaryFacts['integration'],
  now: Date,
): Connection['pendingPortal'] {
  const pending = integration?.pending_grant
  if (!pending || pending.until <= now) return null
  return {
    portalId: pending.portal_id,
    domain: pending.account?.domain ?? null,
    uiDomain: pending.account?.ui_domain ?? null,
    expiresAt: pending.until.toISOString(),
  }
}

/** What a page may know of a connection: never a token. */
export function presentConnection(
  facts: SummaryFacts & { currentRun: Run | null },
  now: Date,
): Connection {
  const { integration, currentRun } = facts
  const summary = summaryOf(facts)
  const pendingPortal = pendingPortalOf(integration, now)
  if (!wasConnected(integration)) return { ...neverConnected, summary, currentRun, pendingPortal }
  const owning = isOwning(integration)
  const { account, connected_by } = integration
  return {
    status: integration.status,
    portalId: owning ? integration.portal_id : null,
    account:
      account && owning
        ? {
            domain: account.domain ?? null,
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
    pausedBy:
      integration.paused && integration.paused_by
        ? {
            id: integration.paused_by.user_id.toHexString(),
            email: integration.paused_by.email,
          }
        : null,
    pausedAt: integration.paused ? iso(integration.paused_at) : null,
    pauseReason: integration.paused ? (integration.pause_reason ?? null) : null,
    waitsForScope: owning && integration.paused && integration.waits_for_scope === true,
    summary,
    currentRun,
    pendingPortal,
  }
}
