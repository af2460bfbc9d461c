import { IdParams } from '#shared/contracts/primitives'
import { defineRoute } from '../../../http/define-route'

export default defineRoute(
  { role: 'member', params: IdParams, status: 204 },
  async ({ services, signedIn, params }) => {
    await services.views.remove(signedIn, params.id)
    return null
  },
)
