import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { startConnectionApp, type ConnectionApp } from '../../support/connection'
import { accountPath, introspectPath, json, tokenPath } from '../../support/scripted-hubspot'
import { present } from '../../support/present'

// Sign-ins cost what a password hash costs; on a busy machine many of them take their time.
vi.setConfig({ testTimeout: 120_000 })

let app: ConnectionApp
beforeAll(async () => {
  app = await startConnectionApp()
})
afterAll(() => app.stop())

let portal = 1000
const nextPortal = () => ++portal

describe('connecting', () => {
  test('ends on the settings page with the account, and shows no token', async () => {
    const admin = await app.person('Alpha')
    const portalId = nextPortal()
    const state = await app.start(admin.browser)
    expect(state).toMatch(/^[\w-]{43}$/)
    const answer = await app.finish(admin.browser, { code: app.hubspot.code(portalId), state })
    expect(answer).toMatchObject({
      status: 302,
      location: '/settings/hubspot?success=true',
      text: '',
    })
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer')
    expect(answer.headers.get('cache-control')).toContain('no-store')
    const view = await admin.browser.request('GET', app.base)
    expect(view.body).toMatchObject({
      status: 'connected',
      portalId: String(portalId),
      account: {
        domain: `${portalId}.example.com`,
        uiDomain: 'app.hubspot.com',
        hublet: 'na1',
        currency: 'USD',
        timeZone: 'US/Eastern',
      },
      connectedBy: { id: admin.userId.toHexString(), email: admin.email },
      missingScopes: [],
      writeBack: false,
      paused: false,
      reason: null,
      pendingPortal: null,
    })
    expect(view.text).not.toContain('CANARY')
    const call = app.hubspot.calls.find(made => made.path === tokenPath)
    expect(call?.form).toMatchObject({
      grant_type: 'authorization_code',
      redirect_uri: app.configuration.hubspot.redirectUri,
    })
  })

  test('works in five tabs at once, finished in any order', async () => {
    const admin = await app.person('Tabs')
    const portalId = nextPortal()
    const states = []
    for (let tab = 0; tab < 5; tab++) states.push(await app.start(admin.browser))
    for (const tab of [2, 0, 4, 1, 3]) {
      expect(
        (
          await app.finish(admin.browser, {
            code: app.hubspot.code(portalId),
            state: present(states[tab]),
          })
        ).location,
      ).toBe('/settings/hubspot?success=true')
    }
    const newest = []
    for (let tab = 0; tab < 12; tab++) newest.push(await app.start(admin.browser))
    expect(
      (
        await app.finish(admin.browser, {
          code: app.hubspot.code(portalId),
          state: present(newest[0]),
        })
      ).location,
    ).toBe('/settings/hubspot?error=invalid_state')
    expect(
      (
        await app.finish(admin.browser, {
          code: app.hubspot.code(portalId),
          state: present(newest[11]),
        })
      ).location,
    ).toBe('/settings/hubspot?success=true')
  })

  test('answers a reload and a double click the same, with one token call', async () => {
    const admin = await app.person('Reload')
    const portalId = nextPortal()
    for (let round = 0; round < 25; round++) {
      const before = app.hubspot.count(tokenPath)
      const state = await app.start(admin.browser)
      const query = { code: app.hubspot.code(portalId), state }
      const answers = await Promise.all([
        app.finish(admin.browser, query),
        app.finish(admin.browser, query),
      ])
      answers.push(await app.finish(admin.browser, query))
      expect(answers.map(answer => answer.location)).toEqual(
        Array.from({ length: 3 }, () => '/settings/hubspot?success=true'),
      )
      expect(app.hubspot.count(tokenPath) - before).toBe(1)
    }
    const failed = { code: 'na1-unknown-code', state: await app.start(admin.browser) }
    const before = app.hubspot.count(tokenPath)
    for (let turn = 0; turn < 3; turn++)
      expect((await app.finish(admin.browser, failed)).location).toBe(
        '/settings/hubspot?error=token_exchange_failed',
      )
    expect(app.hubspot.count(tokenPath) - before).toBe(1)
  })

  test("starts with a member refused and the state bound to nobody else's connection", async () => {
    const member = await app.person('Alpha', 'member')
    expect(
      (await member.browser.request('POST', `${app.base}/connect`, { json: {} })).body,
    ).toMatchObject({ statusCode: 403, data: { code: 'forbidden' } })
  })

  test('keeps the account for later when HubSpot does not tell it, and asks again', async () => {
    const admin = await app.person('No account')
    app.hubspot.answer(accountPath, (_request, response) => json(response, 502, {}))
    expect(await app.connect(admin.browser, nextPortal())).toBe('/settings/hubspot?success=true')
    expect((await admin.browser.request('GET', app.base)).body.account).toBeNull()
    app.hubspot.answer(accountPath, null)
    await app.services.connection.maintain()
    expect((await admin.browser.request('GET', app.base)).body.account).toMatchObject({
      uiDomain: 'app.hubspot.com',
    })
  })

  test.each([
    ['does not answer', 502, {}],
    ['answers something else', 200, { active: true, hub_domain: '<b>no domain</b>' }],
  ])(
    'names the account by its id alone when HubSpot %s for its domain',
    async (what, status, body) => {
      const admin = await app.person(`No domain, since HubSpot ${what}`)
      app.hubspot.answer(introspectPath, (_request, response) => json(response, status, body))
      expect(await app.connect(admin.browser, nextPortal())).toBe('/settings/hubspot?success=true')
      app.hubspot.answer(introspectPath, null)
      expect((await admin.browser.request('GET', app.base)).body.account).toMatchObject({
        domain: null,
        currency: 'USD',
      })
    },
  )
})

describe('another account than before', () => {
  test('is put aside until it is confirmed; then the old one is given back', async () => {
    const admin = await app.person('Mover')
    const [one, two] = [nextPortal(), nextPortal()]
    await app.connect(admin.browser, one)
    await admin.browser.request('PATCH', `${app.base}/settings`, { json: { writeBack: true } })
    const before = await app.integration(admin.partnerId)
    expect(await app.connect(admin.browser, two)).toBe('/settings/hubspot?error=portal_changed')
    const { pending_grant, ...kept } = present(await app.integration(admin.partnerId))
    expect({ ...kept, pending_grant: null }).toEqual(before)
    expect(pending_grant?.portal_id).toBe(String(two))
    expect((await admin.browser.request('GET', app.base)).body).toMatchObject({
      status: 'connected',
      portalId: String(one),
      pendingPortal: { portalId: String(two) },
    })
    expect(await app.connect(admin.browser, two, { confirmPortalChange: true })).toBe(
      '/settings/hubspot?success=true',
    )
    expect((await admin.browser.request('GET', app.base)).body).toMatchObject({
      status: 'connected',
      portalId: String(two),
      pendingPortal: null,
      writeBack: false,
      lastSyncedAt: null,
    })
    await app.services.connection.maintain()
    const owners = [...app.hubspot.refreshTokens.values()].map(grant => grant.portalId)
    expect(owners).toContain(two)
    expect(owners).not.toContain(one)
    expect((await app.integration(admin.partnerId))?.remote_cleanup).toBeNull()
  })

  test('is uninstalled when nobody confirms it in ten minutes, and left alone when another partner uses it', async () => {
    const admin = await app.person('Undecided')
    const other = await app.person('Uses two')
    const [one, two, three] = [nextPortal(), nextPortal(), nextPortal()]
    await app.connect(admin.browser, one)
    expect(await app.connect(admin.browser, two)).toBe('/settings/hubspot?error=portal_changed')
    await app.connect(other.browser, two)
    app.time.offsetMs += 11 * 60 * 1000
    await app.services.connection.maintain()
    expect([...app.hubspot.refreshTokens.values()].map(grant => grant.portalId)).toEqual(
      expect.arrayContaining([one, two]),
    )
    expect(await app.connect(admin.browser, three)).toBe('/settings/hubspot?error=portal_changed')
    app.time.offsetMs += 11 * 60 * 1000
    await app.services.connection.maintain()
    expect([...app.hubspot.refreshTokens.values()].map(grant => grant.portalId)).not.toContain(
      three,
    )
    expect((await app.integration(admin.partnerId))?.pending_grant).toBeNull()
    app.time.offsetMs = 0
  })

  test('is uninstalled when the admin keeps the old one, and only there', async () => {
    const admin = await app.person('Keeps')
    const other = await app.person('Uses the other')
    const [one, two, three] = [nextPortal(), nextPortal(), nextPortal()]
    await app.connect(admin.browser, one)
    await app.connect(other.browser, two)
    const before = await app.integration(admin.partnerId)
    const granted = () => [...app.hubspot.refreshTokens.values()].map(grant => grant.portalId)
    expect(await app.connect(admin.browser, three)).toBe('/settings/hubspot?error=portal_changed')
    expect(granted()).toContain(three)
    const kept = await admin.browser.request('DELETE', `${app.base}/pending`)
    expect([kept.status, kept.body]).toMatchObject([
      200,
      { status: 'connected', portalId: String(one), pendingPortal: null },
    ])
    expect(granted()).not.toContain(three)
    expect(granted()).toEqual(expect.arrayContaining([one, two]))
    expect(await app.integration(admin.partnerId)).toEqual(before)
    const calls = app.hubspot.calls.length
    expect((await admin.browser.request('DELETE', `${app.base}/pending`)).status).toBe(200)
    expect(app.hubspot.calls.length).toBe(calls)
    expect(
      await app.services.database.collections.auditLog.countDocuments({
        partner_id: admin.partnerId,
        action: 'hubspot.pending_grant_returned',
        outcome: 'ok',
      }),
    ).toBe(1)
  })
})

describe('the secrets (P1)', () => {
  test('stand nowhere in clear: not in the database, not in the log, not in a URL', async () => {
    const dump: string[] = []
    for (const { name } of await app.services.database.db.listCollections().toArray())
      dump.push(JSON.stringify(await app.services.database.db.collection(name).find().toArray()))
    const canaries = [
      ...app.states,
      ...app.hubspot.refreshTokens.keys(),
      ...app.hubspot.accessTokens.keys(),
      ...app.hubspot.calls
        .flatMap(call => [call.form.code, call.form.refresh_token, call.form.client_secret])
        .filter(value => value !== undefined),
    ]
    expect(canaries.length).toBeGreaterThan(100)
    const places = [
      ...dump,
      app.logged.join(''),
      app.hubspot.calls.map(call => `${call.url} ${call.referer}`).join('\n'),
    ].join('\n')
    expect(places).not.toContain('CANARY')
    for (const canary of canaries) expect(places.includes(canary)).toBe(false)
    expect(app.logged.length).toBeGreaterThan(100)
  })
})
