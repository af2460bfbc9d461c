import type { ObjectId } from 'mongodb'
import { missingScopes } from '#shared/hubspot/scopes'
import type { CallbackError } from '#shared/contracts/connection'
import { isDuplicateKey } from '../database/duplicate-key'
import { HubspotError } from '../hubspot/errors'
import type { OauthClient, TokenGrant } from '../hubspot/oauth-client'
import { errorFields, type Log } from '../observability/log'
import type { Clock } from '../config/clock'
import type { Cipher } from '../database/encryption'
import { readAccount } from './account'
import type { ConnectionAlerts } from './alerts'
import type { Attempt } from './oauth-state'
import { isOwning, type Integration } from './integration'
import type { PortalReservations } from './portal-reservations-repository'
import type { RemoteCleanup } from './remote-cleanup'
import type { IntegrationRepository } from './repository'
import type { OnStep } from './crash-points'
import type { CompleteGrant, Connector, Vault } from './vault'
import { createWhileReserved } from './while-reserved'

export type AcceptanceResult =
  | { ok: true; portalId: string; previousPortalId: string | null }
  /** Put aside until the admin has seen the account named and said yes */
  | { ok: 'asks'; portalId: string }
  | { ok: false; code: CallbackError; portalId: string | null }

interface Consent {
  /** The admin wants another account than before */
  isConfirmed: boolean
  /** The admin has seen which account this is */
  isNamed: boolean
  /** What is synced is chosen before anything is read */
  choosesScope: boolean
  returnUrl: string | null
}

/** How often, and how far apart, a portal is asked for that a disconnect still holds: 5 s in all */
const maxFreeAsks = 25
const askEveryMs = 200
/** How often a decision is made again because the connection changed under it. */
const maxRounds = 5

export interface GrantAcceptanceDeps {
  integrations: IntegrationRepository
  reservations: Pick<PortalReservations, 'take'>
  wait(ms: number): Promise<void>
  vault: Vault
  cleanup: Pick<RemoteCleanup, 'leave' | 'leavePending' | 'tellItStays'>
  oauth: OauthClient
  cipher: Cipher
  clock: Clock
  alerts: ConnectionAlerts
  log: Log
  onStep: OnStep
}

/**
 * From an authorization code to a connection, or to the reason why not, in the order of
 * docs/architecture.md#callback.
 */
export function createGrantAcceptance({
  integrations,
  reservations,
  wait,
  vault,
  cleanup,
  oauth,
  cipher,
  clock,
  alerts,
  log,
  onStep,
}: GrantAcceptanceDeps) {
  const whileReserved = createWhileReserved({ integrations, reservations, oauth, wait, log })

  async function exchange(code: string): Promise<CompleteGrant | null> {
    if (!cipher.canSeal()) {
      await alerts.raise({
        kind: 'cannot_seal',
        partnerId: null,
        message:
          'The first key of NUXT_TOKEN_ENCRYPTION_KEYS cannot seal. HubSpot is not asked ' +
          'for tokens until it can.',
      })
      return null
    }
    try {
      const grant: TokenGrant = await oauth.exchangeCode(code)
      // An answer without the account is not one that HubSpot's endpoint gives: nothing is stored
      // on a guess (docs/security-checklist.md#a23).
      if (grant.portalId === null) return null
      const scopes =
        grant.scopes ?? (await oauth.introspect(grant.accessToken, 'access_token')).scopes
      return scopes === null ? null : { ...grant, portalId: grant.portalId, scopes }
    } catch (error) {
      if (!(error instanceof HubspotError)) throw error
      log.warn(
        {
          event: 'code_exchange_failed',
          kind: error.kind,
          hubspotStatus: error.status,
          hubspotCategory: error.category,
          hubspotCorrelationId: error.correlationId,
        },
        'HubSpot gave no tokens for a code',
      )
      if (error.kind === 'config') {
        await alerts.raise({
          kind: 'hubspot_configuration',
          partnerId: null,
          message:
            `HubSpot refuses this installation's client id, secret or redirect URI ` +
            `(${error.category ?? error.status ?? 'no code'}). Check ` +
            'NUXT_PUBLIC_HUBSPOT_CLIENT_ID, NUXT_HUBSPOT_CLIENT_SECRET and ' +
            'NUXT_PUBLIC_HUBSPOT_REDIRECT_URI.',
        })
      }
      return null
    }
  }

  async function accountOf(grant: CompleteGrant): Promise<Integration['account']> {
    try {
      return await readAccount(oauth, grant.accessToken, clock)
    } catch (error) {
      // The grant stands without it; the background asks again.
      log.warn(
        { event: 'account_details_missing', portalId: grant.portalId, ...errorFields(error) },
        "HubSpot did not tell the account's details",
      )
      return null
    }
  }

  /** HubSpot's grant stands, or may stand, and is not stored: somebody has to end it. */
  async function notStored(partnerId: ObjectId, grant: CompleteGrant): Promise<AcceptanceResult> {
    await cleanup.leave(partnerId, grant)
    return { ok: false, code: 'token_exchange_failed', portalId: grant.portalId }
  }

  /** What the partner had before of other accounts, and has no place for any more. */
  async function leaveFormer(
    partnerId: ObjectId,
    before: Integration | null,
    portalId: string,
    isConnected: boolean,
  ): Promise<void> {
    const pending = before?.pending_grant
    if (pending && pending.portal_id !== portalId) await cleanup.leavePending(partnerId, pending)
    const older = before?.remote_cleanup
    const isReplaced = isConnected && isOwning(before) && before.portal_id !== portalId
    if (isReplaced && older && ![portalId, before.portal_id].includes(older.portal_id))
      await cleanup.tellItStays(partnerId, older.portal_id)
  }

  async function settle(
    partnerId: ObjectId,
    grant: CompleteGrant,
    connector: Connector,
    { isConfirmed, isNamed, choosesScope, returnUrl }: Consent,
  ): Promise<AcceptanceResult> {
    const { portalId } = grant
    let freeAsks = 0
    for (let round = 0; round < maxRounds; round++) {
      // Refused without a call to HubSpot: it gives the same refresh token to each partner of a
      // portal, so that revoking or uninstalling here would end the other partner's connection
      // (docs/security-checklist.md#a29).
      if (await integrations.portalOwned(portalId, partnerId))
        return { ok: false, code: 'portal_in_use', portalId }
      const before = await integrations.read(partnerId)
      const previousPortalId = before?.portal_id ?? before?.last_portal_id ?? null
      const isKnown = previousPortalId === portalId
      const isOther = previousPortalId !== null && !isKnown
      if ((!isNamed && !isKnown) || (isOther && !isConfirmed)) {
        if (
          await vault.park(partnerId, before, grant, await accountOf(grant), {
            returnUrl,
            choosesScope,
          })
        ) {
          await leaveFormer(partnerId, before, portalId, false)
          return isNamed
            ? { ok: false, code: 'portal_changed', portalId }
            : { ok: 'asks', portalId }
        }
        continue
      }
      const keepsOldToken = before?.refresh_token != null && isKnown
      if (grant.refreshToken === null && !keepsOldToken) break
      try {
        if (!(await vault.establish(partnerId, before, grant, connector, choosesScope))) continue
      } catch (error) {
        if (!isDuplicateKey(error)) throw error
        if (await integrations.portalOwned(portalId, partnerId))
          return { ok: false, code: 'portal_in_use', portalId }
        // Nobody's any more: a disconnect holds it until its first clean-up is over.
        if (++freeAsks > maxFreeAsks) break
        round--
        await wait(askEveryMs)
        continue
      }
      await onStep('grant_stored')
      await leaveFormer(partnerId, before, portalId, true)
      const account = await accountOf(grant)
      if (account) await integrations.storeAccount(partnerId, portalId, account)
      return {
        ok: true,
        portalId,
        previousPortalId: isKnown ? null : previousPortalId,
      }
    }
    return await notStored(partnerId, grant)
  }

  return {
    /**
     * @param attempt used up by the caller; what it says about partner and user is what counts
     * @param returnUrl HubSpot's page where an install goes on
     */
    async accept(
      attempt: Attempt,
      code: string,
      connector: Connector,
      returnUrl: string | null,
    ): Promise<AcceptanceResult> {
      const grant = await exchange(code)
      await onStep('code_exchanged')
      if (!grant) return { ok: false, code: 'token_exchange_failed', portalId: null }
      if (missingScopes(grant.scopes).length > 0) {
        await cleanup.leave(attempt.partner_id, grant)
        return { ok: false, code: 'insufficient_scope', portalId: grant.portalId }
      }
      const result = await whileReserved(grant, () =>
        settle(attempt.partner_id, grant, connector, {
          isConfirmed: attempt.confirm_portal_change,
          // HubSpot's own page for Connect has the person choose the account. Where an install
          // began, somebody else may have chosen it.
          isNamed: attempt.purpose === 'connect',
          choosesScope: attempt.choose_scope === true,
          returnUrl,
        }),
      )
      return result ?? (await notStored(attempt.partner_id, grant))
    },

    /** Makes a grant the connection that was put aside; the admin has seen its account named. */
    async acceptParked(
      partnerId: ObjectId,
      grant: CompleteGrant,
      connector: Connector,
      choosesScope: boolean,
    ): Promise<AcceptanceResult> {
      const result = await whileReserved(grant, () =>
        settle(partnerId, grant, connector, {
          isConfirmed: true,
          isNamed: true,
          choosesScope,
          returnUrl: null,
        }),
      )
      return result ?? (await notStored(partnerId, grant))
    },
  }
}
export type GrantAcceptance = ReturnType<typeof createGrantAcceptance>
