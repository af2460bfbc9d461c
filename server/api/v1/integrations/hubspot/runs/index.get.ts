import { RunList, RunsQuery } from '#shared/contracts/runs'
import { defineRoute } from '../../../../../http/define-route'

export default defineRoute(
  { role: 'member', query: RunsQuery, response: RunList },
  async ({ services, signedIn, query }) => {
    return await services.sync.list(signedIn.partner.id, query)
  },
)
