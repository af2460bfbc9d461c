import { NoticeWebhook } from '#shared/contracts/notices'
import { defineRoute } from '../../../../http/define-route'

export default defineRoute(
  { role: 'admin', response: NoticeWebhook },
  async ({ services, signedIn }) => await services.noticeWebhooks.show(signedIn.partner.id),
)
