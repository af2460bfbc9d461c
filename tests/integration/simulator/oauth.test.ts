import { createHash } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startSimulator } from '../../support/simulator'
import type { Simulator } from '../../../simulator/index'
import { defaultSettings } from '../../../simulator/settings'
import { apiOf, authorizeUrl, connect, decide, postToken, scopes } from './connect'
import { present } from '../../support/present'

let simulator: Simulator
beforeAll(async () => {
  simulator = await startSimulator({ contacts: 20, deals: 5 })
})
afterEach(() => simulator.control.set(defaultSettings))
afterAll(() => simulator.stop())

const redirectUri = () => simulator.env.NUXT_PUBLIC_HUBSPOT_REDIRECT_URI
const exchange = (code: string, fields: Record<string, string> = {}) =>
  postToken(simulator, {
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri(),
    ...fields,
  })
const grantedCode = async (changes: Record<string, string | null> = {}) =>
  present((await decide(simulator, 'grant', undefined, changes)).searchParams.get('code'))
const refresh = (token: string | undefined, path?: string) =>
  postToken(simulator, { grant_type: 'refresh_token', refresh_token: token ?? '' }, path)

describe('authorize', () => {
  test.each([
    [
      'another redirect URI',
      { redirect_uri: 'http://localhost:3000/elsewhere' },
      'registered redirect URL',
    ],
    ['an unknown client', { client_id: 'nobody' }, 'client ID'],
    ['a required scope missing', { scope: 'oauth' }, 'Missing: crm.objects.contacts.read'],
    [
      'a scope outside the app',
      { scope: [...scopes, 'tickets'].join(' ') },
      'Not configured: tickets',
    ],
    ['an optional scope outside the app', { optional_scope: 'content' }, 'Not configured: content'],
  ])("%s is told on HubSpot's page, without a redirect", async (_what, changes, text) => {
    const response = await fetch(authorizeUrl(simulator, changes), { redirect: 'manual' })
    expect(response.status).toBe(400)
    expect(response.headers.get('location')).toBeNull()
    expect((await response.text()).replaceAll('&#39;', "'")).toContain(text)
  })

  test('the consent page offers the accounts and escapes what it is given', async () => {
    const page = await (
      await fetch(authorizeUrl(simulator, { state: '"><script>alert(1)</script>' }))
    ).text()
    for (const text of [
      'Grant access',
      'Cancel',
      'Northwind Partners',
      'Sandbox',
      'Europe',
      'HubSpot simulator',
    ])
      expect(page).toContain(text)
    expect(page).not.toContain('<script>')
  })

  test('consent returns the state byte for byte, refusal says access_denied', async () => {
    const state = 'a/b?c=d&e f%20+ü'
    expect((await decide(simulator, 'grant', undefined, { state })).searchParams.get('state')).toBe(
      state,
    )
    const denied = await decide(simulator, 'deny', undefined, { state })
    expect(Object.fromEntries(denied.searchParams)).toMatchObject({ error: 'access_denied', state })
    expect(denied.searchParams.has('code')).toBe(false)
  })

  test('the European account gets European codes and tokens', async () => {
    const tokens = await connect(simulator, 145_870_330)
    expect(tokens.refresh_token).toMatch(/^eu1-/)
    const details = await apiOf(simulator, tokens.access_token)(
      'GET',
      '/account-info/2026-09/details',
    )
    expect(details.body).toMatchObject({
      portalId: 145_870_330,
      uiDomain: 'app-eu1.hubspot.com',
      companyCurrency: 'EUR',
      dataHostingLocation: 'eu1',
    })
  })

  test('auto-grant asks nobody', async () => {
    await simulator.control.set({ autoGrantPortalId: 48_210_002 })
    const response = await fetch(authorizeUrl(simulator), { redirect: 'manual' })
    expect(response.headers.get('location')).toContain(`${redirectUri()}?code=na1-`)
  })

  test('the marketplace installs in its two steps', async () => {
    const start = await fetch(`${simulator.url}/marketplace/install`, {
      method: 'POST',
      redirect: 'manual',
    })
    const app = new URL(present(start.headers.get('location')))
    expect(app.searchParams.get('step')).toBe('authorize')
    await simulator.control.set({ autoGrantPortalId: 48_210_001 })
    const finalize = await fetch(`${app.searchParams.get('returnUrl')}?state=from-app`, {
      redirect: 'manual',
    })
    const callback = new URL(present(finalize.headers.get('location')))
    expect(Object.fromEntries(callback.searchParams)).toMatchObject({
      step: 'finalize',
      state: 'from-app',
      returnUrl: `${simulator.url}/marketplace/installed`,
    })
    expect((await exchange(present(callback.searchParams.get('code')))).status).toBe(200)
  })
})

describe('token', () => {
  test('a code works once, for its redirect URI, for a minute', async () => {
    const once = await grantedCode()
    expect((await exchange(once)).status).toBe(200)
    expect(await (await exchange(once)).json()).toMatchObject({
      error: 'invalid_grant',
      status: 'BAD_AUTH_CODE',
    })

    await simulator.control.setApp({ redirectUrls: [redirectUri(), 'http://localhost:3000/other'] })
    expect(
      await (
        await exchange(await grantedCode(), { redirect_uri: 'http://localhost:3000/other' })
      ).json(),
    ).toMatchObject({ status: 'MISMATCH_REDIRECT_URI_AUTH_CODE' })
    expect(
      await (
        await exchange(await grantedCode(), { redirect_uri: 'http://localhost:3000/unknown' })
      ).json(),
    ).toMatchObject({ status: 'BAD_REDIRECT_URI' })

    const late = await grantedCode()
    await simulator.control.advanceClock(60_001)
    expect(await (await exchange(late)).json()).toMatchObject({ status: 'EXPIRED_AUTH_CODE' })
  })

  test('a code challenge is checked where one was sent', async () => {
    const verifier = 'v'.repeat(50)
    const challenge = createHash('sha256').update(verifier).digest('base64url')
    expect(
      (
        await exchange(await grantedCode({ code_challenge: challenge }), {
          code_verifier: verifier,
        })
      ).status,
    ).toBe(200)
    expect(
      await (
        await exchange(await grantedCode({ code_challenge: challenge }), { code_verifier: 'x' })
      ).json(),
    ).toMatchObject({ status: 'BAD_CODE_VERIFIER' })
  })

  test('every version answers alike, JSON bodies nowhere', async () => {
    const { refresh_token: token } = await connect(simulator)
    for (const version of ['v1', 'v3', '2026-03', '2026-09']) {
      expect(await (await refresh(token, `/oauth/${version}/token`)).json()).toMatchObject({
        expires_in: 1800,
        hub_id: 48_210_001,
        token_type: 'bearer',
        token_use: 'access_token',
      })
    }
    expect((await refresh(token, '/oauth/2031-01/token')).status).toBe(404)
    expect(
      (
        await fetch(`${simulator.url}/oauth/v1/token`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: '{}',
        })
      ).status,
    ).toBe(415)
  })

  test('access tokens are long and live half an hour', async () => {
    const { access_token: token, expires_in: seconds } = await connect(simulator)
    expect(token.length).toBeGreaterThan(512)
    expect(seconds).toBe(1800)
    const api = apiOf(simulator, token)
    expect((await api('GET', '/crm/objects/2026-09/contacts')).status).toBe(200)
    await simulator.control.advanceClock(1_800_000)
    const expired = await api('GET', '/crm/objects/2026-09/contacts')
    expect(expired).toMatchObject({ status: 401, body: { category: 'EXPIRED_AUTHENTICATION' } })
    expect(expired.headers.get('x-hubspot-correlation-id')).toBe(expired.body.correlationId)
    expect(expired.headers.get('x-hubspot-auth-failure')).toBe('401 Unauthorized')
  })

  test('the refresh token stays, changes or does not come back, as set', async () => {
    const { refresh_token: first } = await connect(simulator)
    const refreshed = async (token: string | undefined) =>
      ((await (await refresh(token)).json()) as { refresh_token?: string }).refresh_token
    expect(await refreshed(first)).toBe(first)
    await simulator.control.set({ refreshTokenMode: 'omit' })
    expect(await refreshed(first)).toBeUndefined()
    await simulator.control.set({ refreshTokenMode: 'rotate' })
    expect(await refreshed(first)).not.toBe(first)
    expect((await refresh(first)).status).toBe(200)
    await simulator.control.set({ refreshTokenMode: 'rotate_and_invalidate' })
    const second = await refreshed(first)
    expect(await (await refresh(first)).json()).toMatchObject({
      error: 'invalid_grant',
      status: 'BAD_REFRESH_TOKEN',
    })
    expect((await refresh(second)).status).toBe(200)
  })

  test('a bad client is not a bad grant', async () => {
    const { refresh_token: token = '' } = await connect(simulator)
    const fields = { grant_type: 'refresh_token', refresh_token: token }
    expect(
      await (await postToken(simulator, { ...fields, client_secret: 'wrong' })).json(),
    ).toMatchObject({ error: 'invalid_client', status: 'BAD_CLIENT_SECRET' })
    expect(
      await (await postToken(simulator, { ...fields, client_id: 'wrong' })).json(),
    ).toMatchObject({ error: 'invalid_client', status: 'BAD_CLIENT_ID' })
    await simulator.control.set({ rejectClient: true })
    expect(await (await refresh(token)).json()).toMatchObject({ status: 'BAD_CLIENT_SECRET' })
    await simulator.control.set({
      rejectClient: false,
      falseInvalidGrants: 1,
      tokenErrorShape: 'legacy',
    })
    const once = await (await refresh(token)).json()
    expect(once).toMatchObject({ status: 'BAD_REFRESH_TOKEN' })
    expect(once).not.toHaveProperty('error')
    expect((await refresh(token)).status).toBe(200)
    expect(await (await postToken(simulator, { grant_type: 'password' })).json()).toMatchObject({
      status: 'BAD_GRANT_TYPE',
    })
  })

  test('grants outlive a restart of the simulator', async () => {
    const { refresh_token: token } = await connect(simulator)
    const other = await startSimulator()
    try {
      expect(
        (await postToken(other, { grant_type: 'refresh_token', refresh_token: token ?? '' }))
          .status,
      ).toBe(200)
      expect(
        (await postToken(other, { grant_type: 'refresh_token', refresh_token: `${token}x` }))
          .status,
      ).toBe(400)
    } finally {
      await other.stop()
    }
  })
})
