import type { H3Event } from 'h3'
import { ObjectId } from 'mongodb'
import { expect, test } from 'vitest'
import { countRequest, type RequestLimit } from '../../server/http/count-request'
import type { Services } from '../../server/services'

/** @returns the keys that requests are counted under, in their order */
async function keysOf(
  requests: { from: string; limit: RequestLimit; signedIn?: Parameters<typeof countRequest>[2] }[],
): Promise<string[]> {
  const keys: string[] = []
  const services = {
    limits: { take: async (key: string) => void keys.push(key) },
    configuration: { trustedProxies: 1 },
  } as unknown as Services
  for (const { from, limit, signedIn = null } of requests) {
    const headers = { 'x-forwarded-for': `198.51.100.1, ${from}` }
    const event = { node: { req: { headers, socket: {} } } } as unknown as H3Event
    await countRequest(event, services, signedIn, limit)
  }
  return keys
}

const byAddress: RequestLimit = { name: 'options', perMinute: 1, of: 'address' }

test('an address counts as the proxy names it, a whole IPv6 network as one, and is kept as a digest', async () => {
  const [one, same, other, network, neighbour] = await keysOf(
    ['203.0.113.9', '203.0.113.9:4711', '203.0.113.10', '2001:db8:1:2::1', '2001:db8:1:2::ff'].map(
      from => ({ from, limit: byAddress }),
    ),
  )
  expect(one).toBe(same)
  expect(one).not.toBe(other)
  expect(network).toBe(neighbour)
  expect(one).toMatch(/^options:[\w-]+$/)
  expect(one).not.toContain('203.0.113.9')
})

test('a person counts alone, a partner with everybody of it', async () => {
  const partner = { id: new ObjectId(), name: 'P' }
  const somebody = () => ({
    sessionId: new ObjectId(),
    user: { id: new ObjectId(), email: 'a@b.test', role: 'admin' as const },
    partner,
  })
  const [one, two] = [somebody(), somebody()]
  const ask = (signedIn: ReturnType<typeof somebody>, of: RequestLimit['of']) => ({
    from: '203.0.113.9',
    signedIn,
    limit: { ...byAddress, of },
  })
  expect(
    await keysOf([
      ask(one, 'person'),
      ask(two, 'person'),
      ask(one, 'partner'),
      ask(two, 'partner'),
    ]),
  ).toEqual(
    [one.user.id, two.user.id, partner.id, partner.id].map(id => `options:${id.toHexString()}`),
  )
})
