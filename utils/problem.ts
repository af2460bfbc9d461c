import { texts } from '#shared/texts/en'

/** What went wrong, in words, with the next step. */
export interface Problem {
  /** The API's stable code; `network` when nothing answered, `unknown` otherwise */
  code: string
  title: string
  next: string
  /** HTTP status, `null` without an answer */
  status: number | null
  correlationId: string | null
  /** Paths that failed validation, and why */
  issues: { path: string; message: string }[]
  /** More of the answer's `data`, e.g. `current` with `stale_revision` */
  data: Record<string, unknown>
}

/** The person closed the browser's dialog for passkeys, or no passkey fits. */
export class PasskeyNotUsed extends Error {}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

/**
 * Turns what `$fetch` throws into words. The API's own sentence is not shown except for validation,
 * where it names the fields: our texts say the next step.
 * @param error anything thrown, also what Nuxt made of it on its way through the payload
 */
export function toProblem(error: unknown): Problem {
  const outer = isRecord(error) ? error : {}
  // ofetch puts the answer's body into `data`; the contract's own `data` is inside it. Nuxt's
  // errors carry the same one level up.
  const body = isRecord(outer.data) ? outer.data : {}
  const inner = isRecord(body.data) ? body.data : body
  const status =
    typeof outer.statusCode === 'number' && outer.statusCode > 0 ? outer.statusCode : null
  const code =
    typeof inner.code === 'string'
      ? inner.code
      : status === null || status === 0
        ? 'network'
        : 'unknown'
  const known =
    error instanceof PasskeyNotUsed
      ? texts.signIn.cancelled
      : code === 'network'
        ? texts.errors.network
        : ((texts.errors.api as Record<string, { title: string; next: string }>)[code] ??
          texts.errors.unknown)
  const issues = Array.isArray(inner.issues)
    ? inner.issues
        .filter(isRecord)
        .map(issue => ({ path: String(issue.path ?? ''), message: String(issue.message ?? '') }))
    : []
  return {
    code,
    title: known.title,
    next: known.next,
    status,
    correlationId: typeof inner.correlationId === 'string' ? inner.correlationId : null,
    issues,
    data: inner,
  }
}
