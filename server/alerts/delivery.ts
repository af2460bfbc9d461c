import type { ObjectId } from 'mongodb'
import type { Accounts, NoticeRecipient } from '../accounts/index'
import type { Clock } from '../config/clock'
import type { NoticeDocument } from '../database/documents'
import { errorFields, type Log } from '../observability/log'
import { alertMail, digestMail } from './alert-mail'
import { nextDaily } from './daily'
import { alertRules, type AlertKind, type AlertRule } from './kinds'
import type { Mailer } from './mailer'
import type { Notices } from './due-notices-repository'
import type { NoticePeople } from './people-repository'
import { timingOf } from './preferences'
import type { NoticeWebhooks } from './webhook/index'

export interface DeliveryDeps {
  notices: Notices
  people: NoticePeople
  webhooks: Pick<NoticeWebhooks, 'deliver'>
  accounts: Pick<Accounts, 'noticeRecipients'>
  mailer: Mailer | null
  operatorAddress: string | null
  /** The time zone of a partner's HubSpot account, by its IANA name; UTC while it is not known */
  zoneOf(partnerId: ObjectId): Promise<string>
  /** Scheme and host of the app, for links */
  origin: string
  clock: Clock
  log: Log
}

/** E-mails, daily e-mails and deliveries of one look; what is left waits for the next. */
const mostPerLook = 50
/** Deliveries to partners' own addresses under way in one process */
const atOnce = 5

const ruleOf = (notice: NoticeDocument): AlertRule | undefined =>
  alertRules[notice.kind as AlertKind]
const idsOf = (bundle: readonly NoticeDocument[]) => bundle.map(({ _id }) => _id)

/** Sends what is due: e-mail by everybody's own choice, and to the partner's own address. */
export function createDelivery(deps: DeliveryDeps) {
  const { notices, people, webhooks, accounts, mailer, operatorAddress, origin, clock, log } = deps

  const itemOf = (notice: NoticeDocument) => ({
    id: notice._id,
    at: notice.created_at,
    message: notice.message,
    path: ruleOf(notice)?.path ?? '/settings/hubspot',
  })

  async function mail(to: readonly string[], bundle: readonly NoticeDocument[]): Promise<void> {
    const [first] = bundle
    const rule = first && ruleOf(first)
    if (!mailer || !first || !rule || to.length === 0) return
    const written =
      bundle.length === 1
        ? alertMail(first.message, rule, origin)
        : digestMail(bundle.map(itemOf), origin)
    if (!written) return
    await mailer.send({ to: [...to], ...written })
    await notices.noteEmailed(idsOf(bundle), to)
  }

  /** Who has not got a notice yet and wants it in this way */
  const wants = (notice: NoticeDocument, timing: 'now' | 'daily') => (person: NoticeRecipient) =>
    !notice.emailed_to?.includes(person.email) &&
    timingOf(person, notice.kind as AlertKind) === timing

  async function mailPartner(partnerId: ObjectId, bundle: NoticeDocument[]): Promise<void> {
    const [recipients, zone] = await Promise.all([
      accounts.noticeRecipients(partnerId),
      deps.zoneOf(partnerId),
    ])
    // People who get the same notices get the same e-mail.
    const groups = new Map<string, { to: string[]; of: NoticeDocument[] }>()
    for (const person of recipients) {
      const now = bundle.filter(notice => wants(notice, 'now')(person))
      const key = idsOf(now).join()
      const group = groups.get(key) ?? { to: [], of: now }
      group.to.push(person.email)
      groups.set(key, group)
    }
    for (const { to, of } of groups.values()) await mail(to, of)
    for (const person of recipients) {
      const daily = bundle.filter(notice => wants(notice, 'daily')(person))
      if (daily.length === 0) continue
      await people.addToDigest(person.id, daily.map(itemOf), nextDaily(clock(), zone))
      await notices.noteEmailed(idsOf(daily), [person.email])
    }
  }

  async function sendEmails(bundle: NoticeDocument[]): Promise<void> {
    const partnerId = bundle[0]?.partner_id ?? null
    if (partnerId) await mailPartner(partnerId, bundle)
    else await mail(operatorAddress ? [operatorAddress] : [], bundle)
    await notices.markEmailed(idsOf(bundle))
    const news = bundle.filter(notice => ruleOf(notice)?.isNews)
    if (news.length > 0) await notices.close(idsOf(news))
  }

  async function sendToWebhook(bundle: NoticeDocument[]): Promise<void> {
    const [first] = bundle
    if (!first?.partner_id) return
    const told = bundle.map(notice => ({
      kind: notice.kind,
      message: notice.message,
      url: `${origin}${itemOf(notice).path}`,
    }))
    const isTaken = await webhooks.deliver(first.partner_id, first._id.toHexString(), told)
    if (isTaken !== false) await notices.markDelivered(idsOf(bundle))
  }

  async function each(
    channel: 'email' | 'webhook',
    send: (bundle: NoticeDocument[]) => Promise<void>,
  ): Promise<void> {
    for (let sent = 0; sent < mostPerLook; sent++) {
      const bundle = await notices.claimDue(channel)
      const [first] = bundle
      if (!first) return
      const fields = { kind: first.kind, partnerId: first.partner_id?.toHexString() }
      try {
        await send(bundle)
        log.info({ event: 'alert_sent', ...fields }, 'An alert was sent')
      } catch (error) {
        log.error(
          {
            event: channel === 'email' ? 'alert_not_emailed' : 'alert_not_delivered',
            attempt: first.email_attempts,
            ...fields,
            ...errorFields(error),
          },
          'An alert could not be sent; it is tried again',
        )
      }
    }
  }

  async function sendDigests(): Promise<void> {
    for (let sent = 0; sent < mostPerLook; sent++) {
      const digest = await people.claimDigest(clock())
      if (!digest) return
      try {
        const solved = await notices.solvedOf(digest.items.map(({ id }) => id))
        const items = digest.items.filter(({ id }) => !solved.has(id.toHexString()))
        if (mailer && items.length > 0)
          await mailer.send({ to: [digest.email], ...digestMail(items, origin) })
        await people.clearDigest(digest)
      } catch (error) {
        log.error(
          { event: 'digest_not_emailed', ...errorFields(error) },
          'A daily e-mail could not be sent; it is tried again',
        )
      }
    }
  }

  return {
    async sendMails(): Promise<void> {
      if (!mailer) return
      await each('email', sendEmails)
      await sendDigests()
    },
    /** Several at a time: a host that does not answer holds up few others. */
    async sendToAddresses(): Promise<void> {
      await Promise.all(Array.from({ length: atOnce }, () => each('webhook', sendToWebhook)))
    },
  }
}
