import { LeadList } from '#shared/contracts/leads'
import { LeadsQuery } from '#shared/contracts/lists'
import { defineRoute } from '../../../http/define-route'

export default defineRoute(
  { role: 'member', scope: 'leads:read', query: LeadsQuery, response: LeadList },
  async ({ services, signedIn, query }) => {
    return await services.leads.list(signedIn.partner.id, query)
  },
)
