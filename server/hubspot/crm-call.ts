import { setTimeout as delay } from 'node:timers/promises'
import type { Metrics } from '../observability/metrics'
import type { RequestPriority } from './crm-types'
import { HubspotError } from './errors'
import type { HubspotAnswer, HubspotHttp, HubspotRequest } from './http'
import { lockedWaitMs, pauseAfterSecondlyMs, pauseAfterTenSecondlyMs } from './limits'
import type { Budget, Pacing } from './pacing'
import type { QuotaMeter } from './quota'

/** A token for one call, and what tells its version apart */
export interface CallToken {
  accessToken: string
  portalId: string
  tokenVersion: number
}

/**
 * The part of the connection that knows tokens. @typeParam Partner what names a partner there;
 * nothing here looks into it
 */
export interface TokenSource<Partner> {
  /**
   * @throws {DomainError} hubspot_not_connected, hubspot_reauthorization_required,
   *   hubspot_unavailable
   */
  getValidAccessToken(partnerId: Partner): Promise<CallToken>
  /** Refreshes once, unless the version has moved on already */
  tokenAfterUnauthorized(partnerId: Partner, rejectedTokenVersion: number): Promise<CallToken>
}

export interface CallDeps<Partner> {
  http: HubspotHttp
  tokens: TokenSource<Partner>
  pacing: Pacing
  quota?: Pick<QuotaMeter, 'report'>
  metrics?: Pick<Metrics, 'hubspotWait'>
  random?: () => number
}

export interface CallSettings<Partner> {
  partnerId: Partner
  priority: RequestPriority
  signal?: AbortSignal
  /** Asked at each try, when all waiting is over; what it throws keeps the request here */
  beforeLeaving?(): Promise<void>
  /** Longest wait for the portal's budget, ms */
  maxWaitMs: number
  /** Tries of a call that may be repeated, by its waits between them, ms */
  retryDelaysMs: readonly number[]
}

export interface Call<T> extends Pick<
  HubspotRequest<T>,
  'method' | 'path' | 'query' | 'json' | 'schema' | 'api'
> {
  budget?: Budget
  /** Making it twice does no harm: it may be repeated when no clear answer came */
  repeatable: boolean
}

/** A 429 is waited out this often before the call gives up. */
const most429s = 5
/**
 * HubSpot asks for more than this (a migration takes up to a day): the caller is told instead of
 * kept waiting, ms
 */
const longestPatienceMs = 30_000

/**
 * One call with everything around it: token, budget, one repetition after a 401, waiting out 429s,
 * repeating what is harmless to repeat. The token comes before the budget: a grant that waits for a
 * refresh would leave late and count twice at HubSpot's. Whether the grant still stands is looked
 * at once more when the turn has come: a disconnect in another process is the end of the calls that
 * were waiting here.
 */
export function createCall<Partner>({
  http,
  tokens,
  pacing,
  quota,
  random = Math.random,
}: CallDeps<Partner>) {
  return async function call<T>(
    { budget = 'general', repeatable, ...request }: Call<T>,
    { partnerId, priority, signal, beforeLeaving, maxWaitMs, retryDelaysMs }: CallSettings<Partner>,
  ): Promise<HubspotAnswer<T>> {
    let token = await tokens.getValidAccessToken(partnerId)
    let refreshed = false
    let limited = 0
    let failures = 0
    for (;;) {
      await pacing.acquire(token.portalId, budget, { priority, maxWaitMs, signal })
      const current = await tokens.getValidAccessToken(partnerId)
      if (current.tokenVersion !== token.tokenVersion) {
        // Refreshed meanwhile, which took its time, or another account's: it needs a turn of its
        // own.
        token = current
        continue
      }
      await beforeLeaving?.()
      try {
        const answer = await http.request({ ...request, bearer: token.accessToken, signal })
        quota?.report(token.portalId, answer.headers)
        return answer
      } catch (error) {
        if (!(error instanceof HubspotError)) throw error
        if (error.kind === 'unauthorized' && !refreshed) {
          refreshed = true
          token = await tokens.tokenAfterUnauthorized(partnerId, token.tokenVersion)
        } else if (error.kind === 'rate_limited') {
          // Whoever else calls this portal, in any process, is held back as well.
          const pauseMs =
            error.retryAfterMs ??
            (error.policyName === 'SECONDLY' ? pauseAfterSecondlyMs : pauseAfterTenSecondlyMs)
          await pacing.pause(token.portalId, budget, pauseMs + random() * 250)
          limited += 1
          if (limited > most429s || error.policyName === 'DAILY') throw error
        } else if (
          error.kind === 'transient' &&
          repeatable &&
          failures < retryDelaysMs.length &&
          (error.retryAfterMs ?? 0) <= longestPatienceMs
        ) {
          const backoffMs = (retryDelaysMs[failures] ?? 0) * (0.5 + random())
          failures += 1
          await delay(
            Math.max(backoffMs, error.retryAfterMs ?? 0, error.status === 423 ? lockedWaitMs : 0),
            undefined,
            { signal },
          ).catch((reason: unknown) => {
            throw signal?.aborted ? signal.reason : reason
          })
        } else {
          throw error
        }
      }
    }
  }
}
