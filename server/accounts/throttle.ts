import { createHash } from 'node:crypto'
import { isIPv4, isIPv6 } from 'node:net'
import type { Clock } from '../config/clock'
import type { Collections } from '../database/collections'
import { TooManyAttempts } from './errors'
import { createThrottleRepository } from './throttle-repository'

const windowMs = 15 * 60 * 1000
/** Failures within the window before waiting begins; then the wait doubles. */
const freeFailures = { pair: 5, address: 50, account: 100 }
const firstDelayMs = 1000
const longestDelayMs = 5 * 60 * 1000

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

/**
 * Slows guessing down: per account and address together, per address, and (far later) per account
 * from everywhere, so that a stranger cannot lock somebody out by failing in their name.
 */
export function createLoginThrottle({ collections, clock }: ThrottleDeps) {
  const counters = createThrottleRepository(collections)
  const keysOf = (email: string, address: string) => {
    const digest = (text: string) => createHash('sha256').update(text).digest('base64url')
    const from = addressKey(address)
    return [
      { id: digest(`pair:${email}:${from}`), free: freeFailures.pair },
      { id: digest(`address:${from}`), free: freeFailures.address },
      { id: digest(`account:${email}`), free: freeFailures.account },
    ]
  }
  return {
    /** @throws {TooManyAttempts} while the account or the address has to wait */
    async assertAllowed(email: string, address: string): Promise<void> {
      const now = clock()
      const rows = await counters.find(keysOf(email, address).map(key => key.id))
      const until = Math.max(0, ...rows.map(row => row.blocked_until?.getTime() ?? 0))
      if (until > now.getTime())
        throw new TooManyAttempts(Math.ceil((until - now.getTime()) / 1000))
    },
    async recordFailure(email: string, address: string): Promise<void> {
      const now = clock()
      for (const { id, free } of keysOf(email, address))
        await counters.countFailure(id, { now, free, windowMs, firstDelayMs, longestDelayMs })
    },
    /** A success clears what this address failed on this account. */
    async recordSuccess(email: string, address: string): Promise<void> {
      const [pair] = keysOf(email, address)
      if (pair) await counters.clear(pair.id)
    },
    /** Removes counters that ended before this. */
    prune: (before: Date) => counters.prune(before),
  }
}
export type LoginThrottle = ReturnType<typeof createLoginThrottle>
