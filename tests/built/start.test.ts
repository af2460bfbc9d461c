import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { freePort, productionEnvironment, spawnApp, startApp } from '../support/app'
import { testDatabase } from '../support/mongo'

const key = () => randomBytes(32).toString('base64')
const good = productionEnvironment(
  { mongodbUri: 'mongodb://127.0.0.1:1/', database: 'unused' },
  3999,
)

/** What is changed, and what the complaint must name. Nothing of a value may show. */
const bad: [string, Record<string, string>, string[]][] = [
  [
    'nothing configured',
    Object.fromEntries(Object.keys(good).map(name => [name, ''])),
    [
      'NUXT_MONGODB_URI',
      'NUXT_AUTH_JWT_SECRET',
      'NUXT_TOKEN_ENCRYPTION_KEYS',
      'NUXT_PUBLIC_HUBSPOT_CLIENT_ID',
      'NUXT_HUBSPOT_CLIENT_SECRET',
      'NUXT_PUBLIC_HUBSPOT_REDIRECT_URI',
    ],
  ],
  [
    'a database that is no MongoDB',
    { NUXT_MONGODB_URI: 'postgres://user:Zq8-value@db.example/' },
    ['NUXT_MONGODB_URI'],
  ],
  ['a short JWT secret', { NUXT_AUTH_JWT_SECRET: 'Zq8-value' }, ['NUXT_AUTH_JWT_SECRET']],
  [
    'a sample JWT secret',
    { NUXT_AUTH_JWT_SECRET: 'change-me-change-me-change-me-change-me' },
    ['NUXT_AUTH_JWT_SECRET'],
  ],
  [
    'one repeated character as JWT secret',
    { NUXT_AUTH_JWT_SECRET: 'a'.repeat(64) },
    ['NUXT_AUTH_JWT_SECRET'],
  ],
  [
    'an encryption key without an id',
    { NUXT_TOKEN_ENCRYPTION_KEYS: key() },
    ['NUXT_TOKEN_ENCRYPTION_KEYS'],
  ],
  [
    'an encryption key of 16 bytes',
    { NUXT_TOKEN_ENCRYPTION_KEYS: `a:${randomBytes(16).toString('base64')}` },
    ['NUXT_TOKEN_ENCRYPTION_KEYS'],
  ],
  [
    'an encryption key that is not base64',
    { NUXT_TOKEN_ENCRYPTION_KEYS: 'a:Zq8-value!!' },
    ['NUXT_TOKEN_ENCRYPTION_KEYS'],
  ],
  [
    'an encryption key of zeros',
    { NUXT_TOKEN_ENCRYPTION_KEYS: `a:${Buffer.alloc(32).toString('base64')}` },
    ['NUXT_TOKEN_ENCRYPTION_KEYS'],
  ],
  [
    'two keys of one id',
    { NUXT_TOKEN_ENCRYPTION_KEYS: `a:${key()},a:${key()}` },
    ['NUXT_TOKEN_ENCRYPTION_KEYS'],
  ],
  [
    'a redirect URI over http',
    { NUXT_PUBLIC_HUBSPOT_REDIRECT_URI: 'http://app.example.com/v1/integrations/hubspot/callback' },
    ['NUXT_PUBLIC_HUBSPOT_REDIRECT_URI'],
  ],
  [
    'a redirect URI on an IP address',
    { NUXT_PUBLIC_HUBSPOT_REDIRECT_URI: 'https://192.0.2.1/v1/integrations/hubspot/callback' },
    ['NUXT_PUBLIC_HUBSPOT_REDIRECT_URI'],
  ],
  [
    'a redirect URI with a trailing slash',
    {
      NUXT_PUBLIC_HUBSPOT_REDIRECT_URI: 'https://app.example.com/v1/integrations/hubspot/callback/',
    },
    ['NUXT_PUBLIC_HUBSPOT_REDIRECT_URI'],
  ],
  [
    'a redirect URI to another path',
    { NUXT_PUBLIC_HUBSPOT_REDIRECT_URI: 'https://app.example.com/callback' },
    ['NUXT_PUBLIC_HUBSPOT_REDIRECT_URI'],
  ],
  [
    'a redirect URI with a query',
    {
      NUXT_PUBLIC_HUBSPOT_REDIRECT_URI:
        'https://app.example.com/v1/integrations/hubspot/callback?a=1',
    },
    ['NUXT_PUBLIC_HUBSPOT_REDIRECT_URI'],
  ],
  [
    'a redirect URI that is no URL',
    { NUXT_PUBLIC_HUBSPOT_REDIRECT_URI: 'callback' },
    ['NUXT_PUBLIC_HUBSPOT_REDIRECT_URI'],
  ],
  [
    "the API in the cloud's metadata service",
    { NUXT_HUBSPOT_API_BASE_URL: 'http://169.254.169.254' },
    ['NUXT_HUBSPOT_API_BASE_URL'],
  ],
  [
    'an API base URL with a password',
    { NUXT_HUBSPOT_API_BASE_URL: 'https://user:Zq8-value@api.hubapi.com' },
    ['NUXT_HUBSPOT_API_BASE_URL'],
  ],
  [
    'an API base URL of another scheme',
    { NUXT_HUBSPOT_API_BASE_URL: 'file:///etc/passwd' },
    ['NUXT_HUBSPOT_API_BASE_URL'],
  ],
  [
    'an authorize URL over http',
    { NUXT_PUBLIC_HUBSPOT_AUTHORIZE_URL: 'http://app.hubspot.example/oauth/authorize' },
    ['NUXT_PUBLIC_HUBSPOT_AUTHORIZE_URL'],
  ],
  [
    'an API version that nobody speaks',
    { NUXT_HUBSPOT_API_VERSION: 'v3' },
    ['NUXT_HUBSPOT_API_VERSION'],
  ],
  [
    'an interval that is no number',
    { NUXT_HUBSPOT_SYNC_INTERVAL: 'soon' },
    ['NUXT_HUBSPOT_SYNC_INTERVAL'],
  ],
  ['an interval of nothing', { NUXT_HUBSPOT_SYNC_INTERVAL: '0' }, ['NUXT_HUBSPOT_SYNC_INTERVAL']],
  [
    'a negative rate',
    { NUXT_HUBSPOT_REQUESTS_PER_TEN_SECONDS: '-1' },
    ['NUXT_HUBSPOT_REQUESTS_PER_TEN_SECONDS'],
  ],
  [
    'a rate written with an exponent',
    { NUXT_HUBSPOT_SEARCHES_PER_SECOND: '1e3' },
    ['NUXT_HUBSPOT_SEARCHES_PER_SECOND'],
  ],
  [
    'a token route that is maybe on',
    { NUXT_HUBSPOT_TOKEN_ROUTE: 'yes' },
    ['NUXT_HUBSPOT_TOKEN_ROUTE'],
  ],
  ['a log level that does not exist', { NUXT_LOG_LEVEL: 'loud' }, ['NUXT_LOG_LEVEL']],
  ['alerts without a sender', { NUXT_SMTP_URL: 'smtp://mail.example.com' }, ['NUXT_ALERT_FROM']],
  [
    'alerts by another protocol',
    { NUXT_SMTP_URL: 'http://user:Zq8-value@mail.example.com', NUXT_ALERT_FROM: 'a@example.com' },
    ['NUXT_SMTP_URL'],
  ],
  [
    'a client id with a blank',
    { NUXT_PUBLIC_HUBSPOT_CLIENT_ID: 'a b' },
    ['NUXT_PUBLIC_HUBSPOT_CLIENT_ID'],
  ],
  [
    'one secret for two things',
    {
      NUXT_AUTH_JWT_SECRET: 'Zq8-value-Zq8-value-Zq8-value-0123456789',
      NUXT_HUBSPOT_CLIENT_SECRET: 'Zq8-value-Zq8-value-Zq8-value-0123456789',
    },
    ['NUXT_AUTH_JWT_SECRET'],
  ],
  [
    'demo passwords on a public address',
    {
      NUXT_PUBLIC_HUBSPOT_REDIRECT_URI: 'https://app.example.com/v1/integrations/hubspot/callback',
      NUXT_PUBLIC_DEMO_ACCOUNTS:
        '[{"email":"a@b.test","password":"Zq8-value-0001","role":"admin"}]',
    },
    ['NUXT_PUBLIC_DEMO_ACCOUNTS'],
  ],
  [
    'several things at once',
    { NUXT_MONGODB_URI: '', NUXT_AUTH_JWT_SECRET: 'Zq8-value', NUXT_LOG_LEVEL: 'loud' },
    ['NUXT_MONGODB_URI', 'NUXT_AUTH_JWT_SECRET', 'NUXT_LOG_LEVEL'],
  ],
]

describe('a production start', () => {
  it.concurrent.each(bad)(
    'refuses %s: names it, shows no value, exits 1 before it listens',
    async (_what, change, names) => {
      const app = spawnApp({ ...good, ...change, PORT: String(await freePort()) })
      expect(await app.ended).toBe(1)
      for (const name of names) expect(app.output()).toContain(name)
      expect(app.output()).not.toContain('Zq8-value')
      expect(app.output()).not.toContain('Listening')
    },
  )

  it('listens with a good configuration, also while the database is away, and says that it is not ready', async () => {
    const app = await startApp({
      mongodbUri: 'mongodb://127.0.0.1:1/',
      database: 'unused',
      waitUntilReady: false,
    })
    try {
      expect(
        (await fetch(`${app.url}/healthz`, { headers: { cookie: 'access_token=a.b.c' } })).status,
      ).toBe(200)
      const ready = await fetch(`${app.url}/readyz`)
      expect(ready.status).toBe(503)
      expect(ready.headers.get('retry-after')).toBe('5')
      expect(await ready.json()).toEqual({
        status: 'not_ready',
        checks: { database: 'unavailable', indexes: 'pending', draining: false },
      })
      const me = await fetch(`${app.url}/api/v1/auth/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"email":"a@b.test","password":"x"}',
      })
      expect(me.status).toBe(503)
      expect(await me.json()).toMatchObject({ data: { code: 'database_unavailable' } })
    } finally {
      await app.kill()
    }
  })

  it('becomes ready with a database, whichever way a secret is written', async () => {
    const { uri, database, drop } = await testDatabase()
    const app = await startApp({
      mongodbUri: uri,
      database,
      env: { NUXT_AUTH_JWT_SECRET: '12345678901234567890123456789012345678901234567890' },
    })
    try {
      expect(await (await fetch(`${app.url}/readyz`)).json()).toEqual({
        status: 'ready',
        checks: { database: 'ok', indexes: 'ok', draining: false },
      })
    } finally {
      expect(await app.stop()).toBe(0)
      await drop()
    }
  })
})
