import { ObjectId } from 'mongodb'
import {
  noticeKinds,
  type Notice,
  type NoticePreferencesAnswer,
  type NoticePreferencesBody,
} from '#shared/contracts/notices'
import type { Accounts } from '../accounts/index'
import type { SignedIn } from '../accounts/sessions'
import type { Clock } from '../config/clock'
import type { AuditEntry, AuditLog } from '../database/audit'
import type { Collections } from '../database/collections'
import { accountZone } from '../mapping/portal'
import { errorFields, type Log } from '../observability/log'
import type { Metrics } from '../observability/metrics'
import { createConditions, watchedKinds } from './conditions'
import { createDelivery } from './delivery'
import { alertRules, type AlertKind, type OperatorAlertKind } from './kinds'
import type { Mailer } from './mailer'
import { createNotices } from './due-notices-repository'
import { createNoticePeople } from './people-repository'
import { preferencesOf } from './preferences'
import { newsOf } from './security-news'
import type { NoticeWebhooks } from './webhook/index'

export interface AlertsDeps {
  collections: Collections
  clock: Clock
  log: Log
  metrics: Metrics
  accounts: Pick<Accounts, 'noticeRecipients'>
  webhooks: Pick<NoticeWebhooks, 'isSet' | 'deliver'>
  /** Whose lines admins are told of by e-mail */
  audit?: Pick<AuditLog, 'onRecorded'>
  /** `null`: alerts show in the app, the log and the metrics only */
  mailer: Mailer | null
  /** Where the operator's alerts go */
  operatorAddress: string | null
  /** Scheme and host of the app, for links */
  origin: string
  syncIntervalSeconds: number
}

export interface Alert {
  /** The partner concerned, `null` when the whole installation is */
  partnerId: ObjectId | null
  kind: AlertKind
  /** Tells apart what the same partner may have several of; the kind unless told */
  key?: string
  /** For people: what happened and what to do. No secret, no personal data. */
  message: string
}

/**
 * Nothing more was heard of it for this long: the operator's alert has settled. Reporters repeat
 * every 15 minutes while trouble lasts.
 */
const operatorQuietMs = 60 * 60 * 1000
const operatorKinds = (Object.keys(alertRules) as AlertKind[]).filter(
  (kind): kind is OperatorAlertKind => alertRules[kind].audience === 'operator',
)
/** How long a partner is reminded of what HubSpot could not be told at a disconnect. */
const reminderMs = 7 * 24 * 60 * 60 * 1000
const newsKinds = (Object.keys(alertRules) as AlertKind[]).filter(kind => alertRules[kind].isNews)
/** News whose e-mail could not be sent for this long are given up. */
const newsForgottenMs = 24 * 60 * 60 * 1000

/**
 * Tells people: notices on the page, e-mail to the partner's admins or to the operator, each once
 * until it is well again.
 */
export function createAlerts(deps: AlertsDeps) {
  const { clock, log, metrics, mailer, webhooks } = deps
  const notices = createNotices(deps)
  const people = createNoticePeople(deps.collections)
  const zoneOf = (partnerId: ObjectId) => accountZone(deps.collections, partnerId)
  const { sendMails, sendToAddresses } = createDelivery({ ...deps, notices, people, zoneOf })
  const conditions = createConditions(deps)

  /**
   * Operator's notices belong to no partner: what a thousand partners meet at once is told once.
   */
  function placeOf({ partnerId, kind, key = kind }: Pick<Alert, 'partnerId' | 'kind' | 'key'>): {
    partnerId: ObjectId | null
    key: string
  } {
    return { partnerId: alertRules[kind].audience === 'partner' ? partnerId : null, key }
  }

  async function open(alert: Alert): Promise<boolean> {
    const { kind, message } = alert
    const place = placeOf(alert)
    // Most that is raised is open already: for how it is told nobody asks then.
    if (await notices.hold({ ...place, message })) return false
    const { partnerId } = place
    const isTold = alertRules[kind].subject !== null
    const isNew = await notices.open({
      ...place,
      kind,
      message,
      email: isTold && (mailer !== null || !alertRules[kind].isNews),
      webhook: isTold && partnerId !== null && (await webhooks.isSet(partnerId)),
    })
    // What others report was counted and logged by them.
    if (isNew && watchedKinds.some(watched => watched === kind)) {
      metrics.alerts.inc({ kind })
      log.warn({ event: 'alert', kind, partnerId: alert.partnerId?.toHexString() }, message)
    }
    return isNew
  }

  /** What is asked for while it is under way is done once more afterwards, one after the other. */
  function inTurn(work: () => Promise<void>) {
    let turn = Promise.resolve()
    return (isNew = true): Promise<void> => {
      if (isNew)
        turn = turn
          .then(work)
          .catch((error: unknown) =>
            log.error(
              { event: 'alerts_not_sent', ...errorFields(error) },
              'Alerts could not be sent; they are tried again',
            ),
          )
      return turn
    }
  }
  const mailSoon = inTurn(sendMails)
  const deliverSoon = inTurn(sendToAddresses)
  /**
   * Nobody waits for an SMTP server who has something else to do, and nobody at all for the host of
   * a partner.
   */
  function sendSoon(): Promise<void> {
    void deliverSoon()
    return mailSoon()
  }

  /** Where neither a mail server nor an address of the partner's is set nothing is stored. */
  async function tellNews(entry: AuditEntry): Promise<void> {
    const news = entry.partnerId ? newsOf(entry) : null
    if (news === null || !entry.partnerId) return
    if (!mailer && !(await webhooks.isSet(entry.partnerId))) return
    const key = `${news.kind}:${new ObjectId().toHexString()}`
    if (await open({ partnerId: entry.partnerId, key, ...news })) void sendSoon()
  }
  deps.audit?.onRecorded(entry => {
    tellNews(entry).catch((error: unknown) =>
      log.error({ event: 'news_not_told', ...errorFields(error) }, 'Admins could not be told'),
    )
  })

  return {
    /**
     * Raises a notice; does nothing while one is open. E-mail leaves in the background where an SMTP
     * server is configured.
     */
    async raise(alert: Alert): Promise<void> {
      if (await open(alert)) void sendSoon()
    },

    /** It is well again. */
    async resolve(subject: Pick<Alert, 'partnerId' | 'kind' | 'key'>): Promise<void> {
      const { partnerId, key } = placeOf(subject)
      await notices.resolve(partnerId, key)
    },

    /** Open notices of one partner, newest first. */
    async list(partnerId: ObjectId): Promise<Notice[]> {
      const known: readonly string[] = noticeKinds
      return (await notices.list(partnerId))
        .filter(notice => known.includes(notice.kind))
        .map(notice => ({
          id: notice._id.toHexString(),
          kind: notice.kind as Notice['kind'],
          message: notice.message,
          path: alertRules[notice.kind as Notice['kind']].path,
          createdAt: notice.created_at.toISOString(),
        }))
    },

    /** How somebody hears of notices by e-mail. */
    async preferences({
      user,
      partner,
    }: Pick<SignedIn, 'user' | 'partner'>): Promise<NoticePreferencesAnswer> {
      const [preferences, timeZone] = await Promise.all([people.find(user.id), zoneOf(partner.id)])
      const kinds = preferencesOf({ role: user.role, preferences })
      return { kinds, email: user.email, canMail: mailer !== null, timeZone }
    },

    async choose({ user }: Pick<SignedIn, 'user'>, { kinds }: NoticePreferencesBody) {
      await people.choose(user.id, kinds)
    },

    /**
     * Looks over all partners, opens and resolves notices, sends what is due. Called about once a
     * minute; harmless from several processes.
     */
    async check(): Promise<void> {
      const present = await conditions.look()
      for (const condition of present) await open(condition)
      const holds = new Set(
        present.map(({ partnerId, kind }) => `${partnerId.toHexString()}:${kind}`),
      )
      for (const notice of await notices.openOf(watchedKinds)) {
        if (notice.partner_id && !holds.has(`${notice.partner_id.toHexString()}:${notice.key}`))
          await notices.resolve(notice.partner_id, notice.key)
      }
      const settledBefore = new Date(clock().getTime() - operatorQuietMs)
      for (const notice of await notices.openOf(operatorKinds)) {
        if (notice.raised_at < settledBefore) await notices.resolve(null, notice.key)
      }
      const oldNews = new Date(clock().getTime() - newsForgottenMs)
      for (const notice of await notices.openOf(newsKinds)) {
        if (notice.raised_at < oldNews) await notices.resolve(notice.partner_id, notice.key)
      }
      const forgottenBefore = new Date(clock().getTime() - reminderMs)
      for (const notice of await notices.openOf(['remote_cleanup_failed'])) {
        if (notice.raised_at < forgottenBefore) await notices.resolve(notice.partner_id, notice.key)
      }
      await sendSoon()
    },

    /** Ends what is being sent and closes the connection. */
    async stop() {
      await Promise.all([mailSoon(false), deliverSoon(false)])
      mailer?.close()
    },
  }
}
export type Alerts = ReturnType<typeof createAlerts>
