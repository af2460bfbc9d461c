import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { requiredScopes } from '#shared/hubspot/scopes'

export interface RecordedCall {
  method: string
  /** Path without the query */
  path: string
  /** As it came, with the query */
  url: string
  referer: string | undefined
  form: Record<string, string>
}

export type Answerer = (
  request: IncomingMessage,
  response: ServerResponse,
  call: RecordedCall,
) => void | Promise<void>

/** What HubSpot does with the refresh token when it is used. */
export type RefreshMode = 'same' | 'rotate' | 'omit'

export const version = '2026-09'
export const tokenPath = `/oauth/${version}/token`
export const revokePath = `/oauth/${version}/token/revoke`
export const introspectPath = `/oauth/${version}/token/introspect`
export const uninstallPath = `/appinstalls/${version}/external-install`
export const accountPath = `/account-info/${version}/details`

export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response
    .writeHead(status, { 'content-type': 'application/json;charset=utf-8', ...headers })
    .end(JSON.stringify(body))
}

export const invalidGrant: Answerer = (_request, response) =>
  json(response, 400, {
    error: 'invalid_grant',
    error_description: 'refresh token is invalid, expired or revoked',
    status: 'BAD_REFRESH_TOKEN',
    message: 'refresh token is invalid, expired or revoked',
  })
export const invalidClient: Answerer = (_request, response) =>
  json(response, 400, {
    error: 'invalid_client',
    status: 'BAD_CLIENT_SECRET',
    message: 'client secret is wrong',
  })

/**
 * HubSpot's OAuth endpoints on a loopback port, for what goes wrong on the wire: any path can be
 * made to answer anything. Keeps grants as HubSpot does (one refresh token per account), and
 * records each call. Every secret it makes contains CANARY.
 */
export async function startScriptedHubspot() {
  const calls: RecordedCall[] = []
  const codes = new Map<string, { portalId: number; scopes: string[] }>()
  const refreshTokens = new Map<string, { portalId: number; scopes: string[] }>()
  const accessTokens = new Map<string, number>()
  const answers = new Map<string, Answerer>()
  const sockets = new Set<Socket>()
  const state = { mode: 'same' as RefreshMode, expiresIn: 1800, tokenLength: 400 }
  const secret = (kind: string, length = 24) =>
    `na1-CANARY-${kind}-${randomBytes(length).toString('base64url')}`

  function grantFor(portalId: number, scopes: string[], refreshToken: string | null) {
    const access = secret('access', state.tokenLength)
    accessTokens.set(access, portalId)
    return {
      token_type: 'bearer',
      ...(refreshToken === null ? {} : { refresh_token: refreshToken }),
      access_token: access,
      hub_id: portalId,
      scopes,
      expires_in: state.expiresIn,
    }
  }

  const token: Answerer = (request, response, call) => {
    if (call.form.client_secret !== 'CANARY-client-secret')
      return invalidClient(request, response, call)
    if (call.form.grant_type === 'authorization_code') {
      const code = codes.get(call.form.code ?? '')
      codes.delete(call.form.code ?? '')
      if (!code)
        return json(response, 400, {
          error: 'invalid_grant',
          status: 'BAD_AUTH_CODE',
          message: 'missing or unknown auth code',
        })
      const known =
        [...refreshTokens].find(([, grant]) => grant.portalId === code.portalId)?.[0] ??
        secret('refresh')
      refreshTokens.set(known, code)
      return json(response, 200, grantFor(code.portalId, code.scopes, known))
    }
    const used = call.form.refresh_token ?? ''
    const grant = refreshTokens.get(used)
    if (!grant) return invalidGrant(request, response, call)
    let next: string | null = used
    if (state.mode === 'rotate') {
      next = secret('refresh')
      refreshTokens.delete(used)
      refreshTokens.set(next, grant)
    }
    json(response, 200, grantFor(grant.portalId, grant.scopes, state.mode === 'omit' ? null : next))
  }

  const bearer = (request: IncomingMessage) =>
    accessTokens.get((request.headers.authorization ?? '').replace(/^Bearer /, ''))
  const unauthorized = (response: ServerResponse) =>
    json(response, 401, {
      status: 'error',
      category: 'EXPIRED_AUTHENTICATION',
      message: 'The OAuth token used to make this call expired',
    })
  const usual: Record<string, Answerer> = {
    [tokenPath]: token,
    [revokePath]: (_request, response, call) => {
      refreshTokens.delete(call.form.token ?? '')
      json(response, 200, {})
    },
    [introspectPath]: (_request, response, { form }) => {
      const used = form.token ?? ''
      const portalId = accessTokens.get(used) ?? refreshTokens.get(used)?.portalId
      json(
        response,
        200,
        portalId === undefined
          ? { active: false }
          : { active: true, hub_id: portalId, hub_domain: `${portalId}.example.com` },
      )
    },
    [uninstallPath]: (request, response) => {
      const portalId = bearer(request)
      if (portalId === undefined) return unauthorized(response)
      for (const [value, grant] of refreshTokens)
        if (grant.portalId === portalId) refreshTokens.delete(value)
      response.writeHead(204).end()
    },
    [accountPath]: (request, response) => {
      const portalId = bearer(request)
      if (portalId === undefined) return unauthorized(response)
      json(response, 200, {
        portalId,
        accountType: 'STANDARD',
        timeZone: 'US/Eastern',
        companyCurrency: 'USD',
        uiDomain: 'app.hubspot.com',
        dataHostingLocation: 'na1',
      })
    },
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const url = request.url ?? '/'
      const path = url.split('?')[0] ?? '/'
      const call: RecordedCall = {
        method: request.method ?? '',
        path,
        url,
        referer: request.headers.referer,
        form: Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString('utf8'))),
      }
      calls.push(call)
      const answer = answers.get(path) ?? usual[path]
      if (answer) void answer(request, response, call)
      else json(response, 404, { status: 'error', message: 'resource not found' })
    })
  })
  server.on('connection', socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    state,
    refreshTokens,
    accessTokens,
    count: (path: string, grantType?: string) =>
      calls.filter(
        call =>
          call.path === path && (grantType === undefined || call.form.grant_type === grantType),
      ).length,
    /** A code as HubSpot's consent page would send it */
    code(portalId: number, scopes: readonly string[] = requiredScopes): string {
      const value = secret('code')
      codes.set(value, { portalId, scopes: [...scopes] })
      return value
    },
    /** Makes a path answer something else; `null` ends it */
    answer(path: string, answerer: Answerer | null): void {
      if (answerer) answers.set(path, answerer)
      else answers.delete(path)
    },
    usual: (path: string): Answerer => usual[path] ?? (() => {}),
    async stop(): Promise<void> {
      for (const socket of sockets) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
export type ScriptedHubspot = Awaited<ReturnType<typeof startScriptedHubspot>>
