import pino from 'pino'
import type { LogLevel } from '../config/configuration'
import { createRedactor, type Redactor } from './redact'

/**
 * The only fields that a log line may carry. What is not named here is dropped, whatever a caller
 * passes.
 */
const allowedFields = [
  'event',
  'requestId',
  'method',
  'route',
  'status',
  'durationMs',
  'partnerId',
  'userId',
  'sessionId',
  'role',
  'portalId',
  'runId',
  'operationId',
  'kind',
  'phase',
  'jobName',
  'hubspotCorrelationId',
  'hubspotStatus',
  'hubspotCategory',
  'policyName',
  'code',
  'reason',
  'attempt',
  'count',
  'total',
  'seen',
  'created',
  'updated',
  'failed',
  'delayMs',
  'retryAt',
  'address',
  'addressHash',
  'accountHash',
  'errorName',
  'errorCode',
  'errorMessage',
  'errorStack',
  'objectType',
  'objectId',
  'tokenVersion',
  'fence',
  'url',
  'port',
  'signal',
  'keyId',
  'problem',
  'version',
  'trigger',
  'rate',
  'action',
  'outcome',
] as const
export type LogFields = Partial<
  Record<(typeof allowedFields)[number], string | number | boolean | null | undefined>
>

export interface Log {
  trace(fields: LogFields, message: string): void
  debug(fields: LogFields, message: string): void
  info(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  error(fields: LogFields, message: string): void
  /** A log whose lines all carry these fields */
  child(fields: LogFields): Log
}

/**
 * @returns the log-safe facts of an error: class, code, scrubbed message, where it was thrown.
 *   Never its request, headers or cause.
 */
export function errorFields(error: unknown): LogFields {
  if (!(error instanceof Error)) return { errorName: typeof error }
  const code =
    'code' in error && (typeof error.code === 'string' || typeof error.code === 'number')
      ? error.code
      : undefined
  const frame = error.stack
    ?.split('\n')
    .find(line => /^\s+at /.test(line))
    ?.trim()
  return { errorName: error.name, errorCode: code, errorMessage: error.message, errorStack: frame }
}

export interface LogOptions {
  level: LogLevel
  redactor?: Redactor
  /** Where lines go; standard output unless told */
  destination?: { write(line: string): void }
}

/** JSON lines with an allow-list of fields and scrubbed text. */
export function createLog({
  level,
  redactor = createRedactor(),
  destination,
}: LogOptions): Log & { redactor: Redactor } {
  const sink = pino(
    {
      level,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: label => ({ level: label }) },
    },
    destination ?? pino.destination({ dest: 1, sync: true }),
  )
  const clean = (fields: LogFields): LogFields => {
    const out: LogFields = {}
    for (const name of allowedFields) {
      const value = fields[name]
      if (value !== undefined)
        out[name] = typeof value === 'string' ? redactor.redact(value) : value
    }
    return out
  }
  const make = (bound: LogFields): Log => ({
    trace: (fields, message) =>
      sink.trace(clean({ ...bound, ...fields }), redactor.redact(message)),
    debug: (fields, message) =>
      sink.debug(clean({ ...bound, ...fields }), redactor.redact(message)),
    info: (fields, message) => sink.info(clean({ ...bound, ...fields }), redactor.redact(message)),
    warn: (fields, message) => sink.warn(clean({ ...bound, ...fields }), redactor.redact(message)),
    error: (fields, message) =>
      sink.error(clean({ ...bound, ...fields }), redactor.redact(message)),
    child: fields => make({ ...bound, ...fields }),
  })
  return { ...make({}), redactor }
}
