import { ObjectId } from 'mongodb'
import { IdParams } from '#shared/contracts/primitives'
import { RunResultList, RunResultsQuery } from '#shared/contracts/runs'
import { defineRoute } from '../../../../../../http/define-route'

export default defineRoute(
  { role: 'member', params: IdParams, query: RunResultsQuery, response: RunResultList },
  async ({ services, signedIn, params, query }) => {
    return await services.sync.listResults(signedIn.partner.id, new ObjectId(params.id), query)
  },
)
