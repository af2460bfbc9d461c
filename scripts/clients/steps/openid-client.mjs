import * as oidc from 'openid-client'
import { app, consent, expect, refused, scopes, simulator, step } from './kit.mjs'

const server = {
  issuer: 'https://app.hubspot.com',
  authorization_endpoint: `${simulator}/oauth/authorize`,
  token_endpoint: `${simulator}/oauth/2026-03/token`,
  introspection_endpoint: `${simulator}/oauth/2026-03/token/introspect`,
  revocation_endpoint: `${simulator}/oauth/2026-03/token/revoke`,
}
const configured = authentication => {
  const config = new oidc.Configuration(server, app.clientId, {}, authentication)
  oidc.allowInsecureRequests(config)
  return config
}
const config = configured(oidc.ClientSecretPost(app.clientSecret))
let tokens
const begin = () => {
  const state = oidc.randomState()
  const parameters = { redirect_uri: app.redirectUri, scope: scopes.join(' '), state }
  return { state, url: oidc.buildAuthorizationUrl(config, parameters) }
}
await step('authorize with state, code exchange', async () => {
  const { state, url } = begin()
  tokens = await oidc.authorizationCodeGrant(config, await consent(url), { expectedState: state })
  expect(tokens.access_token && tokens.expires_in === 1800, JSON.stringify(tokens))
})
await step('the scopes of the answer are `scopes`, not `scope`', async () => {
  expect(Array.isArray(tokens.scopes) && tokens.scope === undefined, JSON.stringify(tokens))
})
await step('refresh', async () => {
  const next = await oidc.refreshTokenGrant(config, tokens.refresh_token)
  expect(next.access_token !== tokens.access_token, 'the same token')
})
await step('introspection', async () => {
  const answer = await oidc.tokenIntrospection(config, tokens.access_token)
  expect(answer.active === true && answer.hub_id > 0, JSON.stringify(answer))
})
await step('revocation ends the refresh token', async () => {
  await oidc.tokenRevocation(config, tokens.refresh_token)
  const error = await refused(oidc.refreshTokenGrant(config, tokens.refresh_token))
  expect(error.error === 'invalid_grant', String(error.error))
})
await step(
  'secret in the Authorization header',
  async () => {
    const { state, url } = begin()
    const basic = configured(oidc.ClientSecretBasic(app.clientSecret))
    await oidc.authorizationCodeGrant(basic, await consent(url), { expectedState: state })
  },
  {
    fault: 'client',
    why: 'HubSpot takes id and secret in the body only; ClientSecretPost has to be chosen',
  },
)
