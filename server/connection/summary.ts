import { missingScopes } from '#shared/hubspot/scopes'
import type { ConnectionState, Summary } from '#shared/contracts/connection'
import type { Run } from '#shared/contracts/runs'
import { texts } from '#shared/texts/en'
import { wasConnected, type Integration } from './integration'
import { syncRefusal } from './sync-refusal'

/** Records are counted up to here; what is beyond is "more than" */
export const countedUpTo = 10_000

/** All that the state of a connection follows from. */
export interface SummaryFacts {
  integration: Integration | null
  /** Somebody of this partner is on HubSpot's page to connect */
  isConnecting: boolean
  /** The run under way */
  currentRun:
    | (Pick<Run, 'kind' | 'status' | 'phase' | 'trigger' | 'startedAt'> &
        Partial<Pick<Run, 'counts' | 'total' | 'ratePerSecond'>>)
    | null
  /** Records with a change that HubSpot has not got yet, up to `countedUpTo + 1` */
  waiting: number
  /** Records that could not be synced, up to `countedUpTo + 1` */
  failed: number
}

const words = texts.summary

function shown(count: number): string {
  return count > countedUpTo
    ? words.moreThan(countedUpTo.toLocaleString('en'))
    : count.toLocaleString('en')
}

export const iso = (date: Date | null | undefined) => date?.toISOString() ?? null

/** How far the catching up with a large import is, and how long it still takes. */
function importMessage({ counts, total, ratePerSecond }: NonNullable<SummaryFacts['currentRun']>) {
  if (!counts || !total) return words.importInHubspot
  const done = counts.seen + counts.writtenBack
  const ofAll = words.importInHubspotOf(done.toLocaleString('en'), total.toLocaleString('en'))
  if (!ratePerSecond || done >= total) return ofAll
  return `${ofAll} ${words.minutesLeft(Math.ceil((total - done) / ratePerSecond / 60))}`
}

/** What a run under way does, in a sentence. */
function runMessage(run: NonNullable<SummaryFacts['currentRun']>) {
  const { kind, status, phase, trigger } = run
  if (status === 'running' && phase === 'hubspot_import') return importMessage(run)
  if (kind === 'initial') return words.importing
  if (status === 'queued') return words.queued
  if (trigger === 'write_back' || phase === 'write_back') return words.writing
  if (kind === 'reconcile') return words.comparing
  return kind === 'webhook' ? words.catchingUp : words.looking
}

/** Since when HubSpot does not answer and when it is tried again; `null` while it answers. */
function outageOf(integration: Integration) {
  const { status, reason, retry_refresh_at, outage, next_sync_at } = integration
  if (status === 'degraded')
    return {
      message: words.cannotRenew,
      since: outage?.since ?? reason?.at ?? null,
      nextTryAt: retry_refresh_at ?? next_sync_at,
    }
  if (!outage) return null
  return {
    message: words.hubspot_unavailable,
    since: outage.since,
    nextTryAt: outage.next_try_at ?? next_sync_at,
  }
}

/** What is true beside the state: records that failed, changes that wait. */
function recordSentences({ integration, waiting, failed }: SummaryFacts): string[] {
  return [
    ...(failed > 0 ? [words.recordsFailed(failed, shown(failed))] : []),
    ...(waiting > 0
      ? [
          words.recordsWait(waiting, shown(waiting)),
          ...(integration?.write_back === false ? [words.waitsForWriteBack] : []),
        ]
      : []),
  ]
}

/**
 * The connection's state in words, from all that bears on it. Pure: pages say nothing about the
 * connection that is not in here.
 * @returns the most serious state, and sentences that are all true at once
 */
export function summaryOf(facts: SummaryFacts): Summary {
  const { integration, currentRun, waiting, failed } = facts
  const records = recordSentences(facts)
  const say = (
    state: ConnectionState,
    sentences: string[],
    {
      since = null,
      nextTryAt = null,
    }: { since?: Date | string | null; nextTryAt?: Date | null } = {},
  ): Summary => ({
    state,
    message: sentences.join(' '),
    since: since instanceof Date ? since.toISOString() : since,
    nextTryAt: iso(nextTryAt),
  })

  const refusal = syncRefusal(integration)
  if (!integration || refusal === 'not_connected') {
    if (facts.isConnecting) return say('connecting', [words.connecting])
    if (!wasConnected(integration)) return say('not_connected', [words.not_connected])
    return say('disconnected', [words.disconnected], { since: integration.disconnected_at ?? null })
  }
  if (refusal === 'reauthorization_required')
    return say('revoked', [words.revoked, ...records], { since: integration.reason?.at ?? null })
  if (refusal === 'paused') {
    const { paused_by, paused_at, pause_reason, waits_for_scope } = integration
    if (waits_for_scope)
      return say('paused', [words.waitsForScope, ...records], { since: paused_at ?? null })
    return say(
      'paused',
      [
        words.paused(paused_by?.email ?? null),
        ...(pause_reason ? [words.pauseReason(pause_reason)] : []),
        words.keptWhilePaused,
        ...records,
      ],
      { since: paused_at ?? null },
    )
  }

  const outage = outageOf(integration)
  if (outage) return say('hubspot_unavailable', [outage.message, ...records], outage)
  if (currentRun?.kind === 'initial')
    return say('importing', [words.importing, ...records], { since: currentRun.startedAt })

  const { last_failure, next_sync_at, last_synced_at } = integration
  const isMissingScopes = missingScopes(integration.scopes).length > 0
  const running = currentRun ? [runMessage(currentRun)] : []
  if (isMissingScopes || failed > 0 || (last_failure && !currentRun))
    return say(
      'failing',
      [
        ...(isMissingScopes ? [words.permissionsMissing] : []),
        ...(last_failure && !currentRun
          ? [
              last_failure.code === 'hubspot_rate_limited'
                ? words.limits[last_failure.limit ?? 'unnamed']
                : words.lastRunFailed,
            ]
          : []),
        ...running,
        ...records,
      ],
      { since: last_failure?.at ?? null, nextTryAt: next_sync_at },
    )
  if (currentRun) return say('syncing', [...running, ...records], { since: currentRun.startedAt })
  if (last_synced_at === null) return say('connecting', [words.firstImportSoon, ...records])
  if (waiting > 0)
    return say('waiting', records, { nextTryAt: integration.write_back ? next_sync_at : null })
  return say('in_step', [words.in_step], { since: last_synced_at })
}
