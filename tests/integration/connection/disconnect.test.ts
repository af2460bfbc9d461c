import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { startConnectionApp, type ConnectionApp } from '../../support/connection'
import {
  json,
  revokePath,
  tokenPath,
  uninstallPath,
  type Answerer,
} from '../../support/scripted-hubspot'

// Sign-ins cost what a password hash costs; on a busy machine many of them take their time.
vi.setConfig({ testTimeout: 120_000 })

let app: ConnectionApp
beforeAll(async () => {
  app = await startConnectionApp()
})
afterAll(() => app.stop())

let portal = 3000
async function connected(name: string, portalId = ++portal) {
  const admin = await app.person(name)
  expect(await app.connect(admin.browser, portalId)).toBe('/settings/hubspot?success=true')
  return { ...admin, portalId }
}
const remove = (person: Awaited<ReturnType<typeof connected>>) =>
  person.browser.request('DELETE', `${app.base}/disconnect`)
const installed = (portalId: number) =>
  [...app.hubspot.refreshTokens.values()].some(grant => grant.portalId === portalId)
const tokensOf = async (person: {
  partnerId: Awaited<ReturnType<typeof connected>>['partnerId']
}) => {
  const integration = await app.integration(person.partnerId)
  return [
    integration?.access_token,
    integration?.refresh_token,
    integration?.expires_at,
    integration?.portal_id,
    integration?.pending_grant,
  ]
}

const html: Answerer = (_request, response) =>
  void response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad gateway</h1>')
const status =
  (code: number): Answerer =>
  (_request, response) =>
    json(response, code, { status: 'error', message: 'no' })
/**
 * What HubSpot does to the uninstall and the revocation, and whether it can still be done later.
 */
const broken: [string, Partial<Record<string, Answerer>>, 'done' | 'later' | 'by hand'][] = [
  ['is well', {}, 'done'],
  [
    'resets connections',
    {
      [uninstallPath]: request => void request.socket.destroy(),
      [revokePath]: request => void request.socket.destroy(),
    },
    'later',
  ],
  ['answers 500', { [uninstallPath]: status(500), [revokePath]: status(500) }, 'later'],
  ['answers HTML', { [uninstallPath]: html, [revokePath]: html, [tokenPath]: html }, 'later'],
  ['answers 401 and refreshes', { [uninstallPath]: status(401) }, 'later'],
  ['answers 404', { [uninstallPath]: status(404) }, 'done'],
  ['answers 403', { [uninstallPath]: status(403), [revokePath]: status(503) }, 'later'],
  ['answers 429', { [uninstallPath]: status(429), [revokePath]: status(429) }, 'later'],
  ['uninstalls and does not revoke', { [revokePath]: status(500) }, 'done'],
  ['does not answer', { [uninstallPath]: () => {}, [revokePath]: () => {} }, 'later'],
]

describe('a disconnect (P5)', () => {
  test.each(broken)(
    'ends here when HubSpot %s, and there as soon as it can',
    async (name, answers, expected) => {
      const admin = await connected(`When it ${name}`)
      for (const [path, answerer] of Object.entries(answers))
        app.hubspot.answer(path, answerer ?? null)
      const answer = await remove(admin)
      expect(answer.status).toBe(200)
      expect(answer.body.status).toBe('disconnected')
      expect(answer.body.remaining === null).toBe(expected === 'done')
      expect(await tokensOf(admin)).toEqual([null, null, null, null, null])
      expect((await admin.browser.request('GET', app.base)).body).toMatchObject({
        status: 'disconnected',
        portalId: null,
        expiresAt: null,
      })
      await expect(
        app.services.connection.getValidAccessToken(admin.partnerId),
      ).rejects.toMatchObject({ code: 'hubspot_not_connected' })
      expect((await remove(admin)).body.status).toBe('disconnected')
      for (const path of [uninstallPath, revokePath, tokenPath]) app.hubspot.answer(path, null)
      app.time.offsetMs += 3 * 60 * 1000
      await app.services.connection.maintain()
      expect(installed(admin.portalId)).toBe(false)
      expect((await app.integration(admin.partnerId))?.remote_cleanup).toBeNull()
      expect((await remove(admin)).body).toEqual({ status: 'disconnected', remaining: null })
      app.time.offsetMs = 0
    },
  )

  test('works with an expired token, one uninstalled before, a revoked connection and none at all', async () => {
    const expired = await connected('Expired first')
    app.time.offsetMs = 31 * 60 * 1000
    await app.prove()
    expect((await remove(expired)).body).toEqual({ status: 'disconnected', remaining: null })
    expect(installed(expired.portalId)).toBe(false)
    app.time.offsetMs = 0

    const gone = await connected('Uninstalled before')
    for (const [token, grant] of app.hubspot.refreshTokens)
      if (grant.portalId === gone.portalId) app.hubspot.refreshTokens.delete(token)
    app.hubspot.answer(uninstallPath, status(401))
    expect((await remove(gone)).body).toEqual({ status: 'disconnected', remaining: null })
    app.hubspot.answer(uninstallPath, null)

    const nobody = await app.person('Never connected')
    expect((await remove({ ...nobody, portalId: 0 })).body).toEqual({
      status: 'disconnected',
      remaining: null,
    })
    expect((await nobody.browser.request('GET', app.base)).body.status).toBe('not_connected')
  })

  test('voids what was begun before it: an old tab connects nothing again', async () => {
    const admin = await connected('Old tab')
    const state = await app.start(admin.browser)
    await remove(admin)
    expect(
      (await app.finish(admin.browser, { code: app.hubspot.code(admin.portalId), state })).location,
    ).toBe('/settings/hubspot?error=invalid_state')
    expect((await app.integration(admin.partnerId))?.status).toBe('disconnected')
  })

  test('gives up after a day and says so', async () => {
    const admin = await connected('A day')
    const alerts: string[] = []
    app.services.connection.hooks.onAlert(async alert => void alerts.push(alert.kind))
    app.hubspot.answer(uninstallPath, status(500))
    app.hubspot.answer(revokePath, status(500))
    await remove(admin)
    for (const hours of [1, 12, 25, 27]) {
      app.time.offsetMs = hours * 3_600_000
      await app.services.connection.maintain()
    }
    expect((await app.integration(admin.partnerId))?.remote_cleanup).toBeNull()
    expect(alerts).toContain('remote_cleanup_failed')
    for (const path of [uninstallPath, revokePath]) app.hubspot.answer(path, null)
    app.time.offsetMs = 0
  })

  test("does not reach into another partner's new connection of the same account", async () => {
    const first = await connected('First owner')
    app.hubspot.answer(uninstallPath, status(500))
    app.hubspot.answer(revokePath, status(500))
    await remove(first)
    for (const path of [uninstallPath, revokePath]) app.hubspot.answer(path, null)
    const second = await connected('Second owner', first.portalId)
    app.time.offsetMs += 2 * 60 * 60 * 1000
    await app.services.connection.maintain()
    app.time.offsetMs = 0
    expect(installed(first.portalId)).toBe(true)
    expect((await second.browser.request('POST', `${app.base}/refresh`, { json: {} })).status).toBe(
      200,
    )
    expect((await app.integration(first.partnerId))?.remote_cleanup).toBeNull()
  })

  test('tells its listeners, is audited, and the same account continues where it stopped', async () => {
    const told: string[] = []
    app.services.connection.hooks.onDisconnected(
      async (_partnerId, portalId) => void told.push(`off ${portalId}`),
    )
    app.services.connection.hooks.onConnected(
      async (_partnerId, portalId) => void told.push(`on ${portalId}`),
    )
    const admin = await connected('Resumes')
    const lastSynced = new Date('2026-11-01T00:00:00.000Z')
    await app.services.database.collections.partners.updateOne(
      { _id: admin.partnerId },
      { $set: { 'hubspot_integration.last_synced_at': lastSynced } },
    )
    await remove(admin)
    expect(await app.connect(admin.browser, admin.portalId)).toBe('/settings/hubspot?success=true')
    expect((await admin.browser.request('GET', app.base)).body).toMatchObject({
      status: 'connected',
      lastSyncedAt: lastSynced.toISOString(),
    })
    expect(told).toEqual([`on ${admin.portalId}`, `off ${admin.portalId}`, `on ${admin.portalId}`])
    const actions = await app.services.database.collections.auditLog
      .find({ partner_id: admin.partnerId, action: /^hubspot/ })
      .sort({ _id: 1 })
      .toArray()
    expect(actions.map(entry => entry.action)).toEqual([
      'hubspot.connect_started',
      'hubspot.connect',
      'hubspot.disconnect',
      'hubspot.connect_started',
      'hubspot.connect',
    ])
  })

  test.each(['same', 'rotate'] as const)(
    'beats a refresh that is under way (refresh token: %s)',
    async mode => {
      const admin = await connected(`Race ${mode}`)
      app.hubspot.state.mode = mode
      for (let round = 0; round < 15; round++) {
        let reached = () => {}
        const asked = new Promise<void>(resolve => (reached = resolve))
        let release = () => {}
        const held = new Promise<void>(resolve => (release = resolve))
        app.hubspot.answer(tokenPath, async (request, response, call) => {
          if (call.form.grant_type !== 'refresh_token')
            return app.hubspot.usual(tokenPath)(request, response, call)
          app.hubspot.answer(tokenPath, null)
          reached()
          await held
          return app.hubspot.usual(tokenPath)(request, response, call)
        })
        const refreshed = app.services.connection
          .refresh(admin.partnerId, { kind: 'system', user_id: null, email: null })
          .then(
            () => 'refreshed',
            (error: { code?: string }) => error.code,
          )
        await asked
        const removed = remove(admin)
        if (round % 2 === 0) await removed
        release()
        await removed
        expect(['hubspot_not_connected', 'refreshed', 'hubspot_unavailable']).toContain(
          await refreshed,
        )
        expect(await tokensOf(admin)).toEqual([null, null, null, null, null])
        expect(await app.connect(admin.browser, admin.portalId)).toBe(
          '/settings/hubspot?success=true',
        )
        expect(
          (await admin.browser.request('POST', `${app.base}/refresh`, { json: {} })).status,
        ).toBe(200)
      }
      app.hubspot.state.mode = 'same'
    },
  )
})
