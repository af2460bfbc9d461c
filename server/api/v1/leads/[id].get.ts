import { Lead } from '#shared/contracts/leads'
import { IdParams } from '#shared/contracts/primitives'
import { defineRoute } from '../../../http/define-route'

export default defineRoute(
  { role: 'member', scope: 'leads:read', params: IdParams, response: Lead },
  async ({ services, signedIn, params }) => {
    return await services.leads.get(signedIn.partner.id, params.id)
  },
)
