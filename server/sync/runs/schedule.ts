import type { ObjectId } from 'mongodb'
import type { Failure } from '#shared/contracts/primitives'
import type { Clock } from '../../config/clock'
import type { Collections } from '../../database/collections'
import type {
  HubspotIntegrationDocument,
  SyncCursorDocument,
  SyncRunDocument,
} from '../../database/documents'
import { errorFields, type Log } from '../../observability/log'
import { knownZone } from '../../records/days'
import type { HubspotLimit } from '../failures'
import { createDuePartnersRepository } from './due-partners-repository'
import type { Runs } from './repository'

/** Partners started in one round; the next round follows soon */
const partnersPerLook = 20
/**
 * A job that has not led to a start within this time was lost, ms. A full queue seldom takes longer,
 * and a second job does no harm.
 */
const triggerMs = 30_000
/** Webhook events that wait longer than this lost their job, ms */
const hintMs = 15_000
const hintsEveryMs = 5_000
/** Webhooks put a look off to so many intervals after the last success. Twice counts as stale */
const webhooksPutOff = 1.5
/** Looks under way at once in one process: each waits for HubSpot most of the time */
const looksAtOnce = 20
const dayMs = 24 * 60 * 60 * 1000

/** Delay of the next run after a failure that may pass, ms, unless the interval is shorter */
const retryAfterTroubleMs = 60_000

export interface DuePartner {
  partnerId: ObjectId
  portalId: string
  integration: HubspotIntegrationDocument
}

/** What sync keeps on the partner: when it last succeeded, and when it is due again. */
export function createDuePartners({
  collections,
  clock,
  intervalSeconds,
}: {
  collections: Pick<Collections, 'partners'>
  clock: Clock
  intervalSeconds: number
}) {
  const partners = createDuePartnersRepository(collections)
  const intervalMs = intervalSeconds * 1000

  return {
    /**
     * Takes one partner that is due, and puts its next sync one interval ahead: of several
     * processes one gets it.
     */
    async claimDue(): Promise<DuePartner | null> {
      const now = clock()
      const partner = await partners.claim({
        now,
        nextAt: new Date(now.getTime() + intervalMs),
      })
      const integration = partner?.hubspot_integration
      return partner && integration?.portal_id
        ? { partnerId: partner._id, portalId: integration.portal_id, integration }
        : null
    },

    /** The look was not ended: another process does it at once. */
    dueAgain: ({ partnerId, portalId }: DuePartner): Promise<void> =>
      partners.setDue({ partner_id: partnerId, portal_id: portalId }, clock()),

    /** Notes that a look found nothing. @returns `false`: a run has to look */
    nothingChanged: ({ partnerId, portalId }: DuePartner): Promise<boolean> =>
      partners.setLooked(partnerId, portalId, clock()),

    /**
     * Notes how a run ended. Webhook and write-back runs look at single records: they are no
     * success of the whole. While webhooks arrive the next look has time.
     */
    async afterRun(
      run: SyncRunDocument,
      {
        failure,
        limit,
        soon,
      }: { failure: Failure | null; limit: HubspotLimit | null; soon: boolean },
    ): Promise<void> {
      const now = clock()
      if (run.kind === 'webhook' && run.trigger === 'webhook' && failure === null)
        await partners.putOff(run, {
          nextAt: new Date(now.getTime() + intervalMs),
          mostMs: intervalMs * webhooksPutOff,
        })
      if (run.kind === 'webhook' || run.trigger === 'write_back') return
      const nextAt =
        failure === null
          ? new Date(Math.max(now.getTime(), (run.started_at ?? now).getTime() + intervalMs))
          : new Date(
              now.getTime() + (soon ? Math.min(intervalMs, retryAfterTroubleMs) : intervalMs),
            )
      await partners.setNext(run, { now, nextAt, failure, limit })
    },

    /**
     * Notes that HubSpot's data API does not answer, and when it is asked again. The first note of
     * an outage says since when it is.
     */
    async noteOutage(run: SyncRunDocument, nextTryAt: Date | null): Promise<void> {
      await partners.noteOutage(run, { now: clock(), nextTryAt })
    },

    /** Notes that HubSpot answers again. */
    async endOutage(run: SyncRunDocument): Promise<void> {
      await partners.endOutage(run)
    },
  }
}
export type DuePartners = ReturnType<typeof createDuePartners>

export interface SchedulerDeps {
  runs: Runs
  duePartners: DuePartners
  /** Partners whose webhook events wait for longer */
  waitingHints?(olderThan: Date): Promise<ObjectId[]>
  /** @param signal fires when the process stops */
  due(partner: DuePartner, signal: AbortSignal): Promise<void>
  abandoned(run: SyncRunDocument): Promise<void>
  hinted(partnerId: ObjectId): Promise<void>
  clock: Clock
  log: Log
  everyMs: number
}

/**
 * Whether everything should be compared: once a day, at night where the portal is, and by day when
 * a night was missed; at once when the account's time zone is another one, since days are read in
 * it.
 */
export function reconcileIsDue(
  cursor: SyncCursorDocument | null,
  account: HubspotIntegrationDocument['account'],
  now: Date,
): boolean {
  const last = cursor?.reconciled_at ?? cursor?.initial_done_at
  if (!cursor || !last) return false
  if ((cursor.zone ?? 'UTC') !== knownZone(account?.time_zone)) return true
  const age = now.getTime() - last.getTime()
  return age > 2 * dayMs || (age > dayMs * 0.75 && isNight(account?.time_zone ?? 'UTC', now))
}

function isNight(timeZone: string, now: Date): boolean {
  try {
    const hour = Number(
      new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', hourCycle: 'h23' }).format(now),
    )
    return hour >= 1 && hour < 5
  } catch {
    return isNight('UTC', now)
  }
}

/**
 * Looks every `everyMs` which partners are due, which runs lost their process and which webhook
 * events wait too long. Several processes may look at once; each finding goes to one of them.
 */
export function createScheduler({
  runs,
  duePartners,
  waitingHints,
  due,
  abandoned,
  hinted,
  clock,
  log,
  everyMs,
}: SchedulerDeps) {
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<void> = Promise.resolve()
  let stopped = true
  let hintsAt = 0
  let ending = new AbortController()
  const underWay = new Set<Promise<void>>()

  const warn = (error: unknown) =>
    log.warn(
      { event: 'schedule_trouble', ...errorFields(error) },
      'The schedule could not be looked at; the next look comes by itself',
    )

  /** Nobody waits for it: one partner's slow HubSpot holds up no other partner. */
  function begin(partner: DuePartner): void {
    const looked = due(partner, ending.signal)
      .catch(warn)
      .finally(() => underWay.delete(looked))
    underWay.add(looked)
  }

  async function look(): Promise<void> {
    for (const run of await runs.abandoned({ triggerMs, limit: 50 })) await abandoned(run)
    for (let i = 0; i < partnersPerLook && underWay.size < looksAtOnce && !stopped; i++) {
      const partner = await duePartners.claimDue()
      if (!partner) break
      begin(partner)
    }
    if (waitingHints && performance.now() - hintsAt >= hintsEveryMs) {
      hintsAt = performance.now()
      for (const partnerId of await waitingHints(new Date(clock().getTime() - hintMs)))
        await hinted(partnerId)
    }
  }

  function next(): void {
    if (stopped) return
    timer = setTimeout(() => {
      looking = look().catch(warn).finally(next)
    }, everyMs)
  }

  return {
    start(): void {
      if (!stopped) return
      stopped = false
      ending = new AbortController()
      next()
    },
    async stop(): Promise<void> {
      stopped = true
      clearTimeout(timer)
      await looking
      ending.abort()
      await Promise.all(underWay)
    },
  }
}
