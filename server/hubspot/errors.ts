/**
 * What goes wrong in a call to HubSpot, by what has to be done about it.
 *
 * | kind | means | what to do |
 * | --- | --- | --- |
 * | `transient` | network, time-out, 5xx, 423, 477, an answer that cannot be read | try again later |
 * | `rate_limited` | 429 | pause this portal |
 * | `unauthorized` | 401 on a data call | refresh the token once |
 * | `forbidden` | 403: a scope or a permission is missing; the grant lives | stop making this call |
 * | `not_found`, `conflict` | 404, 409 | belongs to the record |
 * | `rejected` | another 4xx: the request itself is not acceptable | belongs to the record, or is our mistake |
 * | `config` | token endpoint: our client id, secret or redirect URI is wrong | tell the operator; no connection is touched |
 * | `revoked` | token endpoint: the grant is gone | ask the partner to connect again |
 *
 * @see docs/hubspot-platform.md#errors and docs/hubspot-platform.md#token-errors
 */
export type HubspotErrorKind =
  | 'transient'
  | 'rate_limited'
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'rejected'
  | 'config'
  | 'revoked'

/** One entry of `errors[]` in HubSpot's error body; every field may be missing. */
export interface HubspotErrorDetail {
  message?: string
  code?: string
  in?: string
  subCategory?: string
  context?: Record<string, string[]>
}

/** The fields of HubSpot's error body that a record's failure can be explained with. */
export interface HubspotErrorDetails extends HubspotErrorDetail {
  errors?: HubspotErrorDetail[]
  /** Token endpoint, RFC 6749: `invalid_grant`, `invalid_client`, … */
  error?: string
  /** Token endpoint: `BAD_REFRESH_TOKEN`, …; elsewhere the word `error` */
  status?: string
}

export interface HubspotErrorFacts {
  kind: HubspotErrorKind
  /** HTTP status, `null` when there was no answer */
  status?: number | null
  category?: string | null
  correlationId?: string | null
  /** Milliseconds that HubSpot asked to wait */
  retryAfterMs?: number | null
  /** `TEN_SECONDLY_ROLLING`, `SECONDLY`, `DAILY`, … */
  policyName?: string | null
  details?: HubspotErrorDetails | null
  cause?: unknown
}

/** Its message names kind and status only: no token, no URL, nothing of a body. */
export class HubspotError extends Error {
  readonly kind: HubspotErrorKind
  readonly status: number | null
  readonly category: string | null
  readonly correlationId: string | null
  readonly retryAfterMs: number | null
  readonly policyName: string | null
  readonly details: HubspotErrorDetails | null

  constructor(facts: HubspotErrorFacts) {
    super(
      'HubSpot: ' +
        `${facts.kind}${facts.status ? ` (${facts.status})` : ''}${facts.category ? ` ${facts.category}` : ''}`,
      facts.cause === undefined ? undefined : { cause: facts.cause },
    )
    this.name = 'HubspotError'
    this.kind = facts.kind
    this.status = facts.status ?? null
    this.category = facts.category ?? null
    this.correlationId = facts.correlationId ?? null
    this.retryAfterMs = facts.retryAfterMs ?? null
    this.policyName = facts.policyName ?? null
    this.details = facts.details ?? null
  }
}

/** HubSpot says up to 24 h for a migration (477); nothing makes us wait longer. */
const maxRetryAfterMs = 24 * 60 * 60 * 1000

/**
 * @param value the header `Retry-After`: seconds, or an HTTP date
 * @returns milliseconds, or `null` when absent or unreadable
 */
export function retryAfterMs(value: string | null, now: Date): number | null {
  if (value === null) return null
  const text = value.trim()
  if (/^\d{1,9}(\.\d+)?$/.test(text))
    return Math.min(Math.ceil(Number(text) * 1000), maxRetryAfterMs)
  const at = /^[A-Za-z]{3}, /.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? null : Math.min(Math.max(0, at - now.getTime()), maxRetryAfterMs)
}

/**
 * 408 and 425 are HTTP's own "later"; 423 Locked and 477 Migration in Progress are HubSpot's.
 * @see docs/hubspot-platform.md#errors
 */
const laterStatuses = new Set([408, 423, 425, 477])

/** @returns the kind of an answer that is no success, by its status alone */
export function kindOfStatus(status: number): HubspotErrorKind {
  if (status === 429) return 'rate_limited'
  if (status < 400 || status >= 500 || laterStatuses.has(status)) return 'transient'
  if (status === 401) return 'unauthorized'
  if (status === 403) return 'forbidden'
  if (status === 404) return 'not_found'
  if (status === 409) return 'conflict'
  return 'rejected'
}

const configErrors = new Set([
  'invalid_client',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_request',
])
const configStatuses = /^BAD_(CLIENT_|REDIRECT_URI|GRANT_TYPE)/
const revokedStatuses = new Set(['BAD_REFRESH_TOKEN', 'BAD_HUB'])

/**
 * The kind of a refused token request. `revoked` only when HubSpot says so in its own words. Any
 * other refusal counts as our configuration, so that a rotated client secret or a changed error
 * format never ends a partner's connection.
 * @see docs/hubspot-platform.md#token-errors
 */
export function kindOfTokenError(error: HubspotError): HubspotErrorKind {
  const { kind, status, details } = error
  if (kind === 'transient' || kind === 'rate_limited' || status === null) return kind
  const word = details?.error ?? ''
  const code = details?.status ?? ''
  if (configErrors.has(word) || configStatuses.test(code)) return 'config'
  if (word === 'invalid_grant' || word === 'access_denied' || revokedStatuses.has(code))
    return 'revoked'
  return 'config'
}
