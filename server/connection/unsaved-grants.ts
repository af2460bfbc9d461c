import type { ObjectId } from 'mongodb'
import type { Clock } from '../config/clock'
import { errorFields, type Log } from '../observability/log'
import { leavesMargin, type Integration } from './integration'
import type { RefreshLease, RefreshLeases } from './refresh-lease-repository'
import type { ValidToken } from './valid-token'

/** Storing is tried for as long as the lease shuts other processes out. */
const retryForMs = 30_000
const pauseMs = 250

/** What a refresh stores, sealed */
type Changes = Partial<Integration> & Pick<Integration, 'expires_in'>

/**
 * Tokens that HubSpot has given and the database has not taken yet (docs/architecture.md#refresh):
 * served from this process's memory while storing goes on. Sealed changes and the lease are kept,
 * so a late write is refused like any other stale one.
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
  const held = new Map<string, { token: ValidToken; expiresIn: number | null }>()

  async function store(key: string, lease: RefreshLease, changes: Changes): Promise<void> {
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
    hold(lease: RefreshLease, changes: Changes, token: ValidToken): void {
      const key = lease.partnerId.toHexString()
      held.set(key, { token, expiresIn: changes.expires_in })
      void store(key, lease, changes).finally(() => {
        if (held.get(key)?.token === token) held.delete(key)
      })
    },
    /** @returns a token that waits to be stored, while it is good */
    find(partnerId: ObjectId): ValidToken | null {
      const found = held.get(partnerId.toHexString())
      return found && leavesMargin(found.token.expiresAt, found.expiresIn, clock())
        ? found.token
        : null
    },
  }
}
export type UnsavedGrants = ReturnType<typeof createUnsavedGrants>
