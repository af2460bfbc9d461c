import { createHash, randomUUID } from 'node:crypto'
import type { World } from '../world'
import type { PendingCall } from '../calls'
import { json, RefusedRequest, type Reply, type SimulatorRequest } from '../http'
import type { Installation, IssuedTokens } from './grants'

/** HubSpot's `status`, the RFC 6749 code that goes with it, and the words. */
const errors = {
  BAD_GRANT_TYPE: ['unsupported_grant_type', 'grant type is missing or unsupported'],
  BAD_CLIENT_ID: ['invalid_client', 'missing or unknown client id'],
  BAD_CLIENT_SECRET: ['invalid_client', 'missing or invalid client secret'],
  BAD_REDIRECT_URI: ['invalid_request', 'missing or unregistered redirect uri'],
  MISMATCH_REDIRECT_URI_AUTH_CODE: [
    'invalid_grant',
    'redirect uri does not match the one the auth code was issued for',
  ],
  BAD_AUTH_CODE: ['invalid_grant', 'missing or unknown auth code'],
  EXPIRED_AUTH_CODE: ['invalid_grant', 'auth code is expired'],
  BAD_CODE_VERIFIER: ['invalid_grant', 'code verifier does not match the code challenge'],
  BAD_REFRESH_TOKEN: ['invalid_grant', 'refresh token is invalid, expired or revoked'],
  BAD_HUB: ['access_denied', 'missing or unknown hub id'],
  BAD_REQUEST: ['invalid_request', 'a parameter is missing, unknown or given twice'],
} as const

type TokenErrorStatus = keyof typeof errors

function refuse(world: World, status: TokenErrorStatus): RefusedRequest {
  const [error, message] = errors[status]
  const standard =
    world.settings.tokenErrorShape === 'standard' ? { error, error_description: message } : {}
  return new RefusedRequest(
    json(400, { ...standard, status, message, correlationId: randomUUID() }),
  )
}

/** Parameters that HubSpot publishes (docs/hubspot-platform.md#token-endpoint) */
const fields = {
  token: [
    'grant_type',
    'client_id',
    'client_secret',
    'client_assertion',
    'client_assertion_type',
    'code',
    'code_verifier',
    'redirect_uri',
    'refresh_token',
    'scope',
  ],
  lookup: ['client_id', 'client_secret', 'token', 'token_type_hint'],
}

/**
 * A form that names published parameters alone, each once: what else an app sends, it sends by
 * mistake.
 */
function readForm(
  world: World,
  request: SimulatorRequest,
  known: readonly string[],
): URLSearchParams {
  const type = String(request.headers['content-type'] ?? '')
  if (!/^application\/x-www-form-urlencoded\b/i.test(type)) {
    throw new RefusedRequest(
      json(415, {
        status: 'error',
        message: 'HTTP 415 Unsupported Media Type',
        correlationId: randomUUID(),
      }),
    )
  }
  const form = new URLSearchParams(request.body)
  const names = [...form.keys()]
  if (new Set(names).size < names.length || names.some(name => !known.includes(name)))
    throw refuse(world, 'BAD_REQUEST')
  return form
}

function checkClient(world: World, form: URLSearchParams): void {
  if (form.get('client_id') !== world.app.clientId) throw refuse(world, 'BAD_CLIENT_ID')
  if (form.get('client_secret') !== world.app.clientSecret || world.settings.rejectClient)
    throw refuse(world, 'BAD_CLIENT_SECRET')
}

/** `POST /oauth/{version}/token`; the same in every version, as observed live. */
export function token(world: World, request: SimulatorRequest, call: PendingCall): Reply {
  call.kind = 'token'
  const form = readForm(world, request, fields.token)
  const grantType = form.get('grant_type') ?? ''
  call.grantType = grantType || 'none'
  checkClient(world, form)
  if (grantType === 'authorization_code') return redeem(world, form, call)
  if (grantType === 'refresh_token') return refresh(world, form, call)
  if (grantType === 'client_credentials') return appToken(world, form)
  throw refuse(world, 'BAD_GRANT_TYPE')
}

/** A token of the app itself, for the webhooks journal; without a refresh token. */
function appToken({ grants }: World, form: URLSearchParams): Reply {
  const scopes = (form.get('scope') ?? '').split(' ').filter(scope => scope !== '')
  const { accessToken, expiresInSeconds } = grants.issueAppToken(scopes)
  return json(200, {
    token_type: 'bearer',
    access_token: accessToken,
    expires_in: expiresInSeconds,
    scopes,
  })
}

function redeem(world: World, form: URLSearchParams, call: PendingCall): Reply {
  const value = form.get('code') ?? ''
  const code = world.grants.code(value)
  if (!code) throw refuse(world, 'BAD_AUTH_CODE')
  call.portalId = code.portalId
  if (code.expiresAt <= world.clock.now()) throw refuse(world, 'EXPIRED_AUTH_CODE')
  const redirectUri = form.get('redirect_uri') ?? ''
  if (!world.app.redirectUrls.includes(redirectUri)) throw refuse(world, 'BAD_REDIRECT_URI')
  if (redirectUri !== code.redirectUri) throw refuse(world, 'MISMATCH_REDIRECT_URI_AUTH_CODE')
  if (code.codeChallenge !== null) {
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url')
    if (challenge !== code.codeChallenge) throw refuse(world, 'BAD_CODE_VERIFIER')
  }
  return tokens(world.grants.redeem(value, hubletOf(world, code.portalId)))
}

function refresh(world: World, form: URLSearchParams, call: PendingCall): Reply {
  const value = form.get('refresh_token') ?? ''
  const installation = world.grants.byRefreshToken(value)
  if (!installation) throw refuse(world, 'BAD_REFRESH_TOKEN')
  call.portalId = installation.portalId
  if (!world.portals.has(installation.portalId)) throw refuse(world, 'BAD_HUB')
  if (world.settings.falseInvalidGrants > 0) {
    world.settings.falseInvalidGrants -= 1
    throw refuse(world, 'BAD_REFRESH_TOKEN')
  }
  return tokens(world.grants.refresh(value, installation, hubletOf(world, installation.portalId)))
}

function hubletOf(world: World, portalId: number): string {
  return world.portals.get(portalId)?.description.hublet ?? 'na1'
}

function tokens({
  accessToken,
  refreshToken,
  expiresInSeconds,
  installation,
  scopes,
}: IssuedTokens): Reply {
  return json(200, {
    token_type: 'bearer',
    ...(refreshToken === null ? {} : { refresh_token: refreshToken }),
    access_token: accessToken,
    hub_id: installation.portalId,
    user_id: installation.userId,
    scopes,
    expires_in: expiresInSeconds,
    token_use: 'access_token',
  })
}

/** What introspection and v1's metadata routes say about an installation. */
function metadata(world: World, installation: Installation): Record<string, unknown> {
  return {
    hub_id: installation.portalId,
    user_id: installation.userId,
    client_id: world.app.clientId,
    app_id: world.app.appId,
    user: installation.user,
    hub_domain: world.portals.get(installation.portalId)?.description.domain ?? '',
  }
}

function signedAccessToken(world: World, { portalId, userId }: Installation, expiresAt: number) {
  return {
    expiresAt,
    scopes: '',
    hubId: portalId,
    userId,
    appId: world.app.appId,
    signature: '',
    scopeToScopeGroupPks: '',
    newSignature: '',
    hublet: hubletOf(world, portalId),
    trialScopes: '',
    trialScopeToScopeGroupPks: '',
    isUserLevel: false,
    isPrivateDistribution: false,
  }
}

/**
 * `POST /oauth/{version}/token/introspect`: an unknown, expired or revoked token is an answer, not
 * an error.
 */
export function introspect(world: World, request: SimulatorRequest, call: PendingCall): Reply {
  call.kind = 'introspect'
  const form = readForm(world, request, fields.lookup)
  checkClient(world, form)
  const value = form.get('token')
  if (!value) throw refuse(world, 'BAD_REQUEST')
  const access = world.grants.accessToken(value)
  if (access) {
    const { installation, scopes, expiresAt } = access
    call.portalId = installation.portalId
    if (expiresAt <= world.clock.now()) return json(200, { active: false })
    return json(200, {
      active: true,
      token: value,
      ...metadata(world, installation),
      scopes,
      signed_access_token: signedAccessToken(world, installation, expiresAt),
      expires_in: Math.floor((expiresAt - world.clock.now()) / 1_000),
      is_private_distribution: false,
      token_use: 'access_token',
      token_type: 'Bearer',
    })
  }
  const installation = world.grants.byRefreshToken(value)
  if (!installation) return json(200, { active: false })
  call.portalId = installation.portalId
  return json(200, {
    active: true,
    token: value,
    ...metadata(world, installation),
    scopes: installation.scopes,
    token_use: 'refresh_token',
    token_type: 'Bearer',
  })
}

/**
 * `POST /oauth/{version}/token/revoke`: ends the refresh token; access tokens already given out go
 * on until they expire.
 */
export function revoke(world: World, request: SimulatorRequest, call: PendingCall): Reply {
  call.kind = 'revoke'
  const form = readForm(world, request, fields.lookup)
  checkClient(world, form)
  const value = form.get('token')
  if (!value) throw refuse(world, 'BAD_REQUEST')
  call.portalId = world.grants.byRefreshToken(value)?.portalId ?? null
  world.grants.revoke(value)
  return { status: 200 }
}

/** `GET /oauth/v1/access-tokens/{token}` */
export function legacyAccessToken(world: World, value: string): Reply {
  const access = world.grants.accessToken(value)
  if (!access || access.expiresAt <= world.clock.now()) {
    throw new RefusedRequest(
      json(404, {
        status: 'error',
        message: 'access token does not exist',
        category: 'OBJECT_NOT_FOUND',
        correlationId: randomUUID(),
      }),
    )
  }
  return json(200, {
    ...metadata(world, access.installation),
    token: value,
    scopes: access.scopes,
    signed_access_token: signedAccessToken(world, access.installation, access.expiresAt),
    token_type: 'access',
    expires_in: Math.floor((access.expiresAt - world.clock.now()) / 1_000),
    is_private_distribution: false,
  })
}

/** `GET` and `DELETE /oauth/v1/refresh-tokens/{token}` */
export function legacyRefreshToken(world: World, method: string, value: string): Reply {
  const installation = world.grants.byRefreshToken(value)
  if (!installation)
    throw new RefusedRequest(
      json(404, {
        status: 'error',
        message: 'refresh token does not exist',
        category: 'OBJECT_NOT_FOUND',
        correlationId: randomUUID(),
      }),
    )
  if (method === 'DELETE') {
    world.grants.revoke(value)
    return { status: 204 }
  }
  return json(200, {
    ...metadata(world, installation),
    token: value,
    scopes: installation.scopes,
    token_type: 'refresh',
  })
}
