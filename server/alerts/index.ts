import { ObjectId } from 'mongodb'
import { noticeKinds, type Notice } from '#shared/contracts/notices'
import type { Accounts } from '../accounts/index'
import type { Clock } from '../config/clock'
import type { AuditEntry, AuditLog } from '../database/audit'
import type { Collections } from '../database/collections'
import type { NoticeDocument } from '../database/documents'
import { errorFields, type Log } from '../observability/log'
import type { Metrics } from '../observability/metrics'
import { alertMail } from './alert-mail'
import { createConditions, watchedKinds } from './conditions'
import { alertRules, type AlertKind, type OperatorAlertKind } from './kinds'
import type { Mailer } from './mailer'
import { createNotices } from './notices-repository'
import { newsOf } from './security-news'

export interface AlertsDeps {
  collections: Collections
  clock: Clock
  log: Log
  metrics: Metrics
  accounts: Pick<Accounts, 'adminEmails'>
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
/** E-mails of one look; what is left waits for the next. */
const emailsPerLook = 50

/**
 * Tells people: notices on the page, e-mail to the partner's admins or to the operator, each once
 * until it is well again.
 */
export function createAlerts(deps: AlertsDeps) {
  const { clock, log, metrics, accounts, mailer, operatorAddress, origin } = deps
  const notices = createNotices(deps)
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

  async function sendOne(notice: NoticeDocument): Promise<void> {
    const rule = alertRules[notice.kind as AlertKind]
    const to = notice.partner_id
      ? await accounts.adminEmails(notice.partner_id)
      : operatorAddress
        ? [operatorAddress]
        : []
    const mail = rule ? alertMail(notice.message, rule, origin) : null
    if (mailer && mail && to.length > 0) await mailer.send({ to, ...mail })
    await notices.markEmailed(notice._id)
    if (rule?.isNews) await notices.resolve(notice.partner_id, notice.key)
  }

  async function sendDueEmails(): Promise<void> {
    if (!mailer) return
    for (let sent = 0; sent < emailsPerLook; sent++) {
      const notice = await notices.claimDueEmail()
      if (!notice) return
      try {
        await sendOne(notice)
        log.info(
          {
            event: 'alert_emailed',
            kind: notice.kind,
            partnerId: notice.partner_id?.toHexString(),
          },
          'An alert was sent by e-mail',
        )
      } catch (error) {
        log.error(
          {
            event: 'alert_not_emailed',
            kind: notice.kind,
            attempt: notice.email_attempts,
            ...errorFields(error),
          },
          'An alert could not be sent by e-mail; it is tried again',
        )
      }
    }
  }

  async function open(alert: Alert): Promise<boolean> {
    const { kind, message } = alert
    const isNew = await notices.open({
      ...placeOf(alert),
      kind,
      message,
      email: alertRules[kind].subject !== null,
    })
    // What others report was counted and logged by them.
    if (isNew && watchedKinds.some(watched => watched === kind)) {
      metrics.alerts.inc({ kind })
      log.warn({ event: 'alert', kind, partnerId: alert.partnerId?.toHexString() }, message)
    }
    return isNew
  }

  /**
   * E-mails leave one after the other, and nobody waits for an SMTP server who has something else
   * to do.
   */
  let sending = Promise.resolve()
  function sendSoon(): Promise<void> {
    sending = sending
      .then(sendDueEmails)
      .catch((error: unknown) =>
        log.error(
          { event: 'alerts_not_sent', ...errorFields(error) },
          'Alerts could not be sent; they are tried again',
        ),
      )
    return sending
  }

  /** By e-mail alone: without a mail server nothing is stored. */
  async function tellNews(entry: AuditEntry): Promise<void> {
    const news = mailer && entry.partnerId ? newsOf(entry) : null
    if (news === null) return
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
      await sending
      mailer?.close()
    },
  }
}
export type Alerts = ReturnType<typeof createAlerts>
