import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { requiredScopes } from '#shared/hubspot/scopes'
import { notConnected } from '../../../server/connection/integration'
import { startConnectionApp, type ConnectionApp } from '../../support/connection'
import { invalidClient, invalidGrant, tokenPath } from '../../support/scripted-hubspot'
import { present } from '../../support/present'

// Sign-ins cost what a password hash costs; on a busy machine many of them take their time.
vi.setConfig({ testTimeout: 120_000 })

let app: ConnectionApp
beforeAll(async () => {
  app = await startConnectionApp()
})
afterAll(() => app.stop())

let portal = 2000
async function connected(name: string) {
  const admin = await app.person(name)
  await app.connect(admin.browser, ++portal)
  return { ...admin, portalId: portal }
}
const refreshes = () => app.hubspot.count(tokenPath, 'refresh_token')
const forced = (person: { browser: Awaited<ReturnType<typeof connected>>['browser'] }) =>
  person.browser.request('POST', `${app.base}/refresh`, { json: {} })

describe('a valid access token', () => {
  test.each(['same', 'rotate', 'omit'] as const)(
    'is refreshed once for many callers, with a refresh token that HubSpot sends back as: %s',
    async mode => {
      const admin = await connected(`Mode ${mode}`)
      app.hubspot.state.mode = mode
      for (let round = 0; round < 5; round++) {
        await app.expire(admin.partnerId)
        const before = refreshes()
        const tokens = await Promise.all(
          Array.from({ length: 50 }, () =>
            app.services.connection.getValidAccessToken(admin.partnerId),
          ),
        )
        expect(refreshes() - before).toBe(1)
        expect(new Set(tokens.map(token => token.accessToken)).size).toBe(1)
        const token = present(tokens[0])
        expect(token.portalId).toBe(String(admin.portalId))
        expect(token.expiresAt.getTime()).toBeGreaterThan(Date.now() + 5 * 60 * 1000)
        expect(app.hubspot.accessTokens.get(token.accessToken)).toBe(admin.portalId)
      }
      app.hubspot.state.mode = 'same'
    },
  )

  test("follows HubSpot's expires_in", async () => {
    const admin = await connected('Lifetimes')
    for (const seconds of [301, 3600, 21_600]) {
      app.hubspot.state.expiresIn = seconds
      await forced(admin)
      const integration = await app.integration(admin.partnerId)
      const leftMs = present(integration?.expires_at).getTime() - Date.now()
      expect(leftMs).toBeLessThanOrEqual(seconds * 1000)
      expect(leftMs).toBeGreaterThan(seconds * 1000 - 20_000)
    }
    // Five minutes cannot be had of a token that lives two: it is handed out while half of its life
    // is left.
    app.hubspot.state.expiresIn = 120
    await forced(admin)
    const before = refreshes()
    for (let turn = 0; turn < 5; turn++)
      await app.services.connection.getValidAccessToken(admin.partnerId)
    expect(refreshes()).toBe(before)
    app.hubspot.state.expiresIn = 1800
  })

  test('after a 401 is a newer one, refreshed once however many calls were refused', async () => {
    const admin = await connected('Refused')
    const { tokenVersion } = await app.services.connection.getValidAccessToken(admin.partnerId)
    const before = refreshes()
    const tokens = await Promise.all(
      Array.from({ length: 20 }, () =>
        app.services.connection.tokenAfterUnauthorized(admin.partnerId, tokenVersion),
      ),
    )
    tokens.push(await app.services.connection.tokenAfterUnauthorized(admin.partnerId, tokenVersion))
    expect(refreshes() - before).toBe(1)
    expect(new Set(tokens.map(token => token.tokenVersion))).toEqual(new Set([tokenVersion + 1]))
  })

  test('is of nobody who has not connected', async () => {
    const admin = await app.person('Nobody')
    await expect(
      app.services.connection.getValidAccessToken(admin.partnerId),
    ).rejects.toMatchObject({ code: 'hubspot_not_connected' })
    expect((await forced(admin)).body).toMatchObject({
      statusCode: 409,
      data: { code: 'hubspot_not_connected' },
    })
  })
})

describe('a grant that HubSpot took back (P4)', () => {
  test('is asked about twice, then revoked, and HubSpot is left alone', async () => {
    const admin = await connected('Uninstalled')
    const alerts: string[] = []
    app.services.connection.hooks.onAlert(async alert => void alerts.push(alert.kind))
    for (const [token, grant] of app.hubspot.refreshTokens)
      if (grant.portalId === admin.portalId) app.hubspot.refreshTokens.delete(token)
    const before = refreshes()
    expect((await forced(admin)).body).toMatchObject({
      statusCode: 409,
      data: { code: 'hubspot_reauthorization_required' },
    })
    for (let turn = 0; turn < 5; turn++)
      await expect(
        app.services.connection.getValidAccessToken(admin.partnerId),
      ).rejects.toMatchObject({ code: 'hubspot_reauthorization_required' })
    expect(refreshes() - before).toBe(2)
    expect((await admin.browser.request('GET', app.base)).body).toMatchObject({
      status: 'revoked',
      reason: { code: 'grant_revoked' },
      portalId: String(admin.portalId),
    })
    expect(alerts).toEqual(['grant_revoked'])
    expect(await app.connect(admin.browser, admin.portalId)).toBe('/settings/hubspot?success=true')
    expect((await admin.browser.request('GET', app.base)).body).toMatchObject({
      status: 'connected',
      reason: null,
    })
  })

  test('is not believed gone after one mistaken answer', async () => {
    const admin = await connected('Mistaken')
    let answered = 0
    app.hubspot.answer(tokenPath, (request, response, call) =>
      answered++ === 0
        ? invalidGrant(request, response, call)
        : app.hubspot.usual(tokenPath)(request, response, call),
    )
    expect((await forced(admin)).status).toBe(200)
    app.hubspot.answer(tokenPath, null)
    expect((await app.integration(admin.partnerId))?.status).toBe('connected')
  })

  test('is not believed gone when another grant came meanwhile', async () => {
    const admin = await connected('Reconnected')
    app.hubspot.answer(tokenPath, async (request, response, call) => {
      if (call.form.grant_type !== 'refresh_token')
        return app.hubspot.usual(tokenPath)(request, response, call)
      app.hubspot.answer(tokenPath, null)
      await app.connect(admin.browser, admin.portalId)
      return invalidGrant(request, response, call)
    })
    expect((await forced(admin)).status).toBe(200)
    expect((await app.integration(admin.partnerId))?.status).toBe('connected')
  })
})

describe('credentials of ours that HubSpot refuses', () => {
  test('touch no connection and are told to the operator once', async () => {
    const admins = await Promise.all(
      Array.from({ length: 6 }, (_, index) => connected(`Config ${index}`)),
    )
    const alerts: string[] = []
    app.services.connection.hooks.onAlert(async alert => void alerts.push(alert.kind))
    app.hubspot.answer(tokenPath, invalidClient)
    for (const admin of admins) {
      await app.expire(admin.partnerId)
      await expect(
        app.services.connection.getValidAccessToken(admin.partnerId),
      ).rejects.toMatchObject({ code: 'hubspot_unavailable' })
      expect((await admin.browser.request('GET', app.base)).body).toMatchObject({
        status: 'connected',
        reason: null,
      })
    }
    expect(alerts).toEqual(['hubspot_configuration'])
    app.hubspot.answer(tokenPath, null)
    expect((await forced(present(admins[0]))).status).toBe(200)
  })
})

describe('permissions taken away', () => {
  test('show at the next refresh, and given back heal it', async () => {
    const admin = await connected('Narrowed')
    const grant = present(
      [...app.hubspot.refreshTokens.values()].find(known => known.portalId === admin.portalId),
    )
    const all = grant.scopes
    grant.scopes = all.filter(scope => scope !== 'crm.objects.deals.write')
    await forced(admin)
    expect((await admin.browser.request('GET', app.base)).body).toMatchObject({
      status: 'degraded',
      reason: { code: 'insufficient_scope' },
      missingScopes: ['crm.objects.deals.write'],
    })
    grant.scopes = all
    await forced(admin)
    expect((await admin.browser.request('GET', app.base)).body).toMatchObject({
      status: 'connected',
      reason: null,
      missingScopes: [],
    })
  })

  test('are asked for when one was not granted, and nothing is stored but what ends the grant', async () => {
    const admin = await app.person('Insufficient')
    for (const missing of requiredScopes) {
      expect(
        await app.connect(
          admin.browser,
          2999,
          {},
          requiredScopes.filter(scope => scope !== missing),
        ),
      ).toBe('/settings/hubspot?error=insufficient_scope')
    }
    const { remote_cleanup: none, ...nothing } = notConnected
    const { remote_cleanup: note, ...rest } = present(await app.integration(admin.partnerId))
    expect(rest).toEqual({ ...nothing, pending_grant: null })
    expect(none).toBeNull()
    expect(note).toMatchObject({ portal_id: '2999', attempts: 0 })
    const isAlive = () =>
      [...app.hubspot.refreshTokens.values()].some(grant => grant.portalId === 2999)
    expect(isAlive()).toBe(true)
    app.time.offsetMs += 2 * 60_000
    await app.services.connection.maintain()
    expect(isAlive()).toBe(false)
    app.time.offsetMs = 0
  })
})

describe('the token route', () => {
  test('gives a program a token and a browser none', async () => {
    const admin = await connected('Program')
    const answer = await admin.browser.request('GET', `${app.base}/token`)
    expect(answer.status).toBe(200)
    expect(Object.keys(answer.body).sort()).toEqual(['access_token', 'expires_at'])
    expect(app.hubspot.accessTokens.get(answer.body.access_token)).toBe(admin.portalId)
    expect(answer.headers.get('cache-control')).toContain('no-store')
    const inBrowser: Record<string, string>[] = [
      { 'sec-fetch-site': 'same-origin' },
      { origin: app.origin },
      { 'sec-fetch-site': 'none' },
    ]
    for (const headers of inBrowser) {
      const refused = await admin.browser.request('GET', `${app.base}/token`, { headers })
      expect(refused.status).toBe(403)
      expect(refused.text).not.toContain('CANARY')
    }
    const audit = await app.services.database.collections.auditLog
      .find({ partner_id: admin.partnerId, action: 'hubspot.token_read' })
      .sort({ _id: 1 })
      .toArray()
    expect(audit.map(entry => entry.outcome)).toEqual(['ok', 'refused', 'refused', 'refused'])
  })
})
