import { randomUUID } from 'node:crypto'
import {
  getRequestHeader,
  send,
  setResponseHeader,
  setResponseStatus,
  type H3Error,
  type H3Event,
} from 'h3'
import { errorStatus, type ErrorCode } from '#shared/contracts/errors'
import { isDatabaseUnavailable } from '../database/errors'
import { databaseUnavailable } from '../database/reachability'
import { DomainError } from '../errors'
import { errorFields } from '../observability/log'
import { noteRefusal } from './note-refusal'
import { useServices } from './services'

interface Answer {
  code: ErrorCode
  status: number
  message: string
  details: Record<string, unknown>
  retryAfterSeconds: number | undefined
}

const statusTexts: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Payload Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}

/** A page on the server got this answer from the API, and hands it on. */
const saidByOurApi = ({ statusCode, data }: H3Error): boolean =>
  statusCode === 503 && (data as { code?: unknown } | undefined)?.code === 'database_unavailable'

/**
 * Maps any error to the contract. h3 wraps what a handler throws: the thrown error is its `cause`.
 */
function answerFor(error: H3Error): Answer {
  const caught: unknown = error.cause instanceof Error ? error.cause : error
  const thrown =
    !(caught instanceof DomainError) && (isDatabaseUnavailable(error) || saidByOurApi(error))
      ? databaseUnavailable(caught)
      : caught
  if (thrown instanceof DomainError) {
    return {
      code: thrown.code,
      status: errorStatus[thrown.code],
      message: thrown.message,
      details: thrown.details,
      retryAfterSeconds: thrown.retryAfterSeconds,
    }
  }
  const plain = (code: ErrorCode, message: string): Answer => ({
    code,
    status: errorStatus[code],
    message,
    details: {},
    retryAfterSeconds: undefined,
  })
  const status = error.statusCode
  if (error.unhandled || status === undefined || status >= 500)
    return plain(
      'internal_error',
      'Something went wrong on our side. It has been logged; try again, and name the ' +
        'correlation id if it stays.',
    )
  if (status === 404) return plain('not_found', 'This does not exist.')
  if (status === 405) return plain('method_not_allowed', 'This method is not allowed here.')
  if (status === 413) return plain('payload_too_large', 'The request is too large.')
  if (status === 415)
    return plain('unsupported_media_type', 'Send JSON: Content-Type: application/json.')
  if (status === 401) return plain('not_signed_in', 'Sign in first.')
  if (status === 403) return plain('forbidden', 'This is not allowed.')
  return {
    ...plain('validation_failed', 'The request is not valid.'),
    status: status >= 400 && status < 500 ? status : 400,
  }
}

function wantsHtml(event: H3Event): boolean {
  const path = event.path.split('?')[0] ?? ''
  if (/^\/(api|v1|healthz|readyz|metrics)(\/|$)/.test(path)) return false
  return (getRequestHeader(event, 'accept') ?? '').includes('text/html')
}

/**
 * Nitro's error handler. Nothing of the request, of a stack or of what a provider said leaves the
 * server (docs/security-checklist.md#c12): the API gets the contract's JSON; for pages the error is
 * stripped to its status and handed on to Nuxt, which renders error.vue.
 */
export default async function handleError(error: H3Error, event: H3Event): Promise<void> {
  if (event.handled || event.node.res.headersSent) return
  const answer = answerFor(error)
  const correlationId: string = (event.context.correlationId ??= randomUUID())
  if (answer.status >= 500) {
    const caught: unknown = error.cause instanceof Error ? error.cause : error
    const thrown = caught instanceof DomainError ? (caught.origin ?? caught) : caught
    try {
      useServices(event).log[answer.code === 'internal_error' ? 'error' : 'warn'](
        {
          event: 'request_failed',
          requestId: correlationId,
          method: event.method,
          code: answer.code,
          ...errorFields(thrown),
        },
        'A request failed',
      )
    } catch {
      // The services are not built yet: there is no log to write to, and the answer below says all
      // that may be said.
    }
  }
  try {
    noteRefusal(event, useServices(event), answer.code)
  } catch {
    // As above: nothing is there to note it in.
  }
  if (answer.retryAfterSeconds !== undefined)
    setResponseHeader(event, 'Retry-After', Math.max(1, Math.ceil(answer.retryAfterSeconds)))
  if (wantsHtml(event)) {
    const path = event.path.split('?')[0] ?? '/'
    event.node.req.url = path
    event._path = path
    error.message = answer.message
    error.statusCode = answer.status
    error.statusMessage = statusTexts[answer.status] ?? 'Error'
    error.data = { code: answer.code, correlationId }
    error.stack = ''
    error.unhandled = false
    error.cause = undefined
    return
  }
  setResponseStatus(event, answer.status, statusTexts[answer.status] ?? 'Error')
  setResponseHeader(event, 'Content-Type', 'application/json; charset=utf-8')
  setResponseHeader(event, 'Cache-Control', 'no-store')
  await send(
    event,
    JSON.stringify({
      statusCode: answer.status,
      statusMessage: statusTexts[answer.status] ?? 'Error',
      message: answer.message,
      data: { ...answer.details, code: answer.code, correlationId },
    }),
  )
}
