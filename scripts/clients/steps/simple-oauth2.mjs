import { createRequire } from 'node:module'
import { app, consent, expect, refused, scopes, simulator, step } from './kit.mjs'

const { AuthorizationCode } = createRequire(import.meta.url)('simple-oauth2')
const configured = options =>
  new AuthorizationCode({
    client: { id: app.clientId, secret: app.clientSecret },
    auth: {
      tokenHost: simulator,
      tokenPath: '/oauth/2026-03/token',
      revokePath: '/oauth/2026-03/token/revoke',
      authorizePath: '/oauth/authorize',
    },
    options,
  })
const client = configured({ authorizationMethod: 'body' })
const codeOf = async of => {
  const url = of.authorizeURL({
    redirect_uri: app.redirectUri,
    scope: scopes.join(' '),
    state: 's',
  })
  return (await consent(url)).searchParams.get('code')
}
let token
await step('authorize URL, code exchange', async () => {
  token = await client.getToken({ code: await codeOf(client), redirect_uri: app.redirectUri })
  expect(token.token.access_token && token.expired() === false, JSON.stringify(token))
})
await step('refresh', async () => {
  const next = await token.refresh()
  expect(next.token.access_token !== token.token.access_token, 'the same token')
})
await step('a code used twice', async () => {
  const code = await codeOf(client)
  await client.getToken({ code, redirect_uri: app.redirectUri })
  const error = await refused(client.getToken({ code, redirect_uri: app.redirectUri }))
  expect(
    error.data?.payload?.status === 'BAD_AUTH_CODE',
    `${error.message} ${Object.keys(error.data?.payload ?? {})}`,
  )
})
await step('revoke the refresh token', () => token.revoke('refresh_token'), {
  fault: 'client',
  why: 'it wants JSON of the revocation endpoint, for which HubSpot publishes no body; the token is revoked all the same',
})
await step('a revoked refresh token is refused', () => refused(token.refresh()))
await step(
  'with its own defaults',
  async () => {
    const plain = configured({})
    await plain.getToken({ code: await codeOf(plain), redirect_uri: app.redirectUri })
  },
  {
    fault: 'client',
    why: "the default puts the secret into a header, which HubSpot does not read: `authorizationMethod: 'body'`",
  },
)
