import { Operation } from '#shared/contracts/operations'
import { IdParams } from '#shared/contracts/primitives'
import { defineRoute } from '../../../http/define-route'

export default defineRoute(
  { role: 'member', scope: 'leads:write', params: IdParams, response: Operation },
  async ({ services, signedIn, params }) => {
    return await services.operations.get(signedIn.partner.id, params.id)
  },
)
