import { NoticeDelivery } from '#shared/contracts/notices'
import { defineRoute } from '../../../../http/define-route'

export default defineRoute(
  {
    role: 'admin',
    limit: { name: 'notice-test', perMinute: 6, of: 'partner' },
    response: NoticeDelivery,
  },
  async ({ services, signedIn }) =>
    await services.noticeWebhooks.test(signedIn.partner.id, services.configuration.origin),
)
