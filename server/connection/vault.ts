import type { ObjectId } from 'mongodb'
import type { Clock } from '../config/clock'
import type { Cipher } from '../database/encryption'
import type { TokenGrant } from '../hubspot/oauth-client'
import { leaseReleased } from '../database/lease'
import { isOwning, notConnected, type Integration } from './integration'
import type { IntegrationRepository } from './repository'
import type { SealedField } from './sealed-fields'

/** How long a grant waits for the admin's word. */
export const pendingGrantMs = 10 * 60 * 1000
/** How long the clean-up at HubSpot is tried again (docs/security-checklist.md#a30). */
export const remoteCleanupMs = 24 * 60 * 60 * 1000
/**
 * The first try is made by the disconnect itself and takes less than this; the background stays
 * away in the meantime.
 */
const firstCleanupMs = 60_000

export type PendingGrant = NonNullable<Integration['pending_grant']>

export interface Connector {
  userId: ObjectId
  email: string
}

/** A grant with everything that a connection needs. */
export interface CompleteGrant extends TokenGrant {
  portalId: string
  scopes: string[]
}

export function expiryOf(grant: Pick<TokenGrant, 'sentAt' | 'expiresIn'>): Date {
  return new Date(grant.sentAt.getTime() + grant.expiresIn * 1000)
}

/**
 * Keeps each partner's grant, sealed. Every change compares `token_version`, so that of two at once
 * one sees that it is late.
 */
export function createVault({
  integrations,
  cipher,
  clock,
  syncIntervalSeconds,
}: {
  integrations: IntegrationRepository
  cipher: Cipher
  clock: Clock
  syncIntervalSeconds: number
}) {
  const place = (partnerId: ObjectId, field: SealedField) => ({
    partnerId: partnerId.toHexString(),
    field,
  })
  const seal = (partnerId: ObjectId, field: SealedField, value: string) =>
    cipher.seal(value, place(partnerId, field))
  const open = (partnerId: ObjectId, field: SealedField, envelope: string) =>
    cipher.open(envelope, place(partnerId, field))

  /**
   * @returns the envelope bound to another field, or `null` where there is none or it does not open
   */
  function reseal(
    partnerId: ObjectId,
    envelope: string | null,
    from: SealedField,
    to: SealedField,
  ): string | null {
    if (envelope === null) return null
    try {
      return seal(partnerId, to, open(partnerId, from, envelope))
    } catch {
      return null
    }
  }

  /**
   * What has to be undone at HubSpot for the grant that is being given up. An expired access token
   * is left out: it cannot uninstall.
   */
  function cleanupOf(
    partnerId: ObjectId,
    integration: Integration,
    firstTryInMs: number,
  ): Integration['remote_cleanup'] {
    const portalId = integration.portal_id ?? integration.last_portal_id
    if (
      portalId === null ||
      (integration.access_token === null && integration.refresh_token === null)
    )
      return null
    const now = clock()
    const alive = integration.expires_at !== null && integration.expires_at > now
    return {
      portal_id: portalId,
      access_token: alive
        ? reseal(partnerId, integration.access_token, 'access_token', 'remote_cleanup.access_token')
        : null,
      refresh_token: reseal(
        partnerId,
        integration.refresh_token,
        'refresh_token',
        'remote_cleanup.refresh_token',
      ),
      attempts: 0,
      next_try_at: new Date(now.getTime() + firstTryInMs),
      until: new Date(now.getTime() + remoteCleanupMs),
    }
  }

  return {
    seal,
    open,

    /**
     * Makes a grant the partner's connection. The same portal as before continues where it stopped;
     * another one starts again, and the old one's grant is left to the clean-up.
     * @param choosesScope nothing is read before an admin saved what is synced; of no effect while
     *   the account is connected
     * @param before the integration that the decision was made on
     * @returns whether it was still so; `false` means: read again and decide again
     * @throws MongoDB's duplicate-key error when another partner owns the portal
     */
    async establish(
      partnerId: ObjectId,
      before: Integration | null,
      grant: CompleteGrant,
      connector: Connector,
      choosesScope: boolean,
    ): Promise<boolean> {
      const now = clock()
      const previousPortal = before?.portal_id ?? before?.last_portal_id ?? null
      const samePortal = previousPortal === grant.portalId
      const fresh = {
        access_token: seal(partnerId, 'access_token', grant.accessToken),
        refresh_token:
          grant.refreshToken !== null
            ? seal(partnerId, 'refresh_token', grant.refreshToken)
            : (before?.refresh_token ?? null),
        expires_at: expiryOf(grant),
        expires_in: grant.expiresIn,
        connected_at: now,
        scopes: grant.scopes,
        status: 'connected' as const,
        portal_id: grant.portalId,
        last_portal_id: grant.portalId,
        connected_by: { user_id: connector.userId, email: connector.email },
        token_version: (before?.token_version ?? 0) + 1,
        refresh_lease: before?.refresh_lease
          ? { ...before.refresh_lease, until: leaseReleased }
          : null,
        refresh_failures: 0,
        retry_refresh_at: null,
        reason: null,
        outage: null,
        last_failure: null,
        next_sync_at: new Date(now.getTime() + syncIntervalSeconds * 1000),
        pending_grant: null,
      }
      const anew = {
        account: null,
        last_synced_at: null,
        write_back: false,
        paused: false,
        waits_for_scope: false,
      }
      const first =
        choosesScope && !(samePortal && isOwning(before))
          ? {
              paused: true,
              waits_for_scope: true,
              paused_by: fresh.connected_by,
              paused_at: now,
              pause_reason: null,
            }
          : {}
      if (before === null)
        return await integrations.create(partnerId, {
          ...fresh,
          ...anew,
          ...first,
          remote_cleanup: null,
        })
      const changes = { ...fresh, ...(samePortal ? {} : anew), ...first }
      // Our own clean-up of this portal would end the grant that was just given.
      const olderCleanup =
        before.remote_cleanup?.portal_id === grant.portalId ? null : before.remote_cleanup
      const remote_cleanup =
        !samePortal && isOwning(before)
          ? (cleanupOf(partnerId, before, 0) ?? olderCleanup)
          : olderCleanup
      // One that was noted since is not written over.
      return await integrations.change(partnerId, before, {
        ...changes,
        ...(remote_cleanup === before.remote_cleanup ? {} : { remote_cleanup }),
      })
    },

    /**
     * Puts a grant aside until the admin has seen its account named and said yes. Nothing of the
     * present connection is touched.
     * @param returnUrl where an install that began at HubSpot goes on after the yes
     * @param choosesScope as of `establish`
     */
    async park(
      partnerId: ObjectId,
      before: Integration | null,
      grant: CompleteGrant,
      account: Integration['account'],
      { returnUrl, choosesScope }: { returnUrl: string | null; choosesScope: boolean },
    ): Promise<boolean> {
      const pending_grant = {
        portal_id: grant.portalId,
        access_token: seal(partnerId, 'pending_grant.access_token', grant.accessToken),
        refresh_token:
          grant.refreshToken === null
            ? null
            : seal(partnerId, 'pending_grant.refresh_token', grant.refreshToken),
        expires_at: expiryOf(grant),
        scopes: grant.scopes,
        account,
        until: new Date(clock().getTime() + pendingGrantMs),
        return_url: returnUrl,
        choose_scope: choosesScope,
      }
      return before === null
        ? await integrations.create(partnerId, { ...notConnected, pending_grant })
        : await integrations.change(partnerId, before, { pending_grant })
    },

    /** @returns a grant that was put aside, as HubSpot gave it. @throws {EnvelopeError} */
    unpark(partnerId: ObjectId, pending: PendingGrant): CompleteGrant {
      const now = clock()
      return {
        portalId: pending.portal_id,
        accessToken: open(partnerId, 'pending_grant.access_token', pending.access_token),
        refreshToken:
          pending.refresh_token === null
            ? null
            : open(partnerId, 'pending_grant.refresh_token', pending.refresh_token),
        scopes: pending.scopes,
        sentAt: now,
        expiresIn: Math.max(0, Math.round((pending.expires_at.getTime() - now.getTime()) / 1000)),
      }
    },

    /**
     * The local end of a connection, in one write: tokens forgotten, version moved on so that a
     * refresh under way cannot store, and what is left to do at HubSpot noted with tokens sealed
     * for that alone. The portal stays reserved until the first try there is over, so that the
     * uninstall cannot hit another partner's new grant; `freePortal` ends that.
     * @returns the clean-up that was noted, or `false` when the integration changed in the meantime
     */
    async endConnection(
      partnerId: ObjectId,
      before: Integration,
    ): Promise<Integration['remote_cleanup'] | false> {
      const cleanup = cleanupOf(partnerId, before, firstCleanupMs)
      const done = await integrations.changeAndInvalidate(partnerId, before, {
        status: 'disconnected',
        access_token: null,
        refresh_token: null,
        expires_at: null,
        expires_in: null,
        scopes: [],
        portal_id: cleanup === null ? null : before.portal_id,
        last_portal_id: before.portal_id ?? before.last_portal_id,
        refresh_failures: 0,
        retry_refresh_at: null,
        reason: null,
        disconnected_at: clock(),
        outage: null,
        last_failure: null,
        next_sync_at: null,
        pending_grant: null,
        ...(cleanup === null ? {} : { remote_cleanup: cleanup }),
      })
      return done && cleanup
    },
  }
}
export type Vault = ReturnType<typeof createVault>
