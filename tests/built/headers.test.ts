import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { defineEventHandler, setResponseHeaders } from 'h3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startApp, type RunningApp } from '../support/app'
import { rootDir } from '../support/build'
import { startCarelessServer } from '../support/careless-server'
import { startStack, type Stack } from '../support/stack'
import { present } from '../support/present'

let app: RunningApp
let stack: Stack
beforeAll(async () => {
  stack = await startStack()
  app = stack.app
})
afterAll(async () => {
  await stack.stop()
})

const asset = () =>
  `/_nuxt/${readdirSync(join(rootDir, '.output', 'public', '_nuxt')).find(name => name.endsWith('.js'))}`
const pages = [
  '/login',
  '/',
  '/leads',
  '/settings/hubspot',
  '/nothing-here',
  '/nothing?<script>alert(1)</script>',
  '/__nuxt_island/x',
  '/_payload.json',
]
const others = [
  '/healthz',
  '/readyz',
  '/metrics',
  '/api/v1/auth/me',
  '/api/nothing',
  '/api/v1/leads',
  '/v1/integrations/hubspot/callback',
  '/v1/nothing',
  '/favicon.svg',
  '/_nuxt/nothing.js',
  '/_nuxt/builds/latest.json',
]
const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${app.url}${path}`, { redirect: 'manual', headers: { accept: 'text/html', ...headers } })

/** What an answer lacks, or says too much of. */
function complaintsAbout(headers: Headers): string[] {
  const complaints: string[] = []
  const wanted: [string, string | RegExp][] = [
    ['x-content-type-options', 'nosniff'],
    ['x-frame-options', 'DENY'],
    ['referrer-policy', 'no-referrer'],
    ['cross-origin-opener-policy', 'same-origin'],
    ['cross-origin-resource-policy', 'same-origin'],
    ['permissions-policy', /camera=\(\)/],
    ['content-security-policy', /frame-ancestors 'none'/],
    ['x-request-id', /^[\w-]{36}$/],
  ]
  for (const [name, value] of wanted) {
    const sent = headers.get(name) ?? ''
    if (typeof value === 'string' ? sent !== value : !value.test(sent))
      complaints.push(`${name}: ${sent}`)
  }
  if (
    (headers.get('content-security-policy') ?? 'unsafe')
      .replace("style-src-attr 'unsafe-inline'", '')
      .includes('unsafe')
  )
    complaints.push('an unsafe source in the content security policy')
  for (const name of ['x-powered-by', 'server', 'access-control-allow-origin'])
    if (headers.has(name)) complaints.push(`${name} is sent`)
  return complaints
}

describe('every answer', () => {
  it.each([...pages, ...others, 'asset'])(
    'of %s carries the security headers and names no software',
    async path => {
      expect(complaintsAbout((await get(path === 'asset' ? asset() : path)).headers)).toEqual([])
    },
  )

  it('would be complained about if nobody set its headers', async () => {
    const careless = await startCarelessServer([
      [
        'GET',
        '/',
        defineEventHandler(
          event => (
            setResponseHeaders(event, {
              'X-Powered-By': 'Nuxt',
              'Access-Control-Allow-Origin': '*',
              'Content-Security-Policy': "script-src 'unsafe-inline'",
            }),
            'careless'
          ),
        ),
      ],
    ])
    try {
      const complaints = complaintsAbout((await fetch(careless.url)).headers)
      expect(complaints).toHaveLength(8 + 1 + 2)
    } finally {
      await careless.stop()
    }
  })

  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD', 'TRACE'])(
    'to %s keeps other origins out',
    async method => {
      if (method === 'TRACE') return
      const answer = await fetch(`${app.url}/api/v1/auth/me`, {
        method,
        headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
      })
      expect(answer.status).toBe(405)
      expect(answer.headers.get('allow')).toBe('GET')
      expect([...answer.headers.keys()].filter(name => name.startsWith('access-control-'))).toEqual(
        [],
      )
    },
  )

  it('promises TLS for the time to come where the app is reached by https', async () => {
    const secure = await startApp({
      mongodbUri: stack.database.uri,
      database: stack.database.database,
      env: {
        NUXT_PUBLIC_HUBSPOT_REDIRECT_URI:
          'https://app.example.test/v1/integrations/hubspot/callback',
      },
    })
    try {
      expect((await fetch(`${secure.url}/login`)).headers.get('strict-transport-security')).toBe(
        'max-age=63072000; includeSubDomains',
      )
    } finally {
      await secure.stop()
    }
    expect((await get('/login')).headers.get('strict-transport-security')).toBeNull()
  })
})

describe('metrics', () => {
  it('are for the operator, not for who comes through a proxy', async () => {
    expect((await get('/metrics')).status).toBe(200)
    const proxied = await fetch(`${app.url}/metrics`, {
      headers: { 'x-forwarded-for': '203.0.113.9' },
    })
    expect(proxied.status).toBe(403)
    expect(await proxied.text()).not.toContain('hubspot_requests_total')
  })
})

describe('HEAD', () => {
  it.each(['/healthz', '/readyz', '/metrics', '/login', '/nothing-here'])(
    'of %s answers like GET, without the body',
    async path => {
      const [head, full] = [
        await fetch(`${app.url}${path}`, {
          method: 'HEAD',
          redirect: 'manual',
          headers: { accept: 'text/html' },
        }),
        await get(path),
      ]
      expect(head.status).toBe(full.status)
      expect(head.headers.get('content-type')).toBe(full.headers.get('content-type'))
      expect(head.headers.get('x-content-type-options')).toBe('nosniff')
      expect(await head.text()).toBe('')
      expect((await full.text()).length).toBeGreaterThan(0)
    },
  )

  it.each([
    '/v1/integrations/hubspot/callback?code=a&state=b',
    '/api/v1/integrations/hubspot/callback?code=a&state=b',
    '/api/v1/leads',
  ])('of %s is no method of the API', async path => {
    const answer = await fetch(`${app.url}${path}`, { method: 'HEAD', redirect: 'manual' })
    expect([answer.status, answer.headers.get('allow')?.includes('HEAD')]).toEqual([405, false])
  })
})

describe('a page', () => {
  it('has a new nonce each time, on every script and style that stands in it, and no inline handler', async () => {
    const nonces = new Set<string>()
    const rounds = 200
    for (let round = 0; round < rounds; round++) {
      const answer = await get(round % 4 === 0 ? '/nothing-here' : '/login')
      const html = await answer.text()
      const nonce = present(
        /'nonce-([^']+)'/.exec(answer.headers.get('content-security-policy') ?? '')?.[1],
      )
      expect(Buffer.from(nonce, 'base64').length).toBeGreaterThanOrEqual(16)
      nonces.add(nonce)
      const tags = html.match(/<(script|style)\b[^>]*>/g) ?? []
      expect(tags.length).toBeGreaterThan(0)
      expect(tags.filter(tag => !tag.includes(`nonce="${nonce}"`))).toEqual([])
      expect(html).not.toMatch(/<[a-z][^>]*\son[a-z]+="/)
    }
    expect(nonces.size).toBe(rounds)
  })

  it.each([
    ['/settings/hubspot?code=a&state=b', '/settings/hubspot'],
    ['/?error=x&code=a', '/?error=x'],
    ['/login?next=%2Fleads&state=b', '/login?next=%2Fleads'],
    ['/nothing-here?code=a', '/nothing-here'],
    ['//elsewhere.test/?code=a', '/'],
    ['/x/..%2f..//elsewhere.test?code=a', '/'],
    ['/%0d%0aSet-Cookie:x?code=a', '/'],
  ])(
    'asked for as %s is asked for again as %s: a code and a state belong to the callback',
    async (path, page) => {
      const answer = await get(path)
      expect([answer.status, answer.headers.get('location')]).toEqual([302, page])
      expect(answer.headers.get('cache-control')).toBe('no-store')
      expect(complaintsAbout(answer.headers)).toEqual([])
    },
  )

  it('is never stored by a cache', async () => {
    for (const path of pages)
      expect((await get(path)).headers.get('cache-control')).toBe('no-store')
  })

  it('tells the browser four settings and no other', async () => {
    const html = await (await get('/login')).text()
    const settings = present(/\bpublic:\{([^}]*)\}/.exec(html)?.[1])
    expect([...settings.matchAll(/(?:^|,)(\w+):/g)].map(match => match[1]).sort()).toEqual([
      'demoAccounts',
      'hubspotAuthorizeUrl',
      'hubspotClientId',
      'hubspotRedirectUri',
    ])
  })

  it('loads nothing from elsewhere', async () => {
    const html = await (await get('/login')).text()
    const urls = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(match => present(match[1]))
    expect(urls.length).toBeGreaterThan(0)
    expect(urls.filter(url => !url.startsWith('/') && !url.startsWith('#'))).toEqual([])
  })
})

describe('the Host header', () => {
  it('is never part of an answer', async () => {
    const { request } = await import('node:http')
    for (const path of [...pages, ...others]) {
      const { text, location } = await new Promise<{ text: string; location: string }>(
        (resolve, reject) => {
          request(
            `${app.url}${path.replace(/[<>]/g, '')}`,
            { headers: { host: 'evil-host.example', accept: 'text/html' } },
            answer => {
              const chunks: Buffer[] = []
              answer
                .on('data', (chunk: Buffer) => chunks.push(chunk))
                .on('end', () =>
                  resolve({
                    text: Buffer.concat(chunks).toString(),
                    location: answer.headers.location ?? '',
                  }),
                )
            },
          )
            .on('error', reject)
            .end()
        },
      )
      expect(`${location}${text}`, path).not.toContain('evil-host')
    }
  })
})

describe('what only a development server has', () => {
  it.each([
    '/_openapi.json',
    '/_swagger',
    '/_scalar',
    '/_vfs.json',
    '/_nitro/tasks',
    '/__nuxt_devtools__/client',
    '/_ipx/x',
    '/api/_nuxt_icon/lucide.json',
    '/.env',
    '/.git/config',
    '/server/index.mjs',
    '/..%2fserver/index.mjs',
    '/%252e%252e/server/index.mjs',
    '/_control/calls',
  ])('%s is not there', async path => {
    expect((await get(path)).status).toBe(404)
  })
})
