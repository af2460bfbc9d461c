import { Explain, ExplainQuery } from '#shared/contracts/insight'
import { defineRoute } from '../../../../http/define-route'

export default defineRoute(
  {
    role: 'member',
    limit: { name: 'explain', perMinute: 300, of: 'person' },
    query: ExplainQuery,
    response: Explain,
  },
  async ({ services, signedIn, query }) => {
    return await services.explain(signedIn.partner.id, query.q)
  },
)
