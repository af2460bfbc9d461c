import { Deal, DealCreate } from '#shared/contracts/leads'
import { defineRoute } from '../../../http/define-route'

export default defineRoute(
  { role: 'member', scope: 'leads:write', body: DealCreate, response: Deal, status: 201 },
  async ({ services, signedIn, body }) => {
    return await services.deals.create(signedIn.partner.id, body, signedIn.user)
  },
)
