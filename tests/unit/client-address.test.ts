import { describe, expect, test } from 'vitest'
import type { H3Event } from 'h3'
import { clientAddress } from '../../server/http/client-address'

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
    ['203.0.113.9', 0, '::1'],
    ['', 1, '::1'],
  ])('in %j behind %i proxies is %s, without a port', (forwarded, proxies, address) => {
    expect(from(forwarded, proxies)).toBe(address)
  })
})
