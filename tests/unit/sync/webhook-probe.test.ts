import { describe, expect, test } from 'vitest'
import { createAccept, type AcceptDeps } from '../../../server/sync/webhooks/accept'
import { createProbe, probeOf } from '../../../server/sync/webhooks/probe'
import type { ProbeRepository } from '../../../server/sync/webhooks/probe-repository'

const at = new Date('2026-11-28T03:00:00.000Z')
const configuration = (more = {}) =>
  ({
    hubspot: {
      webhookUrl: 'https://app.example/v1/leads/webhooks/hubspot',
      apiBaseUrl: 'https://api.hubapi.com',
      clientSecret: 'the-client-secret',
      formerClientSecrets: [],
      ...more,
    },
  }) as unknown as AcceptDeps['configuration']

function someProbes(): ProbeRepository & { open: Map<string, boolean> } {
  const open = new Map<string, boolean>()
  return {
    open,
    begin: async nonce => void open.set(nonce, false),
    arrived: async nonce => {
      if (open.has(nonce)) open.set(nonce, true)
    },
    end: async nonce => {
      const arrived = open.get(nonce) === true
      open.delete(nonce)
      return arrived
    },
  }
}

/** An installation that takes what it sends to itself. */
function anInstallation({ theirs = {}, ours = {} } = {}) {
  const probes = someProbes()
  const stored: unknown[] = []
  const { accept } = createAccept({
    probes,
    configuration: configuration(theirs),
    clock: () => at,
    metrics: { webhookEvents: { inc: () => {} } },
    log: { warn: () => {} },
    store: { append: async (events: unknown) => void stored.push(events) },
  } as unknown as AcceptDeps)
  const fetch = async (_url: unknown, init?: RequestInit) => {
    const headers = new Headers(init?.headers)
    try {
      await accept({
        method: 'POST',
        body: Buffer.from(String(init?.body)),
        signature: headers.get('x-hubspot-signature-v3') ?? undefined,
        timestamp: headers.get('x-hubspot-request-timestamp') ?? undefined,
      })
      return new Response('{}')
    } catch {
      return new Response('{}', { status: 401 })
    }
  }
  const probeWith = (other: typeof fetch) =>
    createProbe({
      configuration: configuration(ours),
      probes,
      fetch: other,
      clock: () => at,
    })()
  return { probes, stored, fetch, probeWith }
}

describe('a delivery that the installation sends to itself', () => {
  test('arrives through the public address, by HubSpot’s own rules of signing, and stores nothing', async () => {
    const { probes, stored, fetch, probeWith } = anInstallation()
    expect(await probeWith(fetch)).toEqual({
      result: 'arrived',
      status: 200,
      at: at.toISOString(),
    })
    expect(stored).toEqual([])
    expect(probes.open.size).toBe(0)
  })

  test('is refused where another secret or another address is set', async () => {
    for (const theirs of [{ clientSecret: 'another' }, { webhookUrl: 'https://other.example/x' }]) {
      const { fetch, probeWith } = anInstallation({ theirs })
      expect((await probeWith(fetch)).result).toBe('refused_signature')
    }
  })

  test.each<[string, () => Promise<Response>]>([
    ['answered_elsewhere', async () => new Response('hello')],
    ['redirected', async () => new Response(null, { status: 302 })],
    ['refused', async () => new Response(null, { status: 502 })],
    ['unreachable', async () => Promise.reject(new TypeError('fetch failed'))],
  ])('that does not arrive says why: %s', async (result, answer) => {
    const { probeWith } = anInstallation()
    expect((await probeWith(answer)).result).toBe(result)
  })

  test('whose answer was lost has arrived all the same', async () => {
    const { fetch, probeWith } = anInstallation()
    const lost = async (url: unknown, init?: RequestInit) => {
      await fetch(url, init)
      throw new TypeError('fetch failed')
    }
    expect(await probeWith(lost)).toMatchObject({ result: 'arrived', status: null })
  })

  test('is not sent where HubSpot itself could not send one', async () => {
    const { fetch, probeWith } = anInstallation({
      ours: { webhookUrl: 'http://localhost:3000/v1/leads/webhooks/hubspot' },
    })
    expect((await probeWith(fetch)).result).toBe('not_https')
  })

  test('is nothing that HubSpot sends', () => {
    expect(probeOf(Buffer.from('[]'))).toBeNull()
    expect(
      probeOf(Buffer.from('[{"subscriptionType":"contact.creation","objectId":1}]')),
    ).toBeNull()
  })
})
