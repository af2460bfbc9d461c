import type { ObjectId } from 'mongodb'
import type { Collections } from '../../database/collections'
import type { PartnerDocument } from '../../database/documents'

type NoticeWebhook = NonNullable<PartnerDocument['notice_webhook']>

/** Where a partner's notices are sent to beside e-mail, on the partner's document. */
export function createNoticeWebhookRepository({ partners }: Pick<Collections, 'partners'>) {
  return {
    async find(partnerId: ObjectId): Promise<NoticeWebhook | null> {
      const partner = await partners.findOne(
        { _id: partnerId },
        { projection: { notice_webhook: 1 } },
      )
      return partner?.notice_webhook ?? null
    },

    async set(partnerId: ObjectId, webhook: NoticeWebhook): Promise<void> {
      await partners.updateOne({ _id: partnerId }, { $set: { notice_webhook: webhook } })
    },

    /** @returns whether there was one */
    async remove(partnerId: ObjectId): Promise<boolean> {
      const { modifiedCount } = await partners.updateOne(
        { _id: partnerId, 'notice_webhook.set_at': { $exists: true } },
        { $unset: { notice_webhook: '' } },
      )
      return modifiedCount > 0
    },

    /** Notes what came of a delivery, unless another address was set meanwhile. */
    async noteDelivery(
      partnerId: ObjectId,
      setAt: Date,
      last: NonNullable<NoticeWebhook['last']>,
    ): Promise<void> {
      await partners.updateOne(
        { _id: partnerId, 'notice_webhook.set_at': setAt },
        { $set: { 'notice_webhook.last': last } },
      )
    },
  }
}
