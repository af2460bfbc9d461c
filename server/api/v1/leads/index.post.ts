import { Lead, LeadCreate } from '#shared/contracts/leads'
import { defineRoute } from '../../../http/define-route'

export default defineRoute(
  { role: 'member', scope: 'leads:write', body: LeadCreate, response: Lead, status: 201 },
  async ({ services, signedIn, body }) => {
    return await services.leads.create(signedIn.partner.id, body, signedIn.user)
  },
)
