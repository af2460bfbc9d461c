import { DealsBulk, OperationStarted } from '#shared/contracts/operations'
import { defineRoute } from '../../../http/define-route'

export default defineRoute(
  {
    role: 'member',
    limit: { name: 'operation', perMinute: 120, of: 'person' },
    scope: 'leads:write',
    body: DealsBulk,
    response: OperationStarted,
    status: 202,
  },
  async ({ services, signedIn, body }) => {
    return await services.operations.bulkEdit(signedIn.partner.id, 'deal', body, signedIn.user)
  },
)
