import { Properties, PropertiesParams } from '#shared/contracts/mapping'
import { defineRoute } from '../../../../../http/define-route'

export default defineRoute(
  { role: 'member', params: PropertiesParams, response: Properties },
  async ({ services, signedIn, params }) => {
    return { properties: await services.mapping.properties(signedIn.partner.id, params.object) }
  },
)
