import { OperationResultList, OperationResultsQuery } from '#shared/contracts/operations'
import { IdParams } from '#shared/contracts/primitives'
import { defineRoute } from '../../../../http/define-route'

export default defineRoute(
  {
    role: 'member',
    scope: 'leads:write',
    params: IdParams,
    query: OperationResultsQuery,
    response: OperationResultList,
  },
  async ({ services, signedIn, params, query }) => {
    return await services.operations.results(signedIn.partner.id, params.id, query)
  },
)
