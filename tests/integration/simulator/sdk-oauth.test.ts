import { Client } from '@hubspot/api-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startSimulator } from '../../support/simulator'
import type { Simulator } from '../../../simulator/index'
import { connect, decide, type Tokens } from './connect'
import { present } from '../../support/present'

/**
 * HubSpot's own client, unmodified, sees no difference: that is what makes the simulator worth
 * testing against.
 */
let simulator: Simulator
let tokens: Tokens
let client: Client

const limiterOptions = { minTime: 0, maxConcurrent: 10 }

beforeAll(async () => {
  simulator = await startSimulator({ contacts: 230, deals: 60 })
  tokens = await connect(simulator)
  client = new Client({ accessToken: tokens.access_token, basePath: simulator.url, limiterOptions })
})
afterAll(() => simulator.stop())

/** What the client throws: HubSpot's status, body and headers. */
async function refusal(
  call: Promise<unknown>,
): Promise<{ code: number; body: { category?: string; message: string; correlationId: string } }> {
  try {
    await call
  } catch (error) {
    return error as {
      code: number
      body: { category: string; message: string; correlationId: string }
    }
  }
  throw new Error('the call was not refused')
}

describe('oauth', () => {
  const credentials = () =>
    [simulator.env.NUXT_PUBLIC_HUBSPOT_CLIENT_ID, simulator.env.NUXT_HUBSPOT_CLIENT_SECRET] as [
      string,
      string,
    ]

  test('exchanges a code, refreshes, and describes both tokens', async () => {
    const code = present((await decide(simulator, 'grant')).searchParams.get('code'))
    const redirectUri = simulator.env.NUXT_PUBLIC_HUBSPOT_REDIRECT_URI
    const first = await client.oauth.tokensApi.create(
      'authorization_code',
      code,
      redirectUri,
      ...credentials(),
    )
    expect(first.expiresIn).toBe(1800)
    expect(first.tokenType).toBe('bearer')
    const second = await client.oauth.tokensApi.create(
      'refresh_token',
      undefined,
      undefined,
      ...credentials(),
      first.refreshToken,
    )
    expect(second.refreshToken).toBe(first.refreshToken)
    expect(second.accessToken).not.toBe(first.accessToken)
    const access = await client.oauth.accessTokensApi.get(second.accessToken)
    expect(access.hubId).toBe(tokens.hub_id)
    expect(access.scopes).toContain('crm.objects.owners.read')
    const refresh = await client.oauth.refreshTokensApi.get(first.refreshToken)
    expect(refresh.hubId).toBe(tokens.hub_id)
    await client.oauth.refreshTokensApi.archive(first.refreshToken)
    expect(
      await refusal(
        client.oauth.tokensApi.create(
          'refresh_token',
          undefined,
          undefined,
          ...credentials(),
          first.refreshToken,
        ),
      ),
    ).toMatchObject({ code: 400 })
  })

  test('refuses a code twice', async () => {
    const code = present((await decide(simulator, 'grant')).searchParams.get('code'))
    const exchange = () =>
      client.oauth.tokensApi.create(
        'authorization_code',
        code,
        simulator.env.NUXT_PUBLIC_HUBSPOT_REDIRECT_URI,
        ...credentials(),
      )
    await exchange()
    expect(await refusal(exchange())).toMatchObject({
      code: 400,
      body: { status: 'BAD_AUTH_CODE' },
    })
  })
})

test('a token that expired is told apart from one that never was', async () => {
  await simulator.control.expireAccessTokens()
  expect(await refusal(client.crm.contacts.basicApi.getPage(1))).toMatchObject({
    code: 401,
    body: { category: 'EXPIRED_AUTHENTICATION' },
  })
  const stranger = new Client({ accessToken: 'never-was', basePath: simulator.url, limiterOptions })
  expect(await refusal(stranger.crm.contacts.basicApi.getPage(1))).toMatchObject({
    code: 401,
    body: { category: 'INVALID_AUTHENTICATION' },
  })
})
