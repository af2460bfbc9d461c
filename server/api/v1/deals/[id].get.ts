import { Deal } from '#shared/contracts/leads'
import { IdParams } from '#shared/contracts/primitives'
import { defineRoute } from '../../../http/define-route'

export default defineRoute(
  { role: 'member', scope: 'leads:read', params: IdParams, response: Deal },
  async ({ services, signedIn, params }) => {
    return await services.deals.get(signedIn.partner.id, params.id)
  },
)
