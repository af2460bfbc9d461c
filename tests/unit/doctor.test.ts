import { describe, expect, test } from 'vitest'
import { apiVersions, type Configuration } from '../../server/config/configuration'
import { dated, examineApiVersions, unused } from '../../server/doctor/api-versions'
import { releaseOf } from '../../server/hubspot/http'
import { examineApplication } from '../../server/doctor/application'
import { observeFetch } from '../../server/doctor/observed-fetch'
import { writeReport } from '../../server/doctor/report'
import { examineSuccessRate } from '../../server/doctor/success-rate'
import { examineWebhooks } from '../../server/doctor/webhooks'
import { createMetrics } from '../../server/observability/metrics'
import { createRedactor } from '../../server/observability/redact'

const hubspot: Configuration['hubspot'] = {
  clientId: '12345678-1234-1234-1234-123456789012',
  clientSecret: 'a-client-secret',
  formerClientSecrets: [],
  redirectUri: 'https://api.partners.belkins.io/v1/integrations/hubspot/callback',
  authorizeUrl: 'https://app.hubspot.com/oauth/authorize',
  apiBaseUrl: 'https://api.hubapi.com',
  apiVersion: '2026-09',
  webhookUrl: 'https://api.partners.belkins.io/v1/leads/webhooks/hubspot',
  syncIntervalSeconds: 300,
  requestsPerTenSeconds: 110,
  searchesPerSecond: 5,
  tokenRoute: false,
}
const local = 'http://localhost:3000/v1/integrations/hubspot/callback'
const simulated = {
  authorizeUrl: 'http://localhost:4010/oauth/authorize',
  apiBaseUrl: 'http://localhost:4010',
}

const statusOf = (checks: { id: string; status: string }[], id: string) =>
  checks.find(check => check.id === id)?.status

describe('the redirect URI', () => {
  test.each<[string, Partial<Configuration['hubspot']>, string]>([
    ['that the app names passes', {}, 'pass'],
    ['for localhost that the app names passes', { redirectUri: local }, 'pass'],
    ['for localhost on another port fails', { redirectUri: local.replace('3000', '3001') }, 'fail'],
    ['for localhost by https fails', { redirectUri: local.replace('http:', 'https:') }, 'fail'],
    ['with a trailing slash fails', { redirectUri: `${local}/` }, 'fail'],
    [
      'that is public and not in the project file is only warned of',
      { redirectUri: 'https://connect.partner.example/v1/integrations/hubspot/callback' },
      'warn',
    ],
    [
      'of any port passes while HubSpot is simulated',
      { ...simulated, redirectUri: local.replace('3000', '3007') },
      'pass',
    ],
  ])('%s', (_what, change, status) => {
    expect(
      statusOf(examineApplication({ hubspot: { ...hubspot, ...change } }), 'redirect_uri'),
    ).toBe(status)
  })
})

test('a client id of another shape is warned of, and never shown whole', () => {
  expect(statusOf(examineApplication({ hubspot }), 'client_id')).toBe('pass')
  const checks = examineApplication({ hubspot: { ...hubspot, clientId: 'my-client-id-1234' } })
  expect(statusOf(checks, 'client_id')).toBe('warn')
  expect(JSON.stringify(checks)).not.toContain('my-client-id')
})

test('half a simulator is a failure', () => {
  expect(
    statusOf(
      examineApplication({ hubspot: { ...hubspot, apiBaseUrl: simulated.apiBaseUrl } }),
      'hubspot_addresses',
    ),
  ).toBe('fail')
})

describe('the webhook self-test', () => {
  const now = new Date('2026-11-24T12:00:00.000Z')
  test('signs and verifies with the configured secret and address', () => {
    expect(statusOf(examineWebhooks({ hubspot }, now), 'webhook_signature')).toBe('pass')
    expect(
      statusOf(
        examineWebhooks(
          {
            hubspot: {
              ...hubspot,
              webhookUrl: 'https://api.partners.belkins.io/v1/leads/webhooks/hubspot%3A',
            },
          },
          now,
        ),
        'webhook_signature',
      ),
    ).toBe('pass')
  })
  test.each<[string, Partial<Configuration['hubspot']>, string]>([
    ['the address of the project file passes', {}, 'pass'],
    [
      'another public address is warned of',
      { webhookUrl: 'https://hooks.partner.example/v1/leads/webhooks/hubspot' },
      'warn',
    ],
    [
      'an address without https is warned of',
      { webhookUrl: 'http://localhost:3000/v1/leads/webhooks/hubspot' },
      'warn',
    ],
    [
      'a trailing slash fails',
      { webhookUrl: 'https://api.partners.belkins.io/v1/leads/webhooks/hubspot/' },
      'fail',
    ],
    [
      'a query fails',
      { webhookUrl: 'https://api.partners.belkins.io/v1/leads/webhooks/hubspot?a=1' },
      'fail',
    ],
  ])('%s', (_what, change, status) => {
    expect(
      statusOf(examineWebhooks({ hubspot: { ...hubspot, ...change } }, now), 'webhook_url'),
    ).toBe(status)
  })
})

describe('API versions', () => {
  test.each(apiVersions)(
    '%s passes, warns half a year before its end, and fails after it',
    version => {
      const end = Date.parse(dated[version].endsOn)
      const on = (days: number) =>
        examineApiVersions(version, new Date(end + days * 86_400_000))[0]?.status
      expect([on(-181), on(-180), on(-1), on(0), on(100)]).toEqual([
        'pass',
        'warn',
        'warn',
        'fail',
        'fail',
      ])
    },
  )
  test('warns of a release that calls really go to, though another is set, and of no other', () => {
    const now = new Date('2027-04-01')
    const said = (called: string[]) => examineApiVersions('2026-09', now, called)[0]
    expect(said(['2026-09'])).toMatchObject({ status: 'pass' })
    expect(said(['2026-03', '2026-09'])).toMatchObject({
      status: 'warn',
      message: expect.stringContaining('went to 2026-03'),
    })
    expect(said(['oauth v1'])).toMatchObject({
      status: 'fail',
      message: expect.stringContaining('went to OAuth v1'),
    })
    expect(said(['v3'])?.message).toContain('v1–v3')
    expect(said(['2030-01'])).toMatchObject({ status: 'pass' })
  })
  test.each([
    ['/crm/objects/2026-09/contacts/batch/read', '2026-09'],
    ['/crm/owners/2026-03?limit=5', '2026-03'],
    ['/oauth/2026-09/token', '2026-09'],
    ['/oauth/v1/token', 'oauth v1'],
    ['/crm/v3/objects/contacts', 'v3'],
    ['/contacts/v1', 'v1'],
    ['/health', null],
  ])('%s goes to release %s', (path, release) => expect(releaseOf(path)).toBe(release))
  test('names the end of what is not in use', () => {
    const message = examineApiVersions('2026-09', new Date('2026-11-24'))[0]?.message
    for (const { name, announced } of unused)
      expect(message).toContain(`${name} until ${announced}`)
    expect(message).toContain('2026-03 until September 2027')
  })
})

test.each([
  [10, 0, 'skipped'],
  [1000, 5, 'pass'],
  [970, 30, 'warn'],
  [900, 100, 'fail'],
])('%i calls that succeeded and %i that did not: %s', async (good, bad, status) => {
  const metrics = createMetrics()
  metrics.hubspotRequests.inc({ api: 'crm.list', status: '200' }, good)
  if (bad > 0) metrics.hubspotRequests.inc({ api: 'crm.list', status: '429' }, bad)
  expect((await examineSuccessRate(metrics))[0]?.status).toBe(status)
})

test.each([
  ['agrees', '2026-11-24T12:00:00.900Z', 0],
  ['is ahead', '2026-11-24T12:01:31.000Z', 90_000],
  ['is behind', '2026-11-24T11:59:00.000Z', -60_000],
])('a clock that %s', async (_what, ours, expected) => {
  const observed = observeFetch(
    async () =>
      new Response('{}', {
        headers: {
          date: 'Tue, 24 Nov 2026 12:00:00 GMT',
          'x-hubspot-ratelimit-max': '110',
          'x-hubspot-ratelimit-remaining': '108',
        },
      }),
    () => new Date(ours),
  )
  await observed.fetch('https://api.hubapi.com/')
  expect(observed.seen).toEqual({ clockAheadMs: expected, rateLimit: { max: 110, remaining: 108 } })
})

test('the report is text without secrets', () => {
  const redactor = createRedactor()
  redactor.register('the-client-secret')
  const report = writeReport(
    [
      {
        id: 'a',
        status: 'fail',
        message: 'Has the-client-secret in it',
        fix: 'Do mongodb://user:password@host/',
      },
      { id: 'b', status: 'pass', message: 'x'.repeat(1500), fix: null },
      { id: 'c', status: 'skipped', message: 'Not now', fix: null },
    ],
    {
      at: new Date('2026-11-24T12:00:00.000Z'),
      appVersion: '1.0.0',
      nodeVersion: '22.0.0',
      apiVersion: '2026-09',
    },
    redactor,
  )
  expect(report).toContain('2026-11-24T12:00:00.000Z · 1 FAIL, 0 WARN, 1 PASS, 1 SKIP')
  expect(report).toContain('[SKIP] c: Not now')
  expect(report).not.toMatch(/the-client-secret|user:password/)
})
