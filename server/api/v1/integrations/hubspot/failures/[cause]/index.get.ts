import { FailingRecords, FailureCauseParams } from '#shared/contracts/failures'
import { defineRoute } from '../../../../../../http/define-route'

export default defineRoute(
  { role: 'member', params: FailureCauseParams, response: FailingRecords },
  async ({ services, signedIn, params }) =>
    await services.sync.failures.records(signedIn.partner.id, params.cause),
)
