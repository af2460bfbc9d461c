import { z } from 'zod'
import { HubspotError, kindOfTokenError } from './errors'
import type { HubspotHttp } from './http'

/**
 * Connect, headers and body of a call to the token endpoint. Less than the refresh lease
 * (`connection/refresh-lease.ts`).
 */
export const tokenTimeoutMs = 10_000
const accountTimeoutMs = 5000
const maxAnswerBytes = 64 * 1024

const printable = /^[\x21-\x7E]+$/
const Token = z.string().min(1).max(8192).regex(printable)
/** HubSpot's accounts are integers; strings here, as everywhere in this app */
const HubId = z.int().positive().transform(String)
const Scopes = z.array(z.string().min(1).max(200)).max(500)

/**
 * `refresh_token`, `hub_id` and `scopes` may be missing; when present they must be valid.
 * @see docs/hubspot-platform.md#token-endpoint
 */
const TokenAnswer = z.object({
  token_type: z.string().regex(/^bearer$/i),
  access_token: Token,
  refresh_token: z.union([z.literal('').transform(() => null), Token]).nullish(),
  expires_in: z.int().min(1).max(86_400),
  hub_id: HubId.nullish(),
  scopes: Scopes.nullish(),
})

/** A domain that is none is left out: it is for people, and nothing depends on it. */
const Introspection = z.object({
  active: z.boolean(),
  hub_id: HubId.nullish(),
  scopes: Scopes.nullish(),
  hub_domain: z
    .string()
    .max(255)
    .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/i)
    .nullish()
    .catch(null),
})

/** What HubSpot says of a token; an unknown or revoked one is `active: false` */
interface TokenFacts {
  active: boolean
  portalId: string | null
  scopes: string[] | null
  /** The customer's own web domain (docs/hubspot-platform.md#introspection) */
  domain: string | null
}

const AccountDetails = z.object({
  portalId: HubId,
  accountType: z.string().max(100).nullish(),
  timeZone: z.string().max(100).nullish(),
  companyCurrency: z.string().max(10).nullish(),
  uiDomain: z
    .string()
    .max(255)
    .regex(/^[a-z0-9.-]+(:\d+)?$/i),
  dataHostingLocation: z.string().max(20).nullish(),
})

/** What HubSpot's token endpoint gave. */
export interface TokenGrant {
  accessToken: string
  /** `null` when the answer had none: the one that is stored stays */
  refreshToken: string | null
  /** Seconds, counted from `sentAt` */
  expiresIn: number
  /** The instant before the request left */
  sentAt: Date
  /** HubSpot account id, `null` when the answer had none */
  portalId: string | null
  scopes: string[] | null
}

export interface HubspotAccountFacts {
  portalId: string
  uiDomain: string
  hublet: string | null
  type: string | null
  currency: string | null
  timeZone: string | null
}

export interface OauthClientDeps {
  http: HubspotHttp
  clock: () => Date
  clientId: string
  clientSecret: string
  /** Byte for byte the one of the authorize step */
  redirectUri: string
  /** Dated release such as `2026-09`, part of every path */
  apiVersion: string
}

/**
 * HubSpot's OAuth 2.0 endpoints, dated paths only. Secrets travel in bodies and headers, never in a
 * URL.
 */
export function createOauthClient({
  http,
  clock,
  clientId,
  clientSecret,
  redirectUri,
  apiVersion,
}: OauthClientDeps) {
  const client = { client_id: clientId, client_secret: clientSecret }

  /**
   * Gives a refused token request its kind (`revoked`, `config`, …) and leaves HubSpot's prose
   * behind.
   */
  function told(error: unknown): unknown {
    if (!(error instanceof HubspotError)) return error
    const { status, category, correlationId, retryAfterMs, policyName, details } = error
    return new HubspotError({
      kind: kindOfTokenError(error),
      status,
      category: category ?? details?.status ?? null,
      correlationId,
      retryAfterMs,
      policyName,
    })
  }

  async function token(form: Record<string, string>): Promise<TokenGrant> {
    const sentAt = clock()
    try {
      const { data } = await http.request({
        method: 'POST',
        path: `/oauth/${apiVersion}/token`,
        form: { ...form, ...client },
        api: 'oauth.token',
        timeoutMs: tokenTimeoutMs,
        maxBytes: maxAnswerBytes,
        schema: TokenAnswer,
        okStatuses: [200],
      })
      return {
        accessToken: data.access_token,
        refreshToken: data.refresh_token ?? null,
        expiresIn: data.expires_in,
        sentAt,
        portalId: data.hub_id ?? null,
        scopes: data.scopes ?? null,
      }
    } catch (error) {
      throw told(error)
    }
  }

  return {
    /**
     * @throws {HubspotError} `revoked` (code unknown, used or expired), `config`, `transient`,
     *   `rate_limited`
     */
    exchangeCode: (code: string) =>
      token({ grant_type: 'authorization_code', redirect_uri: redirectUri, code }),

    /**
     * @throws {HubspotError} `revoked` (grant gone), `config` (our credentials), `transient`,
     *   `rate_limited`
     */
    refresh: (refreshToken: string) =>
      token({ grant_type: 'refresh_token', refresh_token: refreshToken }),

    /** @returns what HubSpot knows of a token */
    async introspect(value: string, hint: 'access_token' | 'refresh_token'): Promise<TokenFacts> {
      try {
        const { data } = await http.request({
          method: 'POST',
          path: `/oauth/${apiVersion}/token/introspect`,
          form: { ...client, token: value, token_type_hint: hint },
          api: 'oauth.introspect',
          timeoutMs: tokenTimeoutMs,
          maxBytes: maxAnswerBytes,
          schema: Introspection,
          okStatuses: [200],
        })
        return {
          active: data.active,
          portalId: data.hub_id ?? null,
          scopes: data.scopes ?? null,
          domain: data.hub_domain ?? null,
        }
      } catch (error) {
        throw told(error)
      }
    },

    /**
     * Revokes a refresh token. Access tokens stay valid until they expire.
     * @see docs/hubspot-platform.md#uninstall-and-revoke
     */
    async revoke(refreshToken: string): Promise<void> {
      try {
        await http.request({
          method: 'POST',
          path: `/oauth/${apiVersion}/token/revoke`,
          form: { ...client, token: refreshToken, token_type_hint: 'refresh_token' },
          api: 'oauth.revoke',
          timeoutMs: tokenTimeoutMs,
          maxBytes: maxAnswerBytes,
        })
      } catch (error) {
        throw told(error)
      }
    },

    /**
     * Uninstalls the app from the account that the token belongs to.
     * @throws {HubspotError} `unauthorized`, `not_found` (not installed), …
     */
    async uninstall(accessToken: string): Promise<void> {
      await http.request({
        method: 'DELETE',
        path: `/appinstalls/${apiVersion}/external-install`,
        bearer: accessToken,
        api: 'app.uninstall',
        timeoutMs: tokenTimeoutMs,
        maxBytes: maxAnswerBytes,
      })
    },

    /** @returns the account that the token belongs to (scope `oauth`) */
    async accountDetails(accessToken: string): Promise<HubspotAccountFacts> {
      const { data } = await http.request({
        method: 'GET',
        path: `/account-info/${apiVersion}/details`,
        bearer: accessToken,
        api: 'account.details',
        timeoutMs: accountTimeoutMs,
        maxBytes: maxAnswerBytes,
        schema: AccountDetails,
      })
      return {
        portalId: data.portalId,
        uiDomain: data.uiDomain,
        hublet: data.dataHostingLocation ?? null,
        type: data.accountType ?? null,
        currency: data.companyCurrency ?? null,
        timeZone: data.timeZone ?? null,
      }
    },
  }
}
export type OauthClient = ReturnType<typeof createOauthClient>
