import { betterAuth } from 'better-auth'
import { memoryAdapter } from 'better-auth/adapters/memory'
import { genericOAuth, hubspot } from 'better-auth/plugins/generic-oauth'
import { app, consent, expect, rewriteAddresses, scopes, step } from './kit.mjs'

rewriteAddresses()
const tables = { user: [], session: [], account: [], verification: [] }
const { origin } = new URL(app.redirectUri)
const auth = betterAuth({
  baseURL: origin,
  secret: 'a-secret-of-this-test-alone-32-bytes',
  database: memoryAdapter(tables),
  logger: { disabled: true },
  plugins: [
    genericOAuth({
      config: [
        hubspot({
          clientId: app.clientId,
          clientSecret: app.clientSecret,
          redirectURI: app.redirectUri,
          scopes,
        }),
      ],
    }),
  ],
})
let location
let cookies
await step('builds the authorize URL', async () => {
  const post = (path, body) =>
    auth.handler(
      new Request(`${origin}/api/auth${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin },
        body: JSON.stringify(body),
      }),
    )
  let response = await post('/sign-in/oauth2', { providerId: 'hubspot', callbackURL: '/done' })
  if (response.status === 404)
    response = await post('/sign-in/social', { provider: 'hubspot', callbackURL: '/done' })
  const { url, message } = await response.json()
  expect(url, `${response.status} ${message}`)
  cookies = response.headers
    .getSetCookie()
    .map(line => line.split(';')[0])
    .join('; ')
  location = await consent(url)
  expect(location.searchParams.get('code') && location.searchParams.get('state'), location.href)
})
await step('exchanges the code, reads the person, signs in', async () => {
  const callback = new URL(`/api/auth/oauth2/callback/hubspot${location.search}`, origin)
  let response = await auth.handler(new Request(callback, { headers: { cookie: cookies } }))
  if (response.status === 404) {
    callback.pathname = '/api/auth/callback/hubspot'
    response = await auth.handler(new Request(callback, { headers: { cookie: cookies } }))
  }
  const to = response.headers.get('location') ?? ''
  expect(response.status === 302 && !to.includes('error'), `${response.status} ${to}`)
  expect(tables.user.length === 1 && tables.account[0].accessToken, JSON.stringify(tables))
})
