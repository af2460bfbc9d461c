import type { Document, ObjectId } from 'mongodb'
import type { Clock } from '../config/clock'
import { errorFields, type Log } from '../observability/log'
import type { RefreshLease, RefreshLeases } from './lease'
import type { ValidToken } from './refresh'

/** Storing is tried for as long as the lease shuts other processes out. */
const retryForMs = 30_000
const pauseMs = 250
const marginMs = 5 * 60 * 1000

/**
 * Tokens that HubSpot has given and the database has not taken yet (security.md R15): served from
 * this process's memory while storing goes on. Sealed changes and the lease are kept, so a late
 * write is refused like any other stale one.
 */
export function createUnsavedGrants({
  leases,
  clock,
  log,
  wait,
}: {
  leases: RefreshLeases
  clock: Clock
  log: Log
  wait: (ms: number) => Promise<void>
}) {
  const held = new Map<string, ValidToken>()

  async function store(key: string, lease: RefreshLease, changes: Document): Promise<void> {
    const until = performance.now() + retryForMs
    let failure: unknown
    while (performance.now() < until) {
      await wait(pauseMs)
      try {
        const stored = await leases.settle(lease, changes)
        log.info(
          {
            event: stored ? 'held_token_stored' : 'held_token_overtaken',
            partnerId: key,
            fence: lease.fence,
          },
          'A token held in memory was settled',
        )
        return
      } catch (error) {
        failure = error
      }
    }
    log.error(
      { event: 'held_token_lost', partnerId: key, ...errorFields(failure) },
      'A refreshed token could not be stored; the next refresh makes another',
    )
  }

  return {
    hold(lease: RefreshLease, changes: Document, token: ValidToken): void {
      const key = lease.partnerId.toHexString()
      held.set(key, token)
      void store(key, lease, changes).finally(() => {
        if (held.get(key) === token) held.delete(key)
      })
    },
    /** @returns a token that waits to be stored, while it is good */
    find(partnerId: ObjectId): ValidToken | null {
      const token = held.get(partnerId.toHexString())
      return token && token.expiresAt.getTime() - clock().getTime() >= marginMs ? token : null
    },
  }
}
