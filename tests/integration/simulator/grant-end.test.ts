import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startSimulator } from '../../support/simulator'
import type { Simulator } from '../../../simulator/index'
import { defaultSettings } from '../../../simulator/settings'
import { apiOf, connect, postToken } from './connect'

let simulator: Simulator
beforeAll(async () => {
  simulator = await startSimulator({ contacts: 20, deals: 5 })
})
afterEach(() => simulator.control.set(defaultSettings))
afterAll(() => simulator.stop())

const refresh = (token: string | undefined, path?: string) =>
  postToken(simulator, { grant_type: 'refresh_token', refresh_token: token ?? '' }, path)

describe('the end of a grant', () => {
  const introspect = async (token: string) =>
    (await (
      await postToken(
        simulator,
        { token, token_type_hint: 'access_token' },
        '/oauth/2026-09/token/introspect',
      )
    ).json()) as { active: boolean }

  test('revoking ends the refresh token, not the access token', async () => {
    const { access_token: access, refresh_token: token = '' } = await connect(simulator)
    expect(await introspect(access)).toMatchObject({
      active: true,
      hub_id: 48_210_001,
      token_use: 'access_token',
      hub_domain: 'northwind.example.com',
    })
    expect(await introspect(token)).toMatchObject({ active: true, token_use: 'refresh_token' })
    expect((await postToken(simulator, { token }, '/oauth/2026-09/token/revoke')).status).toBe(200)
    expect(await (await refresh(token)).json()).toMatchObject({ status: 'BAD_REFRESH_TOKEN' })
    expect(await introspect(token)).toEqual({ active: false })
    expect((await apiOf(simulator, access)('GET', '/crm/objects/2026-03/contacts')).status).toBe(
      200,
    )
  })

  test('uninstalling ends both, and a new consent begins anew', async () => {
    const { access_token: access, refresh_token: token } = await connect(simulator)
    const api = apiOf(simulator, access)
    expect((await api('DELETE', '/appinstalls/2026-09/external-install')).status).toBe(204)
    expect(await (await refresh(token)).json()).toMatchObject({ error: 'invalid_grant' })
    expect(await api('GET', '/crm/objects/2026-09/contacts')).toMatchObject({
      status: 401,
      body: { category: 'INVALID_AUTHENTICATION' },
    })
    const again = await connect(simulator)
    expect((await refresh(again.refresh_token)).status).toBe(200)
  })

  test('scopes that the account cannot grant are missing from the token and its calls', async () => {
    await simulator.control.set({
      ungrantedScopes: ['crm.objects.deals.read', 'crm.objects.owners.read'],
    })
    const tokens = await connect(simulator)
    expect(tokens.scopes).not.toContain('crm.objects.deals.read')
    const answer = await apiOf(simulator, tokens.access_token)('GET', '/crm/objects/2026-09/deals')
    expect(answer).toMatchObject({
      status: 403,
      body: {
        category: 'MISSING_SCOPES',
        errors: [{ context: { requiredGranularScopes: ['crm.objects.deals.read'] } }],
      },
    })
  })
})
