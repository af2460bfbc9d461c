import { DealsBulk, OperationStarted } from '#shared/contracts/operations'
import { defineRoute } from '../../../http/define-route'

export default defineRoute(
  { role: 'member', body: DealsBulk, response: OperationStarted, status: 202 },
  async ({ services, signedIn, body }) => {
    return await services.operations.bulkEdit(signedIn.partner.id, 'deal', body, signedIn.user)
  },
)
