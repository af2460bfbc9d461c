import { setTimeout as delay } from 'node:timers/promises'
import type { Metrics } from '../observability/metrics'
import type { RequestPriority } from './crm-types'
import { HubspotError } from './errors'
import type { HubspotAnswer, HubspotHttp, HubspotRequest } from './http'
import type { Budget, Pacing } from './pacing'
import type { QuotaMeter } from './quota'
import { mayFollow429, pauseAfter429, waitBeforeRepeat } from './retries'

/** A token for one call, and what tells its version apart */
export interface CallToken {
  accessToken: string
  portalId: string
  tokenVersion: number
}

/**
 * The part of the connection that knows tokens.
 * @typeParam Partner names a partner there; nothing here reads it
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
  /** Called at each try after all waiting; when it throws, the request is not sent */
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

/** A token that was read so short a time ago is not read again, ms */
const justReadMs = 30
/** Makes one call to HubSpot. */
export type CallHubspot = <T>(request: Call<T>) => Promise<HubspotAnswer<T>>

/**
 * One call with everything around it: token, budget, one repetition after a 401, waits after 429s,
 * repetition of what is harmless to repeat. The token comes before the budget: a grant that waits
 * for a refresh would leave late and count twice at HubSpot. The grant is checked once more after
 * the wait: a disconnect in another process ends the calls that were waiting here.
 */
export function createCalls<Partner>({
  http,
  tokens,
  pacing,
  quota,
  random = Math.random,
}: CallDeps<Partner>) {
  return ({
    partnerId,
    priority,
    signal,
    beforeLeaving,
    maxWaitMs,
    retryDelaysMs,
  }: CallSettings<Partner>): CallHubspot =>
    async function call<T>({
      budget = 'general',
      repeatable,
      ...request
    }: Call<T>): Promise<HubspotAnswer<T>> {
      let token = await tokens.getValidAccessToken(partnerId)
      let refreshed = false
      let limited = 0
      let failures = 0
      for (let turn = 0; ; turn++) {
        const waitedMs = await pacing.acquire(token.portalId, budget, {
          priority,
          maxWaitMs,
          signal,
        })
        const isJustRead = turn === 0 && waitedMs < justReadMs
        const current = isJustRead ? token : await tokens.getValidAccessToken(partnerId)
        if (current.tokenVersion !== token.tokenVersion) {
          // Refreshed in the meantime, or another account's: it needs a place in the budget of its
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
            // Holds back the other callers of this portal as well, in every process.
            await pacing.pause(token.portalId, budget, pauseAfter429(error, random))
            limited += 1
            if (!mayFollow429(error, limited)) throw error
          } else {
            const delayMs = retryDelaysMs[failures]
            const waitMs =
              repeatable && delayMs !== undefined ? waitBeforeRepeat(error, delayMs, random) : null
            if (waitMs === null) throw error
            failures += 1
            await delay(waitMs, undefined, { signal }).catch((reason: unknown) => {
              throw signal?.aborted ? signal.reason : reason
            })
          }
        }
      }
    }
}
