import { randomBytes, randomUUID } from 'node:crypto'
import type { ObjectId } from 'mongodb'
import type {
  NoticeDelivery,
  NoticeWebhook,
  NoticeWebhookBody,
  NoticeWebhookSet,
} from '#shared/contracts/notices'
import type { SignedIn } from '../../accounts/sessions'
import type { Clock } from '../../config/clock'
import { sealedPlace } from '../../connection/sealed-fields'
import type { Actor, AuditLog } from '../../database/audit'
import type { Collections } from '../../database/collections'
import type { PartnerDocument } from '../../database/documents'
import type { Cipher } from '../../database/encryption'
import { NotFound, ValidationFailed } from '../../errors'
import { messageBody } from './message'
import { createNoticeWebhookRepository } from './repository'
import type { Outcome, PostSigned } from './signed-post'

/** How every secret begins; what scanners of leaked secrets look for */
const secretMark = 'pcw_'

export interface NoticeWebhooksDeps {
  collections: Pick<Collections, 'partners'>
  cipher: Pick<Cipher, 'seal' | 'open'>
  clock: Clock
  audit: Pick<AuditLog, 'record'>
  post: PostSigned
  /** `true`: private addresses and http as well (development) */
  anywhere: boolean
}

/** One thing to tell, and the page where to go on */
export interface Told {
  kind: string
  message: string
  url: string
}

type Stored = NonNullable<PartnerDocument['notice_webhook']>

/** An address of the partner's own that notices are sent to, signed with a secret only both know. */
export function createNoticeWebhooks(deps: NoticeWebhooksDeps) {
  const { cipher, clock, audit, post, anywhere } = deps
  const stored = createNoticeWebhookRepository(deps.collections)

  async function send(
    partnerId: ObjectId,
    webhook: Stored,
    { id, event, body }: { id: string; event: string; body: string },
  ): Promise<NoticeDelivery> {
    const now = clock()
    let outcome: Outcome
    try {
      const url = cipher.open(webhook.url, sealedPlace(partnerId, 'notice_webhook.url'))
      const secret = cipher.open(webhook.secret, sealedPlace(partnerId, 'notice_webhook.secret'))
      outcome = await post({ url, secret, body, id, event, now })
    } catch {
      outcome = { ok: false, status: null, problem: 'unreadable' }
    }
    await stored.noteDelivery(partnerId, webhook.set_at, { at: now, ...outcome })
    return { at: now.toISOString(), ...outcome }
  }

  return {
    isSet: async (partnerId: ObjectId): Promise<boolean> => (await stored.find(partnerId)) !== null,

    async show(partnerId: ObjectId): Promise<NoticeWebhook> {
      return present(await stored.find(partnerId))
    },

    /**
     * Sets the address, in place of the one before, and makes a new secret for it.
     * @throws {ValidationFailed} no https address of a host on the internet
     */
    async set(
      { partner, user }: SignedIn,
      { url }: NoticeWebhookBody,
      actor: Actor,
    ): Promise<NoticeWebhookSet> {
      const target = new URL(url)
      const problem = problemOf(target, anywhere)
      if (problem) throw new ValidationFailed([{ path: 'url', message: problem }])
      const secret = `${secretMark}${randomBytes(32).toString('base64url')}`
      const webhook: Stored = {
        url: cipher.seal(target.href, sealedPlace(partner.id, 'notice_webhook.url')),
        secret: cipher.seal(secret, sealedPlace(partner.id, 'notice_webhook.secret')),
        shown: shownOf(target),
        set_at: clock(),
        set_by: { user_id: user.id, email: user.email },
        last: null,
      }
      await stored.set(partner.id, webhook)
      await audit.record({
        partnerId: partner.id,
        actor,
        action: 'notice_webhook.set',
        details: { host: target.hostname },
      })
      return { ...present(webhook), secret }
    },

    /** @throws {NotFound} there is none */
    async remove(partnerId: ObjectId, actor: Actor): Promise<void> {
      if (!(await stored.remove(partnerId))) throw new NotFound('A webhook for notices')
      await audit.record({ partnerId, actor, action: 'notice_webhook.removed' })
    },

    /** Sends a test at once. @throws {NotFound} there is no address */
    async test(partnerId: ObjectId, origin: string): Promise<NoticeDelivery> {
      const webhook = await stored.find(partnerId)
      if (!webhook) throw new NotFound('A webhook for notices')
      const message =
        'This is a test of Partner Connector. Notices about HubSpot will look like it.'
      return await send(partnerId, webhook, {
        id: randomUUID(),
        event: 'test',
        body: messageBody([{ message, url: `${origin}/settings/notices` }]),
      })
    },

    /**
     * Tells several things in one delivery.
     * @param id the same at each try
     * @returns whether it was taken; `null` when there is no address any more
     */
    async deliver(partnerId: ObjectId, id: string, told: readonly Told[]): Promise<boolean | null> {
      const webhook = await stored.find(partnerId)
      if (!webhook) return null
      const event = [...new Set(told.map(({ kind }) => kind))].join(',')
      return (await send(partnerId, webhook, { id, event, body: messageBody(told) })).ok
    },
  }
}
export type NoticeWebhooks = ReturnType<typeof createNoticeWebhooks>

function problemOf({ protocol, username, password }: URL, anywhere: boolean): string | null {
  if (username !== '' || password !== '') return 'must not contain a name or a password'
  if (protocol !== 'https:' && !(anywhere && protocol === 'http:'))
    return 'must begin with https://'
  return null
}

/** Such an address is a secret in itself at Slack: people see its host and how it ends. */
function shownOf({ hostname, pathname, search }: URL): string {
  const rest = `${pathname}${search}`
  return rest.length > 12 ? `${hostname}/…${rest.slice(-4)}` : hostname
}

function present(webhook: Stored | null): NoticeWebhook {
  return {
    address: webhook?.shown ?? null,
    setAt: webhook?.set_at.toISOString() ?? null,
    setBy: webhook?.set_by.email ?? null,
    last: webhook?.last ? { ...webhook.last, at: webhook.last.at.toISOString() } : null,
  }
}
