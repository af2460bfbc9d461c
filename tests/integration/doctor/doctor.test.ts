import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { loadConfiguration } from '../../../server/config/configuration'
import { checkStoredEnvelopes } from '../../../server/connection/stored-envelopes'
import { examineDatabase } from '../../../server/doctor/database'
import { createServices, type Services } from '../../../server/services'
import doctor from '../../../server/api/v1/integrations/hubspot/doctor.get'
import { Doctor } from '#shared/contracts/insight'
import { optionalScopes, requiredScopes } from '#shared/hubspot/scopes'
import { createClient } from '../../support/client'
import { startConnectionApp, type ConnectionApp } from '../../support/connection'
import { mountRoutes } from '../../support/mount-routes'
import { accountPath, invalidClient, json, version } from '../../support/scripted-hubspot'

// Sign-ins cost what a password hash costs; on a busy machine many of them take their time.
vi.setConfig({ testTimeout: 120_000 })

const introspectPath = `/oauth/${version}/token/introspect`
let portalId = 62515987
let app: ConnectionApp
let admin: Awaited<ReturnType<ConnectionApp['person']>>

beforeAll(async () => {
  app = await startConnectionApp()
})
beforeEach(async () => {
  app.time.offsetMs = 0
  portalId += 1
  admin = await app.person(`Doctor's partner ${portalId}`)
  app.hubspot.answer(accountPath, null)
  app.hubspot.answer(introspectPath, (request, response, call) =>
    call.form.client_secret === 'CANARY-client-secret'
      ? json(response, 200, { active: false })
      : invalidClient(request, response, call),
  )
})
afterAll(async () => {
  await app.stop()
})

async function examined(services: Services = app.services) {
  const doctor = Doctor.parse(await services.doctor.examine(admin.partnerId))
  const of = (id: string) => doctor.checks.find(check => check.id === id)
  return {
    ...doctor,
    of,
    statuses: Object.fromEntries(doctor.checks.map(({ id, status }) => [id, status])),
  }
}

/** The same installation, started again with other settings */
async function restarted<T>(
  change: Record<string, string>,
  use: (services: Services) => Promise<T>,
): Promise<T> {
  const services = createServices(
    loadConfiguration({ ...app.environment, NUXT_LOG_LEVEL: 'silent', ...change }),
  )
  try {
    return await use(services)
  } finally {
    await services.stop()
  }
}

describe('a healthy installation', () => {
  test('passes everything before a connection, and skips what needs one', async () => {
    const { statuses, checks } = await examined()
    expect(statuses).toMatchObject({
      redirect_uri: 'pass',
      client_id: 'pass',
      client_secret: 'pass',
      clock_skew: 'pass',
      webhook_signature: 'pass',
      webhook_url: 'pass',
      encryption_keys: 'pass',
      database: 'pass',
      indexes: 'pass',
      api_versions: 'pass',
      connection: 'skipped',
      scopes: 'skipped',
      portal: 'skipped',
      quota: 'skipped',
      alert_email: 'skipped',
    })
    for (const { status, fix } of checks)
      expect(fix !== null).toBe(status === 'warn' || status === 'fail')
  })

  test('passes everything with one, and changes nothing', async () => {
    await app.connect(admin.browser, portalId, {}, [...requiredScopes, ...optionalScopes])
    app.hubspot.answer(accountPath, (_request, response) =>
      json(
        response,
        200,
        {
          portalId,
          accountType: 'STANDARD',
          uiDomain: 'app.hubspot.com',
          dataHostingLocation: 'na1',
        },
        { 'x-hubspot-ratelimit-max': '110', 'x-hubspot-ratelimit-remaining': '97' },
      ),
    )
    const before = await app.integration(admin.partnerId)
    const { statuses, of } = await examined()
    expect(statuses).toMatchObject({
      connection: 'pass',
      scopes: 'pass',
      portal: 'pass',
      quota: 'pass',
      encryption_keys: 'pass',
    })
    expect(of('quota')?.message).toContain('HubSpot counts 97 of 110 left')
    expect(await app.integration(admin.partnerId)).toEqual(before)
  })

  test('writes a report without token, secret, key, portal id, name or e-mail address', async () => {
    await app.connect(admin.browser, portalId)
    const { report, checks } = await examined()
    for (const { id } of checks) expect(report).toContain(id)
    for (const secret of [
      'CANARY',
      app.environment.NUXT_TOKEN_ENCRYPTION_KEYS.slice(3),
      app.environment.NUXT_AUTH_JWT_SECRET,
      app.environment.NUXT_PUBLIC_HUBSPOT_CLIENT_ID,
      String(portalId),
      admin.email,
      "Doctor's partner",
      'example.test',
    ])
      expect(report).not.toContain(secret)
  })
})

describe('an admin of a partner', () => {
  test('reads what concerns their connection, and of the installation the verdicts alone', async () => {
    await app.connect(admin.browser, portalId)
    await app.services.database.collections.partners.dropIndex('one_partner_per_portal')
    const http = await mountRoutes(app.services, [
      { method: 'GET', path: `${app.base}/doctor`, handler: doctor },
    ])
    const { origin } = app.configuration
    try {
      const client = createClient(http.url)
      await client.signIn(admin.email, 'a long enough password')
      const read = async () => Doctor.parse((await client.get(`${app.base}/doctor`)).json)
      const own = ['connection', 'scopes', 'portal', 'quota', 'field_mapping']
      app.configuration.origin = 'https://partners.example'
      const { checks, report } = await read()
      const all = await examined()
      expect(checks.map(({ id, status }) => [id, status])).toEqual(
        all.checks.map(({ id, status }) => [id, status]),
      )
      for (const check of checks) {
        const whole = all.of(check.id)
        // The examinations themselves take some of the quota.
        const words = (message = '') => message.replace(/\d+/g, '#')
        if (own.includes(check.id)) expect(words(check.message)).toBe(words(whole?.message))
        else {
          expect(check.message, check.id).not.toBe(whole?.message)
          expect(check.message, check.id).not.toMatch(/^The installation|\d|NUXT_/)
          expect(check.fix === null, check.id).toBe(whole?.fix === null)
          expect(check.fix ?? '').not.toMatch(/NUXT_|log/)
        }
      }
      expect(report).not.toMatch(/Node \d|NUXT_|one_partner_per_portal/)
      expect(all.report).toMatch(/Node \d[^]*one_partner_per_portal/)
      // At the machine itself, as while developing.
      app.configuration.origin = 'http://localhost:3000'
      expect((await read()).report).toContain('one_partner_per_portal')
    } finally {
      app.configuration.origin = origin
      await http.close()
      await app.services.database.prepare()
    }
  })
})

describe('what is wrong is named', () => {
  test('a wrong client secret, told apart from a HubSpot that cannot be asked', async () => {
    await restarted({ NUXT_HUBSPOT_CLIENT_SECRET: 'another-client-secret' }, async services => {
      const { of } = await examined(services)
      expect(of('client_secret')).toMatchObject({
        status: 'fail',
        message: expect.stringContaining('BAD_CLIENT_SECRET'),
      })
    })
    app.hubspot.answer(
      introspectPath,
      (_request, response) =>
        void response
          .writeHead(502, { 'content-type': 'text/html' })
          .end('<html>Bad gateway</html>'),
    )
    expect((await examined()).of('client_secret')?.status).toBe('warn')
  })

  test('a clock that runs wrong', async () => {
    app.time.offsetMs = -120_000
    expect((await examined()).of('clock_skew')).toMatchObject({
      status: 'fail',
      message: expect.stringContaining('behind'),
    })
    app.time.offsetMs = 30_000
    expect((await examined()).of('clock_skew')).toMatchObject({
      status: 'warn',
      message: expect.stringContaining('ahead'),
    })
  })

  test('missing scopes', async () => {
    await app.connect(admin.browser, portalId)
    await app.services.database.collections.partners.updateOne(
      { _id: admin.partnerId },
      { $set: { 'hubspot_integration.scopes': ['oauth', 'crm.objects.contacts.read'] } },
    )
    expect((await examined()).of('scopes')).toMatchObject({
      status: 'fail',
      message: expect.stringContaining('crm.objects.deals.write'),
    })
  })

  test('a token of another account', async () => {
    await app.connect(admin.browser, portalId)
    app.hubspot.answer(accountPath, (_request, response) =>
      json(response, 200, { portalId: 999, uiDomain: 'app.hubspot.com' }),
    )
    expect((await examined()).of('portal')?.status).toBe('fail')
  })

  test('a grant that is gone', async () => {
    await app.connect(admin.browser, portalId)
    await app.services.database.collections.partners.updateOne(
      { _id: admin.partnerId },
      {
        $set: {
          'hubspot_integration.status': 'revoked',
          'hubspot_integration.reason': {
            code: 'grant_revoked',
            message: 'The app was removed.',
            at: new Date(),
          },
        },
      },
    )
    expect((await examined()).statuses).toMatchObject({ connection: 'fail', portal: 'skipped' })
  })

  test('an encryption key that is missing, one of another value, and one that is due for removal', async () => {
    await app.connect(admin.browser, portalId)
    const other = randomBytes(32).toString('base64')
    await restarted({ NUXT_TOKEN_ENCRYPTION_KEYS: `k2:${other}` }, async services => {
      expect((await examined(services)).of('encryption_keys')).toMatchObject({
        status: 'fail',
        message: expect.stringContaining('k1'),
      })
    })
    await restarted({ NUXT_TOKEN_ENCRYPTION_KEYS: `k1:${other}` }, async services => {
      expect((await examined(services)).of('encryption_keys')).toMatchObject({
        status: 'fail',
        message: expect.stringContaining('another value'),
      })
    })
    expect(
      await checkStoredEnvelopes({
        collections: app.services.database.collections,
        keys: app.configuration.encryptionKeys,
      }),
    ).toMatchObject({ problems: [] })
    await restarted({ NUXT_TOKEN_ENCRYPTION_KEYS: `k1:${other}` }, async services => {
      expect((await examined(services)).of('encryption_keys')).toMatchObject({
        status: 'fail',
        message: expect.stringContaining('Not the keys'),
      })
    })
    await restarted(
      { NUXT_TOKEN_ENCRYPTION_KEYS: `k2:${other},${app.environment.NUXT_TOKEN_ENCRYPTION_KEYS}` },
      async services => {
        expect((await examined(services)).of('encryption_keys')).toMatchObject({
          status: 'warn',
          fix: expect.stringContaining('keys:rotate'),
        })
      },
    )
  })

  test('a missing index', async () => {
    await app.services.database.collections.partners.dropIndex('one_partner_per_portal')
    expect((await examined()).of('indexes')).toMatchObject({
      status: 'fail',
      message: expect.stringContaining('partners.one_partner_per_portal'),
    })
    await app.services.database.prepare()
    expect((await examined()).of('indexes')?.status).toBe('pass')
  })

  test('a database that is slow, and not one that was busy for a moment', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    try {
      const { database } = app.services
      const answeredAfter = async (...pingsMs: number[]) => {
        const ping = async () => {
          await database.ping()
          vi.advanceTimersByTime(pingsMs.shift() ?? 0)
        }
        return (await examineDatabase({ ...database, ping })).find(check => check.id === 'database')
      }
      expect(await answeredAfter(800, 12, 900)).toMatchObject({
        status: 'pass',
        message: expect.stringContaining('12 ms'),
      })
      expect(await answeredAfter(800, 400, 900)).toMatchObject({
        status: 'warn',
        message: expect.stringContaining('400 ms'),
      })
    } finally {
      vi.useRealTimers()
    }
  })

  test('a database that is away, without holding up the rest', async () => {
    await restarted(
      { NUXT_MONGODB_URI: 'mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=300' },
      async services => {
        expect((await examined(services)).statuses).toMatchObject({
          database: 'fail',
          connection: 'skipped',
          encryption_keys: 'skipped',
          client_secret: 'pass',
        })
      },
    )
  })
})
