import { HistoryList } from '#shared/contracts/leads'
import { ListQuery } from '#shared/contracts/paging'
import { IdParams } from '#shared/contracts/primitives'
import { defineRoute } from '../../../../http/define-route'

export default defineRoute(
  {
    role: 'member',
    scope: 'leads:read',
    params: IdParams,
    query: ListQuery,
    response: HistoryList,
  },
  async ({ services, signedIn, params, query }) => {
    return await services.history(signedIn.partner.id, 'lead', params.id, query)
  },
)
