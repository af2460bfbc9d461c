import { FieldDeleteQuery, FieldLoss } from '#shared/contracts/fields'
import { IdParams } from '#shared/contracts/primitives'
import { userActor } from '../../../database/audit'
import { defineRoute } from '../../../http/define-route'

export default defineRoute(
  { role: 'admin', params: IdParams, query: FieldDeleteQuery, response: FieldLoss },
  async ({ services, signedIn, params, query }) => {
    return await services.mapping.ownFields.remove(
      signedIn.partner.id,
      params.id,
      { dryRun: query.dryRun === 'true' },
      userActor(signedIn),
    )
  },
)
