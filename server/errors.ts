import type { ErrorCode } from '#shared/contracts/errors'

export interface DomainErrorOptions {
  /** The error that led here: for the log's error class only, never sent */
  cause?: unknown
  /** Seconds after which trying again can help; becomes `Retry-After` */
  retryAfterSeconds?: number
  /** More fields of `data` in the answer. Only what the caller may see. */
  details?: Record<string, unknown>
}

/**
 * What the application refuses, as a value: a stable code of the HTTP contract and a sentence for
 * people. The message is written by us; it never carries what a caller or HubSpot sent. Each
 * subject keeps its own errors in one file; `server/http/define-route.ts` maps them to HTTP.
 */
export class DomainError extends Error {
  readonly code: ErrorCode
  readonly retryAfterSeconds: number | undefined
  readonly details: Record<string, unknown>
  /**
   * What led here. Not in `cause`: h3 takes an error's cause for the error itself, and the answer
   * would be the one for that.
   */
  readonly origin: unknown

  constructor(code: ErrorCode, message: string, options: DomainErrorOptions = {}) {
    super(message)
    this.name = new.target.name
    this.origin = options.cause
    this.code = code
    this.retryAfterSeconds = options.retryAfterSeconds
    this.details = options.details ?? {}
  }
}

export class NotFound extends DomainError {
  constructor(what = 'This') {
    super('not_found', `${what} does not exist.`)
  }
}

export class ValidationFailed extends DomainError {
  /** @param issues the paths that failed and why, as sent to the caller */
  constructor(issues: { path: string; message: string }[]) {
    super(
      'validation_failed',
      issues.length === 0
        ? 'The request is not valid.'
        : `Not valid: ${[...new Set(issues.map(issue => issue.path || 'body'))].slice(0, 10).join(', ')}.`,
      {
        details: { issues: issues.slice(0, 50) },
      },
    )
  }
}
