import { randomUUID } from 'node:crypto'
import { BlockList, isIPv6 } from 'node:net'
import { getRequestHeader, type H3Event } from 'h3'
import type { RequestOrigin } from '../database/audit'

const maxUserAgent = 256

/**
 * The network address a request came from. `X-Forwarded-For` counts only as far as our own proxies
 * wrote it: with one trusted proxy its last entry, with two the one before. What stands further
 * left is whatever the client liked to send.
 * @returns IPv4 in its own form, also where the socket is IPv6
 * @param trustedProxies number of proxies in front of the app
 */
export function clientAddress(event: H3Event, trustedProxies: number): string {
  const peer = peerAddress(event)
  if (trustedProxies === 0) return peer
  const forwarded = (getRequestHeader(event, 'x-forwarded-for') ?? '')
    .split(',')
    .map(part => withoutMapping(withoutPort(part.trim())))
    .filter(part => part !== '')
  return forwarded.at(-trustedProxies) ?? peer
}

/** A socket that takes both families names an IPv4 peer as `::ffff:203.0.113.9` (RFC 4291, 2.5.5.2). */
const withoutMapping = (address: string) => address.replace(/^::ffff:(?=\d+\.)/i, '')

const peerAddress = (event: H3Event) => withoutMapping(event.node.req.socket?.remoteAddress ?? '')

/** Some proxies add the client's port: `203.0.113.9:4711`, `[2001:db8::1]:4711`. */
function withoutPort(text: string): string {
  return (
    /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(text)?.[1] ??
    /^\[([0-9a-f:.%]+)\](?::\d+)?$/i.exec(text)?.[1] ??
    text
  )
}

/** Where a request came from, for the audit log. The program's own words lose what cannot be shown. */
export function requestOrigin(event: H3Event, trustedProxies: number): RequestOrigin {
  const userAgent = (getRequestHeader(event, 'user-agent') ?? '')
    .replace(/[^\x20-\x7e]/g, '')
    .slice(0, maxUserAgent)
  return {
    address: clientAddress(event, trustedProxies) || null,
    userAgent: userAgent || null,
    correlationId: (event.context.correlationId ??= randomUUID()),
  }
}

/** Addresses of this machine and of private networks (RFC 1918, RFC 4193, link-local) */
const nearby = new BlockList()
nearby.addSubnet('127.0.0.0', 8)
nearby.addSubnet('10.0.0.0', 8)
nearby.addSubnet('172.16.0.0', 12)
nearby.addSubnet('192.168.0.0', 16)
nearby.addSubnet('169.254.0.0', 16)
nearby.addAddress('::1', 'ipv6')
nearby.addSubnet('fc00::', 7, 'ipv6')
nearby.addSubnet('fe80::', 10, 'ipv6')

/**
 * @returns whether a request came straight from this machine or a private network. What a proxy
 *   passes on came from somewhere else, and says so.
 */
export function isFromInside(event: H3Event): boolean {
  if (['forwarded', 'x-forwarded-for', 'x-real-ip'].some(name => getRequestHeader(event, name)))
    return false
  const peer = peerAddress(event)
  return peer !== '' && nearby.check(peer, isIPv6(peer) ? 'ipv6' : 'ipv4')
}
