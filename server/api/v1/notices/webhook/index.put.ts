import { NoticeWebhookBody, NoticeWebhookSet } from '#shared/contracts/notices'
import { userActor } from '../../../../database/audit'
import { defineRoute } from '../../../../http/define-route'

export default defineRoute(
  { role: 'admin', stepUp: true, body: NoticeWebhookBody, response: NoticeWebhookSet },
  async ({ services, signedIn, body }) =>
    await services.noticeWebhooks.set(signedIn, body, userActor(signedIn)),
)
