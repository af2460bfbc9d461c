import { describe, expect, test } from 'vitest'
import type { H3Event } from 'h3'
import { clientAddress, isFromInside } from '../../server/http/client-address'

const from = (forwarded: string, trustedProxies: number) =>
  clientAddress(
    {
      node: {
        req: { headers: { 'x-forwarded-for': forwarded }, socket: { remoteAddress: '::1' } },
      },
      headers: new Headers({ 'x-forwarded-for': forwarded }),
    } as unknown as H3Event,
    trustedProxies,
  )

describe('the address of a client', () => {
  test.each([
    ['203.0.113.9', 1, '203.0.113.9'],
    ['10.0.0.1, 203.0.113.9:4711', 1, '203.0.113.9'],
    ['[2001:db8::1]:4711', 1, '2001:db8::1'],
    ['[2001:db8::1]', 1, '2001:db8::1'],
    ['2001:db8::1', 1, '2001:db8::1'],
    ['198.51.100.7:1, 10.0.0.2:2', 2, '198.51.100.7'],
    ['::ffff:203.0.113.9', 1, '203.0.113.9'],
    ['203.0.113.9', 0, '::1'],
    ['', 1, '::1'],
  ])('in %j behind %i proxies is %s, without a port', (forwarded, proxies, address) => {
    expect(from(forwarded, proxies)).toBe(address)
  })
})

test('an IPv4 client of a socket for both families is named as IPv4', () => {
  const event = { node: { req: { headers: {}, socket: { remoteAddress: '::ffff:203.0.113.9' } } } }
  expect(clientAddress(event as unknown as H3Event, 0)).toBe('203.0.113.9')
})

describe('who reads the metrics', () => {
  const event = (remoteAddress: string, headers: Record<string, string> = {}) =>
    ({
      node: { req: { headers, socket: { remoteAddress } } },
      headers: new Headers(headers),
    }) as unknown as H3Event
  test.each(['127.0.0.1', '::1', '::ffff:10.1.2.3', '172.31.255.1', '192.168.0.9', 'fd00::7'])(
    'is let in from %s',
    address => {
      expect(isFromInside(event(address))).toBe(true)
    },
  )
  test.each(['203.0.113.9', '::ffff:203.0.113.9', '172.32.0.1', '2001:db8::1', ''])(
    'is refused from %j',
    address => {
      expect(isFromInside(event(address))).toBe(false)
    },
  )
  test.each(['x-forwarded-for', 'forwarded', 'x-real-ip'])(
    'is refused through a proxy that sets %s',
    name => {
      expect(isFromInside(event('127.0.0.1', { [name]: '10.0.0.1' }))).toBe(false)
    },
  )
})
