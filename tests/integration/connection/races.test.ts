import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { backOffMs } from '../../../server/connection/backoff'
import { startConnectionApp, type ConnectionApp } from '../../support/connection'
import { invalidClient, json, tokenPath } from '../../support/scripted-hubspot'
import { grantedPartners } from '../../support/sealed-partners'
import { present } from '../../support/present'

/** `npm run test:soak -- crash` asks for two hundred. */
const rounds = Number(process.env.RACE_ROUNDS ?? 20)
vi.setConfig({ testTimeout: 120_000 + rounds * 1000 })

let app: ConnectionApp
let portal = 40_000
beforeAll(async () => {
  app = await startConnectionApp()
})
afterAll(() => app.stop())
const refreshes = () => app.hubspot.count(tokenPath, 'refresh_token')
const partners = () => app.services.database.collections.partners

describe('two callbacks that are the same, at once', () => {
  test('are one token call and one answer (A20)', async () => {
    const admin = await app.person('Doubled')
    const portalId = ++portal
    const before = app.hubspot.count(tokenPath)
    const locations: (string | null)[] = []
    for (let round = 0; round < rounds; round++) {
      const query = { code: app.hubspot.code(portalId), state: await app.start(admin.browser) }
      locations.push(
        ...(
          await Promise.all([app.finish(admin.browser, query), app.finish(admin.browser, query)])
        ).map(answer => answer.location),
      )
    }
    const calls = app.hubspot.count(tokenPath) - before
    console.info(
      `A20: ${rounds} rounds of two identical callbacks, ${calls} token calls, ${locations.filter(location => location?.includes('success')).length} redirects to success`,
    )
    expect(calls).toBe(rounds)
    expect(locations).toEqual(
      Array.from({ length: 2 * rounds }, () => '/settings/hubspot?success=true'),
    )
    expect(
      await partners().countDocuments({ 'hubspot_integration.portal_id': String(portalId) }),
    ).toBe(1)
  })
})

describe('an account of another partner', () => {
  test('is refused, told nothing of and left alone; one of many at once wins (A29)', async () => {
    const rivals = await Promise.all([app.person('Rival 1'), app.person('Rival 2')])
    const undone = () =>
      app.hubspot.calls.filter(call => /revoke|external-install/.test(call.path)).length
    const before = undone()
    for (let round = 0; round < rounds; round++) {
      const portalId = ++portal
      const locations = await Promise.all(
        rivals.map(rival => app.connect(rival.browser, portalId, { confirmPortalChange: true })),
      )
      expect([...locations].sort()).toEqual([
        '/settings/hubspot?error=portal_in_use',
        '/settings/hubspot?success=true',
      ])
      const winner = present(rivals[locations.indexOf('/settings/hubspot?success=true')])
      expect(
        (await winner.browser.request('POST', `${app.base}/refresh`, { json: {} })).status,
      ).toBe(200)
      const loser = present(rivals[1 - rivals.indexOf(winner)])
      expect((await loser.browser.request('GET', app.base)).text).not.toContain(winner.email)
    }
    console.info(
      `A29: ${rounds} rounds of two partners with one account, ${rounds} with one winner, ${undone() - before} uninstalls or revocations`,
    )
    expect(undone()).toBe(before)
  })
})

describe('credentials of ours that HubSpot refuses', () => {
  test('leave 50 of 50 partners connected, with one alert (A33)', async () => {
    const ids = await grantedPartners(app, 50, { firstPortal: 50_000, expired: () => true })
    app.hubspot.answer(tokenPath, invalidClient)
    const outcomes = await Promise.all(
      ids.map(id =>
        app.services.connection.getValidAccessToken(id).then(
          () => 'token',
          (error: { code?: string }) => error.code,
        ),
      ),
    )
    expect(outcomes).toEqual(ids.map(() => 'hubspot_unavailable'))
    const connected = await partners().countDocuments({
      _id: { $in: ids },
      'hubspot_integration.status': 'connected',
      'hubspot_integration.reason': null,
    })
    const alerts = await app.services.database.collections.notices.countDocuments({
      kind: 'hubspot_configuration',
    })
    console.info(
      `A33: invalid_client for ${ids.length} partners, ${connected} of ${ids.length} stay connected, ${alerts} alert`,
    )
    expect([connected, alerts]).toEqual([50, 1])

    app.hubspot.answer(tokenPath, null)
    app.time.offsetMs = 6 * 60 * 1000
    for (const id of ids)
      expect((await app.services.connection.getValidAccessToken(id)).tokenVersion).toBe(2)
    app.time.offsetMs = 0
  })
})

describe('after an outage', () => {
  test('the pauses grow, never end before HubSpot says, and are spread over their second half', () => {
    const spread = (failures: number) =>
      Array.from({ length: 200 }, () => backOffMs(failures, null, Math.random()))
    for (const [failures, longest] of [
      [1, 2000],
      [2, 4000],
      [5, 32_000],
      [20, 300_000],
      [1000, 300_000],
    ] as const) {
      const pauses = spread(failures)
      expect(Math.max(...pauses)).toBeLessThanOrEqual(longest)
      expect(Math.min(...pauses)).toBeGreaterThanOrEqual(longest / 2)
      expect(new Set(pauses).size).toBeGreaterThan(100)
    }
    expect(backOffMs(1, 3_600_000, 0)).toBe(3_600_000)
  })

  test('partners whose tokens ran out together are told different moments to come back', async () => {
    const ids = await grantedPartners(app, 50, { firstPortal: 51_000, expired: () => true })
    app.hubspot.answer(tokenPath, (_request, response) => json(response, 503, {}))
    for (const id of ids) await app.services.connection.getValidAccessToken(id).catch(() => {})
    app.hubspot.answer(tokenPath, null)
    const pauses = (
      await partners()
        .find({ _id: { $in: ids } })
        .toArray()
    ).map(
      ({ hubspot_integration: integration }) =>
        present(integration?.retry_refresh_at).getTime() -
        present(integration?.reason).at.getTime(),
    )
    expect(new Set(pauses).size).toBeGreaterThan(25)
    expect(
      await partners().countDocuments({
        _id: { $in: ids },
        'hubspot_integration.status': 'degraded',
      }),
    ).toBe(50)
  })
})

describe('a connection that nothing uses', () => {
  test('is tried twice a day, so that its refresh token stays in use and an uninstall is noticed', async () => {
    const ids = await grantedPartners(app, 3, { firstPortal: 52_000, expired: () => false })
    const versions = async () =>
      (
        await partners()
          .find({ _id: { $in: ids } })
          .sort({ _id: 1 })
          .toArray()
      ).map(partner => present(partner.hubspot_integration).token_version)
    await partners().updateMany(
      { _id: { $nin: ids } },
      { $set: { 'hubspot_integration.status': 'disconnected' } },
    )
    // Their account details are known: looking them up needs a token as well.
    await partners().updateMany(
      { _id: { $in: ids } },
      { $set: { 'hubspot_integration.account.read_at': new Date(Date.now() + 48 * 3_600_000) } },
    )
    const maintainAt = async (hours: number) => {
      app.time.offsetMs = hours * 3_600_000
      await app.services.connection.maintain()
      return await versions()
    }
    const before = refreshes()
    expect(await maintainAt(12)).toEqual([1, 1, 1])
    expect(await maintainAt(13)).toEqual([2, 2, 2])
    expect(await maintainAt(14)).toEqual([2, 2, 2])
    for (const [token, grant] of app.hubspot.refreshTokens)
      if (grant.portalId === 52_001) app.hubspot.refreshTokens.delete(token)
    expect([...(await maintainAt(27))].sort()).toEqual([2, 3, 3])
    expect(
      await partners().countDocuments({
        _id: { $in: ids },
        'hubspot_integration.status': 'revoked',
      }),
    ).toBe(1)
    // Three that were idle, then two that live and one that HubSpot is asked about twice.
    expect(refreshes() - before).toBe(3 + 2 + 2)
    app.time.offsetMs = 0
  })
})
