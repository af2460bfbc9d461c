import { getRequestHeader, type H3Event } from 'h3'

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
    .map(part => part.trim())
    .filter(part => part !== '')
  return forwarded.at(-trustedProxies) ?? peer
}
