import type { ObjectId } from 'mongodb'
import type { Clock } from '../config/clock'
import type { Log } from '../observability/log'
import type { Integration } from './integration'
import { leavesMargin } from './token-freshness'
import type { RefreshLease, RefreshLeases } from './refresh-lease-repository'
import type { ValidToken } from './valid-token'

/** Between two tries to store a token, ms: the first one, and the longest */
const pausesMs = { first: 250, longest: 2000 }

/** What a refresh stores, sealed */
type Changes = Partial<Integration> & Pick<Integration, 'expires_in'>

interface Held {
  lease: RefreshLease
  changes: Changes
  token: ValidToken
}

/**
 * Tokens that HubSpot has given and the database has not taken yet (docs/architecture.md#refresh):
 * served from this process's memory while storing goes on, until it succeeds or another grant is
 * stored. What is held is sealed.
 */
export function createUnsavedGrants({
  leases,
  clock,
  log,
  wait,
}: {
  leases: Pick<RefreshLeases, 'settleLate'>
  clock: Clock
  log: Log
  wait: (ms: number) => Promise<void>
}) {
  const held = new Map<string, Held>()

  /** @returns whether it is settled: stored, or another grant is */
  async function settle(key: string, one: Held): Promise<boolean> {
    let stored: boolean
    try {
      stored = await leases.settleLate(one.lease, one.changes)
    } catch {
      return false
    }
    if (held.get(key) === one) held.delete(key)
    log.info(
      {
        event: stored ? 'held_token_stored' : 'held_token_overtaken',
        partnerId: key,
        fence: one.lease.fence,
      },
      'A token held in memory was settled',
    )
    return true
  }

  async function keepTrying(key: string, one: Held): Promise<void> {
    for (let pauseMs = pausesMs.first; held.get(key) === one;) {
      await wait(pauseMs)
      if (held.get(key) !== one || (await settle(key, one))) return
      pauseMs = Math.min(pauseMs * 1.5, pausesMs.longest)
    }
  }

  return {
    hold(lease: RefreshLease, changes: Changes, token: ValidToken): void {
      const key = lease.partnerId.toHexString()
      const one: Held = { lease, changes, token }
      held.set(key, one)
      void keepTrying(key, one)
    },

    /** @returns a token that waits to be stored, while it is good */
    find(partnerId: ObjectId): ValidToken | null {
      const found = held.get(partnerId.toHexString())
      return found && leavesMargin(found.token.expiresAt, found.changes.expires_in, clock())
        ? found.token
        : null
    },

    /** Before the process ends: stores what is held, and tries for so long, ms. */
    async storeAll(graceMs: number): Promise<void> {
      const until = performance.now() + graceMs
      for (const [key, one] of held) {
        while (held.get(key) === one && !(await settle(key, one))) {
          if (performance.now() > until) {
            log.error(
              { event: 'held_token_lost', partnerId: key },
              'A refreshed token could not be stored before the end of the process',
            )
            break
          }
          await wait(pausesMs.first)
        }
      }
    },
  }
}
export type UnsavedGrants = ReturnType<typeof createUnsavedGrants>
