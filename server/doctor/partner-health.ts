import type { ObjectId } from 'mongodb'
import type { Failures } from '#shared/contracts/failures'
import type { Health, HealthAnswer } from '#shared/contracts/health'
import type { DoctorCheck } from '#shared/contracts/insight'
import { texts } from '#shared/texts/en'
import { connectedPortalOf } from '../database/connected-portal'
import type { Collections } from '../database/collections'
import type { EventStore } from '../sync/webhooks/repository'

export interface PartnerHealthDeps {
  collections: Pick<Collections, 'partners'>
  /** The checks of this partner's own connection */
  examineConnection(partnerId: ObjectId): Promise<DoctorCheck[]>
  failures: { list(partnerId: ObjectId): Promise<Failures> }
  events: Pick<EventStore, 'latest' | 'countPending'>
}

const words = texts.health.answers
/** Waiting events are counted up to here */
const countedUpTo = 10_000
const severity = ['fail', 'warn', 'pass', 'skipped'] as const

/** The most serious of several checks, as one answer. */
function answerOf(
  id: HealthAnswer['id'],
  checks: readonly DoctorCheck[],
  path: string,
): HealthAnswer {
  const worst = severity.flatMap(status => checks.filter(check => check.status === status))[0]
  if (!worst) return { id, status: 'skipped', message: words.notConnected, fix: null, path }
  const { status, message, fix } = worst
  return { id, status, message, fix, path: fix === null ? null : path }
}

/** What a partner wants to know of the connection, and nothing of the installation. */
export function createPartnerHealth(deps: PartnerHealthDeps) {
  async function records(partnerId: ObjectId): Promise<HealthAnswer> {
    const { groups } = await deps.failures.list(partnerId)
    const count = groups.reduce((sum, group) => sum + group.count, 0)
    const [first] = groups
    if (!first)
      return { id: 'records', status: 'pass', message: words.noneFailed, fix: null, path: null }
    return {
      id: 'records',
      status: first.who === 'hubspot' ? 'warn' : 'fail',
      message: words.failed(count, texts.failurePage.cause[first.cause], first.count),
      fix: first.fix,
      path: '/settings/hubspot/failures',
    }
  }

  return {
    async examine(partnerId: ObjectId): Promise<Health> {
      const partner = await deps.collections.partners.findOne(
        { _id: partnerId },
        { projection: { hubspot_integration: 1 } },
      )
      const portalId = connectedPortalOf(partner?.hubspot_integration ?? null)
      const [checks, failed, lastEventAt, waiting] = await Promise.all([
        deps.examineConnection(partnerId),
        records(partnerId),
        portalId === null ? null : deps.events.latest(portalId),
        portalId === null ? 0 : deps.events.countPending(portalId, countedUpTo),
      ])
      const of = (...ids: string[]) => checks.filter(check => ids.includes(check.id))
      return {
        answers: [
          answerOf('hubspot', of('portal', 'connection'), '/settings/hubspot'),
          answerOf('permissions', of('scopes'), '/settings/hubspot'),
          {
            id: 'notifications',
            status: portalId === null || lastEventAt === null ? 'skipped' : 'pass',
            message:
              portalId === null
                ? words.notConnected
                : lastEventAt === null
                  ? words.noNotification
                  : words.notified,
            fix: null,
            path: null,
          },
          failed,
        ],
        notifications: { lastEventAt: lastEventAt?.toISOString() ?? null, waiting },
      }
    },
  }
}
