import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import {
  defineEventHandler,
  getQuery,
  getRequestHeader,
  getRouterParams,
  setResponseHeader,
  setResponseStatus,
  type EventHandler,
  type H3Event,
} from 'h3'
import type { z } from 'zod'
import type { ServiceScope } from '#shared/contracts/service-keys'
import type { SignedIn } from '../accounts/sessions'
import { isDatabaseUnavailable } from '../database/errors'
import { databaseUnavailable } from '../database/reachability'
import { NotFound, ValidationFailed } from '../errors'
import type { Services } from '../services'
import { authenticate, serviceKeyOf, type AccessRules } from './authenticate'
import { requestOrigin } from './client-address'
import { assertSameOrigin } from './csrf'
import { assertShape, readCsvBody, readJsonBody, readUnverifiedBody } from './request-body'
import { countRequest, type RequestLimit } from './count-request'
import { useServices } from './services'

/**
 * Who may call: anybody, the operator's probes (no session is looked at), HubSpot's signature
 * (checked by the handler), a signed-in user, an admin of the partner.
 */
export type RouteRole = 'anyone' | 'probe' | 'signature' | 'member' | 'admin'

type Maybe<S> = S extends z.ZodType ? z.output<S> : undefined
type Signed<R extends RouteRole> = R extends 'member' | 'admin' ? SignedIn : SignedIn | null

export interface RouteOptions<R extends RouteRole, P, Q, B, A> {
  role: R
  params?: P
  query?: Q
  body?: B
  /**
   * Allow-list of what leaves the server: what is not in the schema is dropped. Not for redirects,
   * streams and plain text.
   */
  response?: A
  /** HTTP status of success */
  status?: number
  /** `true`: takes the header `Idempotency-Key`; the handler makes the same record for it */
  takesKey?: boolean
  maxBodyBytes?: number
  limit?: RequestLimit
  /** The handler gets the raw bytes of the body and checks them itself (webhooks) */
  raw?: {
    /** Looks at the headers, before a byte of the body is read; refuses by throwing */
    beforeBody(event: H3Event, services: Services): void
    /**
     * A body up to this size is still handed over, two at a time; what it then means is the
     * handler's
     */
    oversizeBytes: number
  }
  /** `true`: the body is a CSV file; the handler gets its bytes and reads them itself */
  csv?: boolean
  /** `true`: an absent body counts as `{}` */
  bodyOptional?: boolean
  /**
   * Doing it twice is as good as once, so that it is done again when the database stumbles. Default:
   * what reads (`GET`, `HEAD`)
   */
  repeatable?: boolean
  /** What is answered in place of a 503 when the database cannot serve */
  whenUnavailable?: (event: H3Event) => unknown
  /** A service key with this scope may call it as well; without one no key opens the route */
  scope?: ServiceScope
  /** `true`: who calls has proved within five minutes who they are */
  stepUp?: boolean
  /** `true`: open to somebody who still has to add the passkey that their organisation asks for */
  withoutPasskey?: boolean
}

export interface RouteContext<R extends RouteRole, P, Q, B> {
  event: H3Event
  services: Services
  params: Maybe<P>
  query: Maybe<Q>
  body: Maybe<B>
  /** The raw bytes, with `raw` and `csv` */
  rawBody: Buffer
  /** Who is signed in; `null` where the route is open and nobody is */
  signedIn: Signed<R>
  correlationId: string
  /** The header `Idempotency-Key` as it came in, with `takesKey: true` */
  idempotencyKey: string | undefined
  /** Another status of success than the route's own */
  answerWith(status: number): void
}

/** What a test reads off a handler to see that it was made here, and for whom. */
export const routePolicy = Symbol.for('partner-connector.route-policy')

/**
 * What the handler was made with: the API's description is written from it (`scripts/openapi.ts`).
 */
export const routeContract = Symbol.for('partner-connector.route-contract')
export interface RouteContract {
  role: RouteRole
  scope: ServiceScope | null
  stepUp: boolean
  limit: RequestLimit | null
  params: z.ZodType | undefined
  query: z.ZodType | undefined
  body: z.ZodType | undefined
  bodyOptional: boolean
  csv: boolean
  response: z.ZodType | undefined
  status: number
  takesKey: boolean
}

const defaultMaxBodyBytes = 256 * 1024
/** Pause before something is done once more: long enough for a new connection, ms */
const pauseBeforeRepeatMs = 100

/** Does something once more when the database could not serve, unless the answer has begun. */
async function twice<T>(event: H3Event, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!isDatabaseUnavailable(error) || isAnswered(event)) throw error
    await delay(pauseBeforeRepeatMs)
    return await work()
  }
}

/** The answer has left, or is leaving: nobody waits for what a handler does from now on. */
const isAnswered = ({ node: { res } }: H3Event): boolean => res.headersSent || res.writableEnded

async function readUnverified(
  event: H3Event,
  services: Services,
  { beforeBody, oversizeBytes }: NonNullable<RouteOptions<RouteRole, 0, 0, 0, 0>['raw']>,
  maxBytes: number,
): Promise<Buffer> {
  try {
    beforeBody(event, services)
  } catch (error) {
    // What is left unread must not be read as the next request.
    setResponseHeader(event, 'Connection', 'close')
    throw error
  }
  return await readUnverifiedBody(event, { maxBytes, oversizeBytes })
}

function parse<S extends z.ZodType>(schema: S, input: unknown, where: string): z.output<S> {
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  throw new ValidationFailed(
    parsed.error.issues.map(issue => ({
      path: issue.path.join('.') || where,
      message: issue.message,
    })),
  )
}

/**
 * The only way to write a handler: authenticates, checks the role, the request's origin, the
 * content type, the size and depth of the body, parses every input, maps typed errors to HTTP
 * (`server/http/error-handler.ts`) and sets `no-store`. A test walks the route table and fails on a
 * handler made without it.
 * Promise P8: no input makes a 5xx.
 */
export function defineRoute<
  R extends RouteRole,
  P extends z.ZodType | undefined = undefined,
  Q extends z.ZodType | undefined = undefined,
  B extends z.ZodType | undefined = undefined,
  A extends z.ZodType | undefined = undefined,
>(
  options: RouteOptions<R, P, Q, B, A>,
  handler: (
    context: RouteContext<R, P, Q, B>,
  ) =>
    | Promise<A extends z.ZodType ? z.input<A> : unknown>
    | (A extends z.ZodType ? z.input<A> : unknown),
): EventHandler {
  async function answer(event: H3Event, services: Services, correlationId: string) {
    const changesState =
      options.role !== 'probe' && !['GET', 'HEAD', 'OPTIONS'].includes(event.method)
    const needsPerson = options.role === 'member' || options.role === 'admin'
    const byKey = needsPerson && serviceKeyOf(event) !== null
    if (changesState && options.role !== 'signature' && !byKey)
      assertSameOrigin(event, services.configuration.origin)

    let signedIn: SignedIn | null = null
    if (options.role === 'member' || options.role === 'admin') {
      const rules: AccessRules = { ...options, role: options.role }
      signedIn = await twice(event, () => authenticate(event, services, rules))
    } else if (options.role === 'anyone') {
      signedIn = await twice(event, () => services.accounts.sessions.find(event))
      if (signedIn) signedIn.from = requestOrigin(event, services.configuration.trustedProxies)
      event.context.signedIn = signedIn
    }

    const params = options.params
      ? options.params.safeParse(getRouterParams(event, { decode: true }))
      : undefined
    if (params && !params.success) throw new NotFound()
    const query = options.query
      ? parse(options.query, assertShape({ ...getQuery<Record<string, unknown>>(event) }), 'query')
      : undefined
    const maxBytes = options.maxBodyBytes ?? defaultMaxBodyBytes
    const { json, bytes } = !changesState
      ? { json: undefined, bytes: Buffer.alloc(0) }
      : options.raw
        ? { json: undefined, bytes: await readUnverified(event, services, options.raw, maxBytes) }
        : options.csv
          ? {
              json: undefined,
              bytes: await readCsvBody(event, { maxBytes, otherBytes: defaultMaxBodyBytes }),
            }
          : await readJsonBody(event, {
              maxBytes,
              expected: options.body !== undefined,
              optional: options.bodyOptional === true,
            })
    const body = options.body ? parse(options.body, json, 'body') : undefined
    // What is not valid costs nothing, and counts nothing.
    if (options.limit) await countRequest(event, services, signedIn, options.limit)

    let { status } = options
    const idempotencyKey = options.takesKey ? getRequestHeader(event, 'idempotency-key') : undefined
    const context = {
      event,
      services,
      params: params?.data,
      query,
      body,
      rawBody: bytes,
      signedIn,
      correlationId,
      idempotencyKey,
      answerWith: other => {
        status = other
      },
    } as RouteContext<R, P, Q, B>
    // The caller was told that the database is away: nothing is begun any more.
    if (isAnswered(event)) throw databaseUnavailable()
    const isRepeatable = options.repeatable ?? (!changesState || idempotencyKey !== undefined)
    const result = isRepeatable
      ? await twice(event, async () => handler(context))
      : await handler(context)
    if (event.handled || event.node.res.headersSent) return
    if (status) setResponseStatus(event, status)
    return options.response ? options.response.parse(result) : result
  }

  const route = defineEventHandler(async event => {
    const services = useServices(event)
    const correlationId: string = (event.context.correlationId ??= randomUUID())
    setResponseHeader(event, 'Cache-Control', 'no-store')
    const answered = answer(event, services, correlationId)
    if (options.role === 'probe') return await answered
    try {
      return await services.database.whileReachable(answered, () => isAnswered(event))
    } catch (error) {
      if (!isDatabaseUnavailable(error)) throw error
      if (options.whenUnavailable) return options.whenUnavailable(event)
      // As an error of ours: h3 takes the cause of the driver's error for the error itself.
      throw databaseUnavailable(error)
    }
  })
  Object.defineProperty(route, routePolicy, {
    value: {
      role: options.role,
      body: options.body !== undefined,
      response: options.response !== undefined,
    },
  })
  Object.defineProperty(route, routeContract, {
    value: {
      role: options.role,
      scope: options.scope ?? null,
      stepUp: options.stepUp === true,
      limit: options.limit ?? null,
      params: options.params,
      query: options.query,
      body: options.body,
      bodyOptional: options.bodyOptional === true,
      csv: options.csv === true,
      response: options.response,
      status: options.status ?? 200,
      takesKey: options.takesKey === true,
    } satisfies RouteContract,
  })
  return route
}
