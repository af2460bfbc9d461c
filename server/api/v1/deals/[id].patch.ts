import { Deal, DealPatch } from '#shared/contracts/leads'
import { IdParams } from '#shared/contracts/primitives'
import { defineRoute } from '../../../http/define-route'

export default defineRoute(
  { role: 'member', scope: 'leads:write', params: IdParams, body: DealPatch, response: Deal },
  async ({ services, signedIn, params, body }) => {
    return await services.deals.patch(signedIn.partner.id, params.id, body, signedIn.user)
  },
)
