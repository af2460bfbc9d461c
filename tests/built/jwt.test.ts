import { createHmac, generateKeyPairSync, sign as signWith } from 'node:crypto'
import { defineEventHandler, getCookie, setResponseStatus } from 'h3'
import { decodeJwt, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunningApp } from '../support/app'
import { startCarelessServer } from '../support/careless-server'
import { codeOf, createClient, type Client } from '../support/client'
import { present } from '../support/present'
import { endsSession, isStream, pathOf, signedInRoutes } from '../support/routes'
import { startStack, type Stack } from '../support/stack'

let app: RunningApp
let stack: Stack
let client: Client
let token = ''
beforeAll(async () => {
  stack = await startStack()
  app = stack.app
  const partner = await stack.aPartner()
  client = createClient(app.url)
  await client.signIn(partner.admin.email, partner.admin.password)
  token = present(/access_token=([^;]+)/.exec(client.cookie)?.[1])
})
afterAll(async () => {
  await stack.stop()
})

const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
const secret = () => app.env.NUXT_AUTH_JWT_SECRET
const parts = () => {
  const [header = '', payload = '', signature = ''] = token.split('.')
  return {
    header,
    payload,
    signature,
    claims: JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>,
  }
}
/**
 * Signs with the server's own secret: what is wrong with it must be seen elsewhere than in the
 * signature.
 */
const signed = (header: unknown, payload: unknown, hash = 'sha256', key: string = secret()) => {
  const input = `${encode(header)}.${encode(payload)}`
  return `${input}.${createHmac(hash, key).update(input).digest('base64url')}`
}
const good = { alg: 'HS256', typ: 'session+jwt' }
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })

function forgeries(): [string, string][] {
  const { header, payload, signature, claims } = parts()
  const now = Math.floor(Date.now() / 1000)
  const without = (name: string) =>
    Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name))
  const flipped = (text: string, at: number) =>
    `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`
  const rsInput = `${encode({ alg: 'RS256', typ: 'session+jwt' })}.${payload}`
  return [
    ...['none', 'None', 'NONE', 'nOnE', ''].flatMap((alg): [string, string][] => [
      [`alg ${alg || '(empty)'}, no signature`, `${encode({ ...good, alg })}.${payload}.`],
      [
        `alg ${alg || '(empty)'}, old signature`,
        `${encode({ ...good, alg })}.${payload}.${signature}`,
      ],
      [`alg ${alg || '(empty)'}, signed`, signed({ ...good, alg }, claims)],
    ]),
    ['HS384', signed({ ...good, alg: 'HS384' }, claims, 'sha384')],
    ['HS512', signed({ ...good, alg: 'HS512' }, claims, 'sha512')],
    ['HS256 named HS512', signed({ ...good, alg: 'HS512' }, claims)],
    ['hs256 in small letters', signed({ ...good, alg: 'hs256' }, claims)],
    [
      "RS256 by a stranger's key",
      `${rsInput}.${signWith('sha256', Buffer.from(rsInput), rsa.privateKey).toString('base64url')}`,
    ],
    ['RS256 with the secret as key', signed({ ...good, alg: 'RS256' }, claims)],
    ['ES256', signed({ ...good, alg: 'ES256' }, claims)],
    ['PS256', signed({ ...good, alg: 'PS256' }, claims)],
    ['EdDSA', signed({ ...good, alg: 'EdDSA' }, claims)],
    ['no alg', signed({ typ: good.typ }, claims)],
    ['alg as a number', signed({ ...good, alg: 256 }, claims)],
    ['alg as a list', signed({ ...good, alg: ['HS256'] }, claims)],
    ['another secret', signed(good, claims, 'sha256', 'another-secret-of-some-length-0123456789')],
    [
      'the secret decoded from base64',
      signed(good, claims, 'sha256', Buffer.from(secret(), 'base64').toString('latin1')),
    ],
    ['an empty secret', signed(good, claims, 'sha256', '')],
    ['another typ', signed({ ...good, typ: 'JWT' }, claims)],
    ['no typ', signed({ alg: 'HS256' }, claims)],
    ['typ at+jwt', signed({ ...good, typ: 'at+jwt' }, claims)],
    ['kid to a file', signed({ ...good, kid: '../../../dev/null' }, claims)],
    ['kid as an operator', signed({ ...good, kid: { $ne: '' } }, claims)],
    ['jku', signed({ ...good, jku: 'https://evil.example/jwks.json' }, claims)],
    ['x5u', signed({ ...good, x5u: 'https://evil.example/cert.pem' }, claims)],
    ['jwk', signed({ ...good, jwk: rsa.publicKey.export({ format: 'jwk' }) }, claims)],
    ['x5c', signed({ ...good, x5c: ['MIIB'] }, claims)],
    ['crit', signed({ ...good, crit: ['exp'] }, claims)],
    ['crit unknown', signed({ ...good, crit: ['x'], x: 1 }, claims)],
    ['b64 false', signed({ ...good, b64: false, crit: ['b64'] }, claims)],
    ['cty', signed({ ...good, cty: 'JWT' }, claims)],
    ...['sub', 'sid', 'tid', 'iss', 'aud', 'iat', 'nbf', 'exp'].map((name): [string, string] => [
      `no ${name}`,
      signed(good, without(name)),
    ]),
    ['expired', signed(good, { ...claims, iat: now - 90_000, nbf: now - 90_000, exp: now - 60 })],
    ['not yet valid', signed(good, { ...claims, nbf: now + 600 })],
    ['issued in the future', signed(good, { ...claims, iat: now + 600 })],
    ['a life of years', signed(good, { ...claims, iat: now - 100_000, exp: now + 10 ** 9 })],
    ['exp as text', signed(good, { ...claims, exp: String(now + 600) })],
    ['exp beyond numbers', signed(good, { ...claims, exp: 1e15 })],
    ['exp null', signed(good, { ...claims, exp: null })],
    ['iat as text', signed(good, { ...claims, iat: 'now' })],
    ['another issuer', signed(good, { ...claims, iss: 'somebody' })],
    ['another audience', signed(good, { ...claims, aud: 'somebody' })],
    ['several audiences', signed(good, { ...claims, aud: ['partner-connector', 'other'] })],
    ['sub as an operator', signed(good, { ...claims, sub: { $ne: '' } })],
    ['sub of somebody else', signed(good, { ...claims, sub: 'f'.repeat(24) })],
    ['sid of no session', signed(good, { ...claims, sid: 'f'.repeat(24) })],
    ['tid of another partner', signed(good, { ...claims, tid: 'f'.repeat(24) })],
    ['tid as a number', signed(good, { ...claims, tid: 1 })],
    ['claims that are a list', signed(good, [claims])],
    ['claims that are no JSON', signed(good, 'claims')],
    ['claims null', signed(good, null)],
    [
      'payload of another token',
      `${header}.${encode({ ...claims, sub: 'f'.repeat(24) })}.${signature}`,
    ],
    ['signature cut off', `${header}.${payload}.`],
    ['signature cut short', `${header}.${payload}.${signature.slice(0, -2)}`],
    ['signature with padding', `${token}=`],
    [
      'signature with another spelling of its last letter',
      `${token.slice(0, -1)}${String.fromCharCode(token.charCodeAt(token.length - 1) + 1)}`,
    ],
    ['a bit of the signature', `${header}.${payload}.${flipped(signature, 3)}`],
    ['a bit of the payload', `${header}.${flipped(payload, 10)}.${signature}`],
    ['a bit of the header', `${flipped(header, 5)}.${payload}.${signature}`],
    ['two parts', `${header}.${payload}`],
    ['four parts', `${token}.${signature}`],
    ['five parts, as encryption has', `${header}..${payload}.${signature}.${signature}`],
    ['blank in between', `${header}. ${payload}.${signature}`],
    ['base64 with plus and slash', `${header}.${payload}.${'+/'.repeat(21)}A`],
    ['a very long one', `${header}.${'A'.repeat(3000)}.${signature}`],
    ['nothing', ''],
    ['an operator', '{"$ne":""}'],
    ['a list', '["x"]'],
  ]
}

/** The forgeries that opened the door, or were refused in another way than they should be. */
async function openedBy(asking: Client): Promise<string[]> {
  const opened: string[] = []
  for (const [what, forged] of forgeries()) {
    asking.useCookie(`access_token=${forged}`)
    const answer = await asking.get('/api/v1/auth/me')
    if (answer.status !== 401 || codeOf(answer) !== 'not_signed_in') opened.push(what)
  }
  return opened
}

describe('a session token', () => {
  it('that was forged opens nothing', async () => {
    const all = forgeries()
    expect(await openedBy(client)).toEqual([])
    process.stdout.write(`JWT: ${all.length} forgeries, all refused\n`)
    expect(all.length).toBeGreaterThanOrEqual(60)
  })

  it('that was forged would be seen to open, where a verifier is careless', async () => {
    const refused = () => ({ statusCode: 401, data: { code: 'not_signed_in', correlationId: '' } })
    const guard = (check: (token: string) => unknown) =>
      defineEventHandler(async event => {
        const passes = await Promise.resolve()
          .then(() => check(getCookie(event, 'access_token') ?? ''))
          .then(Boolean, () => false)
        if (!passes) setResponseStatus(event, 401)
        return passes ? { user: {} } : refused()
      })
    const careless: [string, (token: string) => unknown, string[]][] = [
      [
        'reads the claims and never looks at the signature',
        token => decodeJwt(token).sid,
        ['alg none, no signature', 'another secret', 'signature cut off'],
      ],
      [
        'checks the signature and nothing else',
        token => jwtVerify(token, new TextEncoder().encode(secret())),
        ['no sid', 'another audience', 'another typ', 'kid to a file'],
      ],
    ]
    for (const [how, check, expected] of careless) {
      const server = await startCarelessServer([['GET', '/api/v1/auth/me', guard(check)]])
      try {
        expect(await openedBy(createClient(server.url)), how).toEqual(
          expect.arrayContaining(expected),
        )
      } finally {
        await server.stop()
      }
    }
  })

  it('that is ours, or written as ours, opens the door', async () => {
    for (const real of [token, signed(good, parts().claims)]) {
      client.useCookie(`access_token=${real}`)
      expect((await client.get('/api/v1/auth/me')).status).toBe(200)
    }
  })

  it('is wanted by every route that is not open', async () => {
    client.useCookie('')
    for (const route of signedInRoutes) {
      const answer = await client.request(
        route.method,
        pathOf(route),
        route.method === 'GET' ? {} : { json: {} },
      )
      expect([answer.status, codeOf(answer)], `${route.method} ${route.path}`).toEqual([
        401,
        'not_signed_in',
      ])
    }
  })

  it("of a member opens no admin's route", async () => {
    const partner = await stack.aPartner()
    await client.signIn(partner.member.email, partner.member.password)
    for (const route of signedInRoutes.filter(candidate => !isStream(candidate))) {
      if (endsSession(route)) continue
      const answer = await client.request(
        route.method,
        pathOf(route),
        route.method === 'GET' ? {} : { json: {} },
      )
      if (route.role === 'admin')
        expect([answer.status, codeOf(answer)], `${route.method} ${route.path}`).toEqual([
          403,
          'forbidden',
        ])
      else expect([401, 403], `${route.method} ${route.path}`).not.toContain(answer.status)
    }
  })

  it('ends with the session, wherever it was copied to', async () => {
    const partner = await stack.aPartner()
    await client.signIn(partner.admin.email, partner.admin.password)
    const copy = client.cookie
    const answer = await client.post('/api/v1/auth/logout')
    expect(answer.json).toEqual({ signedOut: true })
    expect(answer.headers.getSetCookie()[0]).toMatch(/^access_token=; .*HttpOnly/)
    expect(answer.headers.get('clear-site-data')).toContain('storage')
    client.useCookie(copy)
    expect((await client.get('/api/v1/auth/me')).status).toBe(401)
  })
})
