import { RetryBody, RetryStarted } from '#shared/contracts/runs'
import { userActor } from '../../../../database/audit'
import { defineRoute } from '../../../../http/define-route'

export default defineRoute(
  { role: 'admin', body: RetryBody, response: RetryStarted, status: 202 },
  async ({ services, signedIn, body, correlationId }) => {
    return await services.sync.retry(signedIn.partner.id, body, {
      actor: userActor(signedIn),
      correlationId,
    })
  },
)
