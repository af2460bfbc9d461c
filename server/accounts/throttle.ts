import { isIPv4, isIPv6 } from 'node:net'
import type { Clock } from '../config/clock'
import type { Collections } from '../database/collections'
import { digestOf } from './digest'
import { TooManyAttempts } from './errors'
import { createThrottleRepository, type Pace } from './throttle-repository'

/** The wait doubles with each try (`throttle-repository.ts`). */
const pace: Pace = {
  free: 5,
  windowMs: 15 * 60 * 1000,
  firstDelayMs: 1000,
  longestDelayMs: 5 * 60 * 1000,
}
/** An account's own counter waits less: it meets strangers and the owner in a new browser alike. */
const paces = {
  pair: pace,
  browser: pace,
  address: { ...pace, free: 50 },
  account: { ...pace, free: 100, longestDelayMs: 60 * 1000 },
} satisfies Record<string, Pace>

/**
 * The part of an address that one client can change at will is cut off: IPv6 counts by /64, IPv4
 * mapped into IPv6 as IPv4.
 * @returns the key to count under
 */
export function addressKey(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped) return mapped
  if (isIPv4(address)) return address
  if (!isIPv6(address)) return 'unknown'
  const [head = '', tail] = address.toLowerCase().split('%')[0]?.split('::') ?? []
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const groups =
    tail === undefined
      ? left
      : [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right]
  return `${groups
    .slice(0, 4)
    .map(group => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`
}

export interface ThrottleDeps {
  collections: Collections
  clock: Clock
}

/** Who tries to sign in */
export interface Guess {
  email: string
  address: string
  /** A browser that this account signed in from before (`known-browsers.ts`) */
  knownBrowser: string | null
}

/**
 * Slows guessing down: per account and address together, per address, and (far later) per account
 * from everywhere. A browser that the account knows has a counter of its own and meets none of
 * these: no stranger can lock the owner out of it by failing in their name.
 */
export function createLoginThrottle({ collections, clock }: ThrottleDeps) {
  const counters = createThrottleRepository(collections)
  function countersOf({ email, address, knownBrowser }: Guess) {
    const counter = (kind: keyof typeof paces, of: string) => ({
      key: digestOf(`${kind}:${of}`),
      pace: paces[kind],
    })
    const from = addressKey(address)
    return knownBrowser === null
      ? [counter('pair', `${email}:${from}`), counter('address', from), counter('account', email)]
      : [counter('browser', `${email}:${knownBrowser}`)]
  }
  return {
    /**
     * Counts an attempt before it is looked at. To be called before any hashing.
     * @throws {TooManyAttempts} while account, address or browser have to wait; nothing is counted
     */
    async take(guess: Guess): Promise<void> {
      const now = clock()
      const taken: ReturnType<typeof countersOf> = []
      for (const counter of countersOf(guess)) {
        const until = await counters.take(counter.key, { now, ...counter.pace })
        if (until === null) {
          taken.push(counter)
          continue
        }
        for (const { key, pace } of taken) await counters.giveBack(key, pace)
        throw new TooManyAttempts(Math.ceil((until.getTime() - now.getTime()) / 1000))
      }
    },
    /** A success clears what this address or browser failed on this account, and nothing else. */
    async recordSuccess(guess: Guess): Promise<void> {
      const [own, ...shared] = countersOf(guess)
      if (own) await counters.clear(own.key)
      for (const { key, pace } of shared) await counters.giveBack(key, pace)
    },
    /** Removes counters that ended before this. */
    prune: (before: Date) => counters.prune(before),
  }
}
export type LoginThrottle = ReturnType<typeof createLoginThrottle>
