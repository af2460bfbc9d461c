import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { signedUrl, verifySignature, type SignedRequest } from '../../server/hubspot/signature'
import vectors from './data/hubspot-signature-vectors.json'
import { present } from '../support/present'

vi.setConfig({ testTimeout: 60_000 })

const secret = 'a-client-secret-of-forty-characters-0001'
const url = 'https://app.example.com/v1/leads/webhooks/hubspot'
const now = new Date(1_790_000_000_000)

function sign(
  body: Uint8Array | string,
  {
    at = now.getTime(),
    method = 'POST',
    to = url,
    key = secret,
  }: { at?: number | string; method?: string; to?: string; key?: string } = {},
): SignedRequest {
  const bytes = Buffer.from(body)
  const signature = createHmac('sha256', key)
    .update(Buffer.concat([Buffer.from(method + signedUrl(to)), bytes, Buffer.from(String(at))]))
    .digest('base64')
  return { method, url: to, body: bytes, timestamp: String(at), signature }
}

describe('signature v3', () => {
  test.each(vectors)('accepts the vector $id', vector => {
    const request = {
      method: vector.method,
      url: vector.rawUri,
      body: Buffer.from(vector.body),
      timestamp: vector.timestamp,
      signature: vector.signatureV3,
    }
    expect(signedUrl(vector.rawUri)).toBe(vector.signedUri)
    expect(
      verifySignature(request, [vector.clientSecret], new Date(Number(vector.timestamp) + 1000)),
    ).toBe('valid')
    expect(verifySignature(request, ['another-secret'], new Date(Number(vector.timestamp)))).toBe(
      'mismatch',
    )
  })

  test.each([
    ['key order and spaces', '[ {"b":1,\n"a":2} ]'],
    ['escaped and plain letters', '["\\u00e9","é"]'],
    ['emoji', '["☕"]'],
    ['a newline at the end', '[]\n'],
    ['nothing', ''],
  ])('works on the bytes as they came: %s', (_what, body) => {
    expect(verifySignature(sign(body), [secret], now)).toBe('valid')
  })

  test('works on bytes that are no UTF-8', () => {
    expect(verifySignature(sign(Buffer.from([0x5b, 0xff, 0xfe, 0x5d])), [secret], now)).toBe(
      'valid',
    )
  })

  test('decodes exactly what HubSpot decodes', () => {
    expect(signedUrl('https://a.example/%3A%2F%3F%40%21%24%27%28%29%2A%2C%3B')).toBe(
      "https://a.example/:/?@!$'()*,;",
    )
    expect(signedUrl('https://a.example/?x=%20%26%3D%25%23%C3%A9')).toBe(
      'https://a.example/?x=%20%26%3D%25%23%C3%A9',
    )
    expect(signedUrl('https://a.example/?x=%253A')).toBe('https://a.example/?x=%253A')
  })

  test('keeps to five minutes back and one ahead', () => {
    const at = (seconds: number) =>
      verifySignature(sign('[]', { at: now.getTime() + seconds * 1000 }), [secret], now)
    expect([at(-299), at(-300), at(0), at(60)]).toEqual(['valid', 'valid', 'valid', 'valid'])
    expect([at(-301), at(-86_400)]).toEqual(['stale', 'stale'])
    expect([at(61), at(86_400)]).toEqual(['early', 'early'])
  })

  test.each([
    '',
    'NaN',
    '1e12',
    '0x1a0c4e2d400',
    '1790000000',
    ' 1790000000000',
    '1790000000000 ',
    '-790000000000',
    '1790000000000.0',
    '1790000000000, 1790000000000',
    '17900000000000',
    '１７９００００００００００',
  ])('refuses the timestamp %j though it is signed', at => {
    expect(verifySignature(sign('[]', { at }), [secret], now)).toBe('malformed')
  })

  test('refuses what is missing', () => {
    expect(verifySignature({ ...sign('[]'), signature: undefined }, [secret], now)).toBe('missing')
    expect(verifySignature({ ...sign('[]'), timestamp: undefined }, [secret], now)).toBe('missing')
  })

  test('accepts the previous secret while both are configured, and none when none is', () => {
    const request = sign('[]', { key: 'the-previous-client-secret' })
    expect(verifySignature(request, [secret, 'the-previous-client-secret'], now)).toBe('valid')
    expect(verifySignature(request, [secret], now)).toBe('mismatch')
    expect(verifySignature(request, [], now)).toBe('mismatch')
  })

  /** A request and everything that is not it: all but the first must be refused. */
  function mutationsOf(): { good: SignedRequest; mutations: SignedRequest[] } {
    const body =
      '[{"eventId":1,"portalId":62515,"subscriptionType":"contact.creation","objectId":123,"occurredAt":1790000000000}]'
    const good = sign(body)
    const mutations: SignedRequest[] = []
    const mac = Buffer.from(present(good.signature), 'base64')
    for (let bit = 0; bit < 256; bit++) {
      const flipped = Buffer.from(mac)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      mutations.push({ ...good, signature: flipped.toString('base64') })
    }
    const bytes = Buffer.from(good.body)
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes)
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      mutations.push({ ...good, body: changed })
    }
    for (let length = 0; length < 44; length++)
      mutations.push({ ...good, signature: good.signature?.slice(0, length) })
    const text = present(good.signature)
    const spelling = text.slice(0, 42)
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
    for (const last of alphabet)
      if (last !== text[42]) mutations.push({ ...good, signature: `${spelling}${last}=` })
    for (const signature of [
      `${text}=`,
      `${text} `,
      ` ${text}`,
      `${text}\n`,
      `${text}, ${text}`,
      `${text},`,
      text.slice(0, -1),
      `${text.slice(0, -1)}A`,
      text.toLowerCase(),
      text.toUpperCase(),
      mac.toString('hex'),
      mac.toString('base64url'),
      `v3=${text}`,
      'A'.repeat(44),
      `${'A'.repeat(43)}=`,
      '='.repeat(44),
      text.repeat(100),
      'x'.repeat(1024 * 1024),
      '',
      '\u0000'.repeat(44),
      'é'.repeat(22),
    ])
      mutations.push({ ...good, signature })
    for (let offset = 1; offset <= 60; offset++)
      mutations.push(
        { ...good, timestamp: String(now.getTime() + offset) },
        { ...good, timestamp: String(now.getTime() - offset) },
      )
    for (const method of ['GET', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', ''])
      mutations.push({ ...good, method })
    for (const to of [
      `${url}/`,
      `${url}?`,
      `${url}?a=1`,
      url.replace('https', 'http'),
      url.replace('app.', 'api.'),
      url.replace('/v1/', '/api/v1/'),
      `${url}#`,
    ])
      mutations.push({ ...good, url: to })
    return { good, mutations }
  }
  const acceptedBy = (verify: (request: SignedRequest) => string) =>
    mutationsOf().mutations.filter(mutation => verify(mutation) === 'valid')

  test('refuses every mutation', () => {
    const { mutations } = mutationsOf()
    const accepted = acceptedBy(request => verifySignature(request, [secret], now))
    process.stdout.write(`signature: ${mutations.length} mutations, ${accepted.length} accepted\n`)
    expect(mutations.length).toBeGreaterThan(1000)
    expect(accepted).toEqual([])
  })

  test('would be seen to accept, by the same mutations, if it left out a part', () => {
    const { good } = mutationsOf()
    const careless: [string, (request: SignedRequest) => SignedRequest, number][] = [
      ['the timestamp', request => ({ ...request, timestamp: good.timestamp }), 100],
      ['the body', request => ({ ...request, body: good.body }), 800],
      ['the method', request => ({ ...request, method: 'POST' }), 5],
      ['the URL', request => ({ ...request, url }), 5],
      [
        'the spelling of the signature',
        request => ({
          ...request,
          signature: Buffer.from(request.signature ?? '', 'base64').toString('base64'),
        }),
        3,
      ],
    ]
    for (const [part, leaveOut, atLeast] of careless) {
      expect(
        acceptedBy(request => verifySignature(leaveOut(request), [secret], now)).length,
        part,
      ).toBeGreaterThanOrEqual(atLeast)
    }
  })

  test('never throws, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.uint8Array(),
        fc.option(fc.string({ unit: 'binary' }), { nil: undefined }),
        fc.option(fc.string({ unit: 'binary', maxLength: 60 }), { nil: undefined }),
        (method, body, timestamp, signature) => {
          expect(
            verifySignature({ method, url, body, timestamp, signature }, [secret], now),
          ).not.toBe('valid')
        },
      ),
      { numRuns: 1000 },
    )
  })
})
