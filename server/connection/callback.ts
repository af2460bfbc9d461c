import type { CallbackError } from '#shared/contracts/connection'
import type { SignedIn } from '../accounts/sessions'
import type { Clock } from '../config/clock'
import { userActor, type AuditLog } from '../database/audit'
import { isDatabaseUnavailable } from '../database/errors'
import { errorFields, type Log } from '../observability/log'
import type { GrantAcceptance } from './grant-acceptance'
import type { Attempt, Attempts } from './oauth-state'
import type { GrantReport } from './grant-report'
import type { IntegrationRepository } from './repository'
import type { OnStep } from './crash-points'

/** The page that a callback ends on. */
export const settingsPath = '/settings/hubspot'
const success = `${settingsPath}?success=true`
/** Names the account of an install and asks */
const confirmPath = `${settingsPath}/install?account=waiting`
/** Where an admin goes on who chooses first what is synced */
const scopePath = `${settingsPath}/scope`
/** @returns where a connection that was made leads */
export const successOf = ({ choose_scope }: Pick<Attempt, 'choose_scope'>) =>
  choose_scope === true ? scopePath : success
export const failure = (code: CallbackError) => `${settingsPath}?error=${code}`

/** What a callback brings, as parsed from the query: a repeated key is an array. */
export type CallbackQuery = Record<string, unknown>

export interface CallbackRequest {
  query: CallbackQuery
  signedIn: SignedIn | null
  /**
   * Value of the attempt's cookie, by the state; taken from the browser only when the state is used
   */
  takeBrowserSecret: () => string | undefined
  /** Only a state of this purpose counts */
  purpose?: Attempt['purpose']
  /** Where a success leads instead of the settings page (marketplace; checked by the caller) */
  successUrl?: string
}

export interface CallbackDeps {
  attempts: Attempts
  grantAcceptance: GrantAcceptance
  integrations: IntegrationRepository
  report: GrantReport
  audit: AuditLog
  clock: Clock
  log: Log
  onStep: OnStep
  wait: (ms: number) => Promise<void>
  /** Who may send a callback: origins that a parameter `iss` may name (RFC 9207) */
  issuers: readonly string[]
}

/**
 * HubSpot's codes are short, of letters, digits and dashes (`na1-…`); some more is let through,
 * nothing longer is carried on.
 */
const codeShape = /^[\w.~+/=:-]{1,4096}$/
/**
 * A callback that works beside this one is over by then: exchange, introspection and account
 * details have their own limits.
 */
const waitForOtherMs = 30_000
const present = (value: unknown) => value !== undefined && value !== '' && value !== null

/**
 * HubSpot's redirect back: decides in the order of docs/architecture.md#callback and answers a
 * place to go. Echoes nothing of what it was given.
 */
export function createCallback({
  attempts,
  grantAcceptance,
  integrations,
  report,
  audit,
  clock,
  log,
  onStep,
  wait,
  issuers,
}: CallbackDeps) {
  /** The same answer as the callback that used this state up, with no further call to HubSpot. */
  async function repeat(attempt: Attempt): Promise<string> {
    for (
      let current: Attempt | null = attempt;
      current;
      current = await attempts.find(attempt._id)
    ) {
      if (current.outcome !== null) return current.outcome
      if (clock().getTime() - (current.used_at?.getTime() ?? 0) > waitForOtherMs) break
      await wait(100)
    }
    return await whatIsLeft(attempt)
  }

  /** A callback ended in between. What it left tells whether it got that far. */
  async function whatIsLeft(attempt: Attempt): Promise<string> {
    const integration = await integrations.read(attempt.partner_id)
    const connected =
      integration?.status === 'connected' &&
      attempt.used_at !== null &&
      integration.connected_at !== null &&
      integration.connected_at >= attempt.used_at
    return connected ? successOf(attempt) : failure('token_exchange_failed')
  }

  async function refused(request: CallbackRequest, code: CallbackError): Promise<string> {
    log.info(
      { event: 'callback_refused', code, partnerId: request.signedIn?.partner.id.toHexString() },
      'A callback was refused',
    )
    // Only of who is signed in: anybody could fill the audit log otherwise.
    if (request.signedIn)
      await audit.record({
        partnerId: request.signedIn.partner.id,
        actor: userActor(request.signedIn),
        action: 'hubspot.connect',
        outcome: 'refused',
        details: { code },
      })
    return failure(code)
  }

  async function work(
    attempt: Attempt,
    code: string,
    signedIn: SignedIn,
    successUrl: string | undefined,
  ): Promise<string> {
    const goesOn = successUrl ?? attempt.return_url
    const result = await grantAcceptance.accept(
      attempt,
      code,
      { userId: signedIn.user.id, email: signedIn.user.email },
      goesOn,
    )
    if (result.ok === 'asks') return confirmPath
    await report(attempt.partner_id, userActor(signedIn), result)
    return result.ok ? (goesOn ?? successOf(attempt)) : failure(result.code)
  }

  return {
    /** @returns where to send the browser: a path of ours, or HubSpot's checked return URL */
    async handle(request: CallbackRequest): Promise<string> {
      const { query, signedIn, takeBrowserSecret, purpose } = request
      if (present(query.error)) {
        await attempts.claim({
          state: query.state,
          code: null,
          signedIn,
          browserSecret: takeBrowserSecret(),
          purpose,
        })
        return await refused(
          request,
          query.error === 'access_denied' ? 'access_denied' : 'provider_error',
        )
      }
      const { code } = query
      if (typeof code !== 'string' || !codeShape.test(code))
        return await refused(request, 'missing_code')
      if (present(query.iss) && !(typeof query.iss === 'string' && issuers.includes(query.iss)))
        return await refused(request, 'invalid_state')
      const claim = await attempts.claim({
        state: query.state,
        code,
        signedIn,
        browserSecret: takeBrowserSecret(),
        purpose,
      })
      if (claim.kind === 'refused' || !signedIn) return await refused(request, 'invalid_state')
      if (claim.kind === 'repeated') return await repeat(claim.attempt)
      await onStep('attempt_consumed')
      let outcome: string
      try {
        // The role is the one of now, not of the moment the attempt began
        // (docs/security-checklist.md#a8).
        outcome =
          signedIn.user.role === 'admin'
            ? await work(claim.attempt, code, signedIn, request.successUrl)
            : await refused(request, 'forbidden')
      } catch (error) {
        log.error(
          {
            event: 'callback_failed',
            partnerId: claim.attempt.partner_id.toHexString(),
            ...errorFields(error),
          },
          'A callback could not be completed',
        )
        outcome = await whatIsLeft(claim.attempt).catch(() => failure('token_exchange_failed'))
        if (outcome === failure('token_exchange_failed') && isDatabaseUnavailable(error))
          outcome = failure('database_unavailable')
      }
      await attempts
        .finish(claim.attempt._id, outcome)
        .catch((error: unknown) =>
          log.warn(
            { event: 'outcome_not_stored', ...errorFields(error) },
            'The outcome of a callback could not be stored',
          ),
        )
      return outcome
    },
  }
}
export type Callback = ReturnType<typeof createCallback>
