import { RemoveQuery } from '#shared/contracts/leads'
import { IdParams } from '#shared/contracts/primitives'
import { defineRoute } from '../../../http/define-route'

export default defineRoute(
  { role: 'member', params: IdParams, query: RemoveQuery, status: 204 },
  async ({ services, signedIn, params, query }) => {
    await services.operations.remove(signedIn.partner.id, 'lead', params.id, {
      inHubspot: query.inHubspot === 'true',
      by: signedIn.user,
    })
    return null
  },
)
