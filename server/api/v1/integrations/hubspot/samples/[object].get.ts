import { PropertiesParams, Samples, SamplesQuery } from '#shared/contracts/mapping'
import { defineRoute } from '../../../../../http/define-route'

export default defineRoute(
  {
    role: 'admin',
    limit: { name: 'ask_hubspot', perMinute: 300, of: 'partner' },
    params: PropertiesParams,
    query: SamplesQuery,
    response: Samples,
  },
  async ({ services, signedIn, params, query }) => {
    return {
      samples: await services.mapping.samples(signedIn.partner.id, params.object, query.properties),
    }
  },
)
