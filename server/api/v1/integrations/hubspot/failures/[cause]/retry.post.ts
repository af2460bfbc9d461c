import { FailureCauseParams, FailuresRetried } from '#shared/contracts/failures'
import { userActor } from '../../../../../../database/audit'
import { defineRoute } from '../../../../../../http/define-route'

export default defineRoute(
  { role: 'admin', params: FailureCauseParams, response: FailuresRetried, status: 202 },
  async ({ services, signedIn, params, correlationId }) =>
    await services.sync.failures.retry(signedIn.partner.id, params.cause, {
      actor: userActor(signedIn),
      correlationId,
    }),
)
