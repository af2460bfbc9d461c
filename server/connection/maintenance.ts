import type { ObjectId } from 'mongodb'
import type { Clock } from '../config/clock'
import { DomainError } from '../errors'
import { HubspotError } from '../hubspot/errors'
import type { OauthClient } from '../hubspot/oauth-client'
import { errorFields, type Log } from '../observability/log'
import { readAccount } from './account'
import type { Attempts } from './oauth-state'
import type { PendingGrants } from './pending-grants'
import type { PortalReservations } from './portal-reservations-repository'
import type { Refresh } from './refresh'
import type { RemoteCleanup } from './remote-cleanup'
import type { IntegrationRepository } from './repository'

export interface MaintenanceDeps {
  integrations: IntegrationRepository
  oauth: OauthClient
  attempts: Attempts
  refresh: Refresh
  cleanup: RemoteCleanup
  pendingGrants: PendingGrants
  reservations: Pick<PortalReservations, 'prune'>
  clock: Clock
  log: Log
}

/** Partners looked after in one pass: spreads what an outage made due at once. */
const perPass = 20
/**
 * A grant that nothing used for so long is tried, so that an uninstall in HubSpot is noticed
 * (HubSpot sends no word of it, docs/hubspot-platform.md#uninstall-and-revoke).
 */
const idleAfterMs = 12 * 60 * 60 * 1000
/** The account's time zone and currency are asked for again after this, ms */
const accountKnownMs = 6 * 60 * 60 * 1000

/**
 * What is due about once a minute, in any of the processes. Each part can be done twice without
 * harm.
 */
export function createMaintenance({
  integrations,
  oauth,
  attempts,
  refresh,
  cleanup,
  pendingGrants,
  reservations,
  clock,
  log,
}: MaintenanceDeps) {
  async function tryGrants(ids: ObjectId[]): Promise<void> {
    for (const partnerId of ids) {
      try {
        await refresh.getValidAccessToken(partnerId)
      } catch (error) {
        if (!(error instanceof DomainError)) throw error
      }
    }
  }

  /** Degraded connections whose back-off is over, and idle ones. */
  async function keepGrantsAlive(): Promise<void> {
    const now = clock()
    const recovering = await integrations.recovering(now, perPass)
    const idle = await integrations.idleSince(new Date(now.getTime() - idleAfterMs), perPass)
    await tryGrants([...recovering, ...idle])
  }

  /** Details that are missing, or that an admin may have changed in HubSpot since. */
  async function refreshAccounts(): Promise<void> {
    const now = clock()
    const readBefore = new Date(now.getTime() - accountKnownMs)
    for (const partnerId of await integrations.withOldAccount(readBefore, perPass)) {
      try {
        const { accessToken, portalId } = await refresh.getValidAccessToken(partnerId)
        const account = await readAccount(oauth, accessToken, clock)
        await integrations.storeAccount(partnerId, portalId, account)
      } catch (error) {
        if (!(error instanceof DomainError) && !(error instanceof HubspotError)) throw error
        log.info(
          { event: 'account_not_read', partnerId: partnerId.toHexString(), ...errorFields(error) },
          "An account's details could not be read and will be asked for again",
        )
      }
    }
  }

  return {
    async maintain(): Promise<void> {
      for (const part of [
        () => cleanup.retryDue(perPass),
        () => pendingGrants.returnExpired(perPass),
        keepGrantsAlive,
        refreshAccounts,
        () => attempts.removeOld(),
        () => reservations.prune(),
      ]) {
        await part().catch((error: unknown) =>
          log.warn(
            { event: 'maintenance_failed', ...errorFields(error) },
            'A part of the upkeep of connections failed and will be tried again',
          ),
        )
      }
    },
  }
}
