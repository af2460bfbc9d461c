import { randomUUID } from 'node:crypto'

/** A request as the simulator's parts see it. */
export interface SimulatorRequest {
  method: string
  /** Decoded, without query and trailing slash */
  path: string
  query: URLSearchParams
  headers: Record<string, string | string[] | undefined>
  body: string
}

export interface Reply {
  status: number
  headers?: Record<string, string>
  body?: string | Buffer
}

export const json = (
  status: number,
  value: unknown,
  headers: Record<string, string> = {},
): Reply => ({
  status,
  headers: { 'content-type': 'application/json;charset=utf-8', ...headers },
  body: JSON.stringify(value),
})

export const html = (status: number, body: string): Reply => ({
  status,
  headers: {
    'content-type': 'text/html;charset=utf-8',
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'content-security-policy':
      "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'",
  },
  body,
})

export const redirect = (location: string): Reply => ({
  status: 302,
  headers: { location, 'cache-control': 'no-store' },
})

export const noContent = (): Reply => ({ status: 204 })

/** A refusal of one request, thrown by whatever notices it. */
export class RefusedRequest extends Error {
  constructor(readonly reply: Reply) {
    super(`answered with status ${reply.status}`)
  }
}

export interface ErrorDetail {
  message: string
  code?: string
  in?: string
  context?: Record<string, string[]>
}

export interface ErrorBody {
  category: string
  message: string
  errors?: ErrorDetail[]
  context?: Record<string, string[]>
  /** Text as reported; an object as the OpenAPI files have it */
  subCategory?: string | Record<string, unknown>
  links?: Record<string, string>
}

/**
 * HubSpot's error body of the CRM APIs; the correlation id goes into the header as well (app.ts).
 */
export function hubspotError(status: number, body: ErrorBody): RefusedRequest {
  return new RefusedRequest(json(status, { status: 'error', ...body, correlationId: randomUUID() }))
}

export const notFound = (): RefusedRequest =>
  hubspotError(404, { category: 'OBJECT_NOT_FOUND', message: 'resource not found' })

export const invalidInput = (message: string, errors?: ErrorDetail[]): RefusedRequest =>
  hubspotError(400, { category: 'VALIDATION_ERROR', message, ...(errors ? { errors } : {}) })

export function queryList(query: URLSearchParams, name: string): string[] {
  return query
    .getAll(name)
    .flatMap(value => value.split(','))
    .map(value => value.trim())
    .filter(value => value !== '')
}

/**
 * A whole number of the query, e.g. how long a page may be.
 * @param usual where the query does not have it
 * @throws {RefusedRequest} 400 where it is not between 1 and `most`
 */
export function wholeOf(query: URLSearchParams, name: string, usual: number, most: number): number {
  const value = query.has(name) ? Number(query.get(name)) : usual
  if (!Number.isInteger(value) || value < 1 || value > most)
    throw invalidInput(`${name} must be between 1 and ${most}`)
  return value
}

/** Parses a JSON body the way HubSpot's complains about it. */
export function jsonBody(request: SimulatorRequest): unknown {
  const type = String(request.headers['content-type'] ?? '')
  if (!/^application\/json\b/i.test(type))
    throw new RefusedRequest(
      json(415, {
        status: 'error',
        message: 'HTTP 415 Unsupported Media Type',
        correlationId: randomUUID(),
      }),
    )
  try {
    return JSON.parse(request.body)
  } catch {
    throw invalidInput('Invalid input JSON on line 1, column 1: Unrecognized token')
  }
}

/** A JSON object body; anything else is refused. */
export function objectBody(request: SimulatorRequest): Record<string, unknown> {
  const body = jsonBody(request)
  if (!isObject(body))
    throw invalidInput('Invalid input JSON on line 1, column 1: Cannot deserialize value')
  return body
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Compares a path's pieces with a pattern's: `:name` takes any piece, the rest must be the same.
 */
export function matchPath(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split('/')
  const given = path.split('/')
  if (wanted.length !== given.length) return null
  const values: Record<string, string> = {}
  for (const [place, piece] of wanted.entries()) {
    const value = given[place] ?? ''
    if (piece.startsWith(':')) values[piece.slice(1)] = value
    else if (piece !== value) return null
  }
  return values
}
