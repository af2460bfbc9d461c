import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { buildAuthorizeUrl } from '#shared/hubspot/authorize-url'
import { mainPortalId } from '../../../simulator/control-client'
import { startConnectionApp, type Browser, type ConnectionApp } from '../../support/connection'
import { startSimulator } from '../../support/simulator'
import { present } from '../../support/present'

// Sign-ins cost what a password hash costs; on a busy machine many of them take their time.
vi.setConfig({ testTimeout: 120_000 })

/** The same flows against the simulator: its consent page, its tokens, its uninstall. */
let app: ConnectionApp
let simulator: Awaited<ReturnType<typeof startSimulator>>
beforeAll(async () => {
  simulator = await startSimulator({ contacts: 0, deals: 0 })
  app = await startConnectionApp({
    env: {
      ...simulator.env,
      NUXT_PUBLIC_HUBSPOT_REDIRECT_URI: 'http://localhost:3000/v1/integrations/hubspot/callback',
    },
  })
})
afterAll(async () => {
  await app.stop()
  await simulator.stop()
})

async function authorize(
  browser: Browser,
  portalId: number,
  body: Record<string, unknown> = {},
): Promise<string | null> {
  await simulator.control.set({ autoGrantPortalId: portalId })
  const { authorizeUrl, clientId, redirectUri } = app.configuration.hubspot
  const consent = await fetch(
    buildAuthorizeUrl({
      authorizeUrl,
      clientId,
      redirectUri,
      state: await app.start(browser, body),
    }),
    { redirect: 'manual' },
  )
  const back = new URL(present(consent.headers.get('location')))
  expect(back.href.startsWith(redirectUri)).toBe(true)
  return (await app.finish(browser, Object.fromEntries(back.searchParams))).location
}
const forced = (browser: Browser) => browser.request('POST', `${app.base}/refresh`, { json: {} })

describe('against the simulator', () => {
  test('a partner connects, refreshes in each mode, loses the grant, connects again and disconnects', async () => {
    const admin = await app.person('Simulated')
    expect(await authorize(admin.browser, mainPortalId)).toBe('/settings/hubspot?success=true')
    expect((await admin.browser.request('GET', app.base)).body).toMatchObject({
      status: 'connected',
      portalId: String(mainPortalId),
      account: { currency: 'USD' },
      missingScopes: [],
    })
    for (const refreshTokenMode of ['same', 'rotate', 'omit'] as const) {
      await simulator.control.set({ refreshTokenMode })
      for (let turn = 0; turn < 3; turn++) expect((await forced(admin.browser)).status).toBe(200)
    }
    await simulator.control.set({ refreshTokenMode: 'same', falseInvalidGrants: 1 })
    expect((await forced(admin.browser)).status).toBe(200)
    await simulator.control.set({ rejectClient: true })
    expect((await forced(admin.browser)).status).toBe(503)
    expect((await admin.browser.request('GET', app.base)).body.status).toBe('connected')
    await simulator.control.set({ rejectClient: false })
    await simulator.control.uninstall(mainPortalId)
    expect((await forced(admin.browser)).body).toMatchObject({
      data: { code: 'hubspot_reauthorization_required' },
    })
    expect((await admin.browser.request('GET', app.base)).body).toMatchObject({
      status: 'revoked',
      reason: { code: 'grant_revoked' },
    })
    expect(await authorize(admin.browser, mainPortalId)).toBe('/settings/hubspot?success=true')
    expect((await admin.browser.request('DELETE', `${app.base}/disconnect`)).body).toEqual({
      status: 'disconnected',
      remaining: null,
    })
    expect((await simulator.control.state()).installations).toEqual([])
  })

  test("a partner moves to another account, and keeps the first one when it is another partner's", async () => {
    const [one, two] = [await app.person('Sim one'), await app.person('Sim two')]
    expect(await authorize(one.browser, mainPortalId)).toBe('/settings/hubspot?success=true')
    expect(await authorize(two.browser, mainPortalId)).toBe('/settings/hubspot?error=portal_in_use')
    expect((await forced(one.browser)).status).toBe(200)
    expect(await authorize(one.browser, 145_870_330)).toBe('/settings/hubspot?error=portal_changed')
    expect(await authorize(one.browser, 145_870_330, { confirmPortalChange: true })).toBe(
      '/settings/hubspot?success=true',
    )
    expect((await one.browser.request('GET', app.base)).body).toMatchObject({
      portalId: '145870330',
      account: { hublet: 'eu1', currency: 'EUR' },
    })
    expect(await authorize(two.browser, mainPortalId)).toBe('/settings/hubspot?success=true')
  })
})
