import type { ObjectId } from 'mongodb'
import type { Clock } from '../config/clock'
import type { Collections } from '../database/collections'
import { DomainError } from '../errors'
import type { OauthClient } from '../hubspot/oauth-client'
import { errorFields, type Log } from '../observability/log'
import { accountDocument } from './admission'
import type { Attempts } from './attempts'
import type { PendingGrants } from './pending-grants'
import type { Refresh } from './refresh'
import type { RemoteCleanup } from './remote-cleanup'
import type { Vault } from './vault'

export interface MaintenanceDeps {
  collections: Collections
  vault: Vault
  oauth: OauthClient
  attempts: Attempts
  refresh: Refresh
  cleanup: RemoteCleanup
  pendingGrants: PendingGrants
  clock: Clock
  log: Log
}

/** Partners looked after in one pass: spreads what an outage made due at once. */
const perPass = 20
/**
 * A grant that nothing used for so long is tried, so that an uninstall in HubSpot is noticed
 * (HubSpot sends no word of it, hubspot.md §0.7).
 */
const idleAfterMs = 12 * 60 * 60 * 1000

/**
 * What is due about once a minute, in any of the processes. Each part can be done twice without
 * harm.
 */
export function createMaintenance({
  collections,
  vault,
  oauth,
  attempts,
  refresh,
  cleanup,
  pendingGrants,
  clock,
  log,
}: MaintenanceDeps) {
  const { partners } = collections

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
    const recovering = await partners
      .find(
        {
          'hubspot_integration.status': 'degraded',
          'hubspot_integration.retry_refresh_at': { $lte: now },
        },
        { projection: { _id: 1 } },
      )
      .limit(perPass)
      .toArray()
    const idle = await partners
      .find(
        {
          'hubspot_integration.status': 'connected',
          'hubspot_integration.expires_at': { $lt: new Date(now.getTime() - idleAfterMs) },
        },
        { projection: { _id: 1 } },
      )
      .limit(perPass)
      .toArray()
    await tryGrants([...recovering, ...idle].map(partner => partner._id))
  }

  async function completeAccounts(): Promise<void> {
    const without = await partners
      .find(
        { 'hubspot_integration.status': 'connected', 'hubspot_integration.account': null },
        { projection: { _id: 1 } },
      )
      .limit(perPass)
      .toArray()
    for (const { _id } of without) {
      const { accessToken, portalId } = await refresh.getValidAccessToken(_id)
      await vault.storeAccount(
        _id,
        portalId,
        accountDocument(await oauth.accountDetails(accessToken)),
      )
    }
  }

  return {
    async maintain(): Promise<void> {
      for (const part of [
        () => cleanup.retryDue(perPass),
        () => pendingGrants.returnExpired(perPass),
        keepGrantsAlive,
        completeAccounts,
        () => attempts.removeOld(),
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
