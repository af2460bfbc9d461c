import { randomUUID } from 'node:crypto'
import { getRequestHeader, type H3Event } from 'h3'
import type { RequestOrigin } from '../database/audit'

const maxUserAgent = 256

/**
 * The network address a request came from. `X-Forwarded-For` counts only as far as our own proxies
 * wrote it: with one trusted proxy its last entry, with two the one before. What stands further
 * left is whatever the client liked to send.
 * @param trustedProxies number of proxies in front of the app
 */
export function clientAddress(event: H3Event, trustedProxies: number): string {
  const peer = event.node.req.socket?.remoteAddress ?? ''
  if (trustedProxies === 0) return peer
  const forwarded = (getRequestHeader(event, 'x-forwarded-for') ?? '')
    .split(',')
    .map(part => withoutPort(part.trim()))
    .filter(part => part !== '')
  return forwarded.at(-trustedProxies) ?? peer
}

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
