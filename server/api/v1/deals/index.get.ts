import { DealList } from '#shared/contracts/leads'
import { DealsQuery } from '#shared/contracts/lists'
import { defineRoute } from '../../../http/define-route'

export default defineRoute(
  { role: 'member', scope: 'leads:read', query: DealsQuery, response: DealList },
  async ({ services, signedIn, query }) => {
    return await services.deals.list(signedIn.partner.id, query)
  },
)
