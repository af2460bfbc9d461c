import { userActor } from '../../../../database/audit'
import { defineRoute } from '../../../../http/define-route'

export default defineRoute({ role: 'admin', status: 204 }, async ({ services, signedIn }) => {
  await services.noticeWebhooks.remove(signedIn.partner.id, userActor(signedIn))
  return null
})
