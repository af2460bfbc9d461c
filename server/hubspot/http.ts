import { z } from 'zod'
import type { Log } from '../observability/log'
import type { Metrics } from '../observability/metrics'
import { HubspotError, kindOfStatus, retryAfterMs, type HubspotErrorDetails } from './errors'

/** A data call: connect, headers and body together */
const defaultTimeoutMs = 30_000
/** A page of 100 records whose longest value has 65,536 characters stays under this */
const defaultMaxBytes = 16 * 1024 * 1024

export interface HubspotRequest<T> {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Begins with `/`; appended to the configured base URL and nothing else */
  path: string
  query?: Record<string, string | undefined>
  json?: unknown
  form?: Record<string, string>
  /** Access token, for the Authorization header only */
  bearer?: string
  /** Milliseconds for connect, headers and body together */
  timeoutMs?: number
  /** Bytes of the (decompressed) body */
  maxBytes?: number
  /** Closed name of the API for metrics and log, such as `oauth.token` */
  api: string
  signal?: AbortSignal
  schema?: z.ZodType<T>
  /** Statuses that count as success; any 2xx unless told */
  okStatuses?: number[]
}

export interface HubspotAnswer<T> {
  status: number
  /** `undefined` when the answer had no body and no schema asked for one */
  data: T
  headers: Headers
}

export interface HubspotHttpDeps {
  fetch: typeof globalThis.fetch
  /** Without a trailing slash */
  apiBaseUrl: string
  log: Log
  metrics: Metrics
  /** Told of each call which release of the API it went to */
  onCall?(release: string): void
}

/**
 * @returns the release in a path, such as `2026-09`, `v3` or, for OAuth's own, `oauth v1`; `null`
 *   when it names none
 */
export function releaseOf(path: string): string | null {
  const release = /\/(\d{4}-\d{2}|v\d)(?=\/|$|\?)/.exec(path)?.[1]
  if (release === undefined) return null
  return path.startsWith('/oauth/v') ? `oauth ${release}` : release
}

const text = (max: number) =>
  z
    .string()
    .transform(value => value.slice(0, max))
    .optional()
    .catch(undefined)
const Context = z.record(z.string(), z.array(z.string())).optional().catch(undefined)
const Detail = z.object({
  message: text(1000),
  code: text(100),
  in: text(100),
  subCategory: text(200),
  context: Context,
})
const ErrorBody = Detail.extend({
  errors: z
    .array(Detail)
    .transform(list => list.slice(0, 100))
    .optional()
    .catch(undefined),
  error: text(100),
  status: text(100),
  category: text(100),
  policyName: text(100),
  correlationId: z
    .string()
    .regex(/^[\w-]{1,80}$/)
    .optional()
    .catch(undefined),
})

/**
 * Reads the body as a stream and stops as soon as it is larger than allowed: a gzip bomb or an
 * endless answer costs `maxBytes` at most.
 */
async function readLimited(response: Response, maxBytes: number): Promise<Buffer> {
  if (!response.body) return Buffer.alloc(0)
  const reader = response.body.getReader()
  const chunks: Uint8Array[] = []
  let size = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return Buffer.concat(chunks)
    size += value.byteLength
    if (size > maxBytes) {
      await reader.cancel().catch(() => {})
      throw new HubspotError({
        kind: 'transient',
        status: response.status,
        category: 'ANSWER_TOO_LARGE',
      })
    }
    chunks.push(value)
  }
}

/** @returns the parsed body, `undefined` for an empty one, `null` for one that is not JSON */
function parseJson(response: Response, bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined
  if (!/^application\/([\w.+-]+\+)?json\b/i.test(response.headers.get('content-type') ?? ''))
    return null
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return null
  }
}

/**
 * The error of an answer that is no success. A page of a proxy does not count as HubSpot's answer,
 * whatever its status is.
 */
function errorOf(response: Response, body: unknown): HubspotError {
  const { status, headers } = response
  const header = headers.get('x-hubspot-correlation-id')
  const parsed = typeof body === 'object' && body !== null ? ErrorBody.safeParse(body) : undefined
  const facts = parsed?.success ? parsed.data : undefined
  const unreadable = body !== undefined && facts === undefined
  const { category, policyName, correlationId, ...details } = facts ?? {}
  return new HubspotError({
    kind: unreadable && status !== 429 ? 'transient' : kindOfStatus(status),
    status,
    category: unreadable ? 'NOT_JSON' : (category ?? null),
    correlationId:
      correlationId ?? (header !== null && /^[\w-]{1,80}$/.test(header) ? header : null),
    retryAfterMs: retryAfterMs(headers.get('retry-after'), new Date()),
    policyName: policyName ?? null,
    details: facts ? (details satisfies HubspotErrorDetails) : null,
  })
}

/**
 * Every request to HubSpot is made here. Follows no redirect (a client secret or a token must not
 * reach another host), limits time and size of every answer, and turns every failure into a
 * `HubspotError`. Makes one attempt: the caller knows whether a second one is safe.
 */
export function createHubspotHttp({ fetch, apiBaseUrl, log, metrics, onCall }: HubspotHttpDeps) {
  async function attempt<T>(
    request: HubspotRequest<T>,
    signal: AbortSignal,
  ): Promise<HubspotAnswer<T>> {
    const query = new URLSearchParams()
    for (const [name, value] of Object.entries(request.query ?? {}))
      if (value !== undefined) query.set(name, value)
    const search = query.toString()
    const headers: Record<string, string> = {
      Accept: 'application/json',
      'User-Agent': 'partner-connector',
    }
    if (request.bearer !== undefined) headers.Authorization = `Bearer ${request.bearer}`
    let body: string | undefined
    if (request.form) {
      headers['Content-Type'] = 'application/x-www-form-urlencoded'
      body = new URLSearchParams(request.form).toString()
    } else if (request.json !== undefined) {
      headers['Content-Type'] = 'application/json'
      body = JSON.stringify(request.json)
    }
    const response = await fetch(
      `${apiBaseUrl}${request.path}${search === '' ? '' : `?${search}`}`,
      { method: request.method, headers, body, redirect: 'error', signal },
    )
    const parsed = parseJson(
      response,
      await readLimited(response, request.maxBytes ?? defaultMaxBytes),
    )
    const ok = request.okStatuses
      ? request.okStatuses.includes(response.status)
      : response.status >= 200 && response.status < 300
    if (!ok) throw errorOf(response, parsed)
    if (parsed === null)
      throw new HubspotError({ kind: 'transient', status: response.status, category: 'NOT_JSON' })
    if (!request.schema)
      return { status: response.status, data: parsed as T, headers: response.headers }
    const checked = request.schema.safeParse(parsed)
    // An answer of another shape says nothing about the grant or the record.
    if (!checked.success)
      throw new HubspotError({
        kind: 'transient',
        status: response.status,
        category: 'UNEXPECTED_ANSWER',
      })
    return { status: response.status, data: checked.data, headers: response.headers }
  }

  return {
    /**
     * @returns status, parsed (and, with a schema, checked) body, headers
     * @throws {HubspotError} for every failure, also of the network; the caller's own abort reason
     *   when its signal fired
     */
    async request<T>(request: HubspotRequest<T>): Promise<HubspotAnswer<T>> {
      if (!request.path.startsWith('/')) throw new TypeError('A HubSpot path begins with a slash')
      const release = releaseOf(request.path)
      if (release !== null) onCall?.(release)
      const startedAt = performance.now()
      const timeout = new AbortController()
      const timer = setTimeout(() => timeout.abort(), request.timeoutMs ?? defaultTimeoutMs)
      const note = (status: string, error: HubspotError | null) => {
        metrics.hubspotRequests.inc({ api: request.api, status })
        log[error ? 'warn' : 'debug'](
          {
            event: 'hubspot_request',
            method: request.method,
            route: request.api,
            hubspotStatus: status,
            durationMs: Math.round(performance.now() - startedAt),
            hubspotCorrelationId: error?.correlationId,
            hubspotCategory: error?.category,
            policyName: error?.policyName,
            kind: error?.kind,
          },
          'HubSpot was called',
        )
      }
      try {
        const answer = await attempt(
          request,
          request.signal ? AbortSignal.any([timeout.signal, request.signal]) : timeout.signal,
        )
        note(String(answer.status), null)
        return answer
      } catch (error) {
        if (error instanceof HubspotError) {
          note(String(error.status ?? 'none'), error)
          throw error
        }
        if (request.signal?.aborted) throw request.signal.reason
        const timedOut = timeout.signal.aborted
        // fetch's own error may carry the URL and the request: only its kind is kept.
        const failure = new HubspotError({
          kind: 'transient',
          category: timedOut ? 'TIMEOUT' : 'NETWORK',
        })
        note(timedOut ? 'timeout' : 'network', failure)
        throw failure
      } finally {
        clearTimeout(timer)
      }
    },
  }
}
export type HubspotHttp = ReturnType<typeof createHubspotHttp>
