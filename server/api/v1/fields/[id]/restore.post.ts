import { Field } from '#shared/contracts/fields'
import { IdParams } from '#shared/contracts/primitives'
import { userActor } from '../../../../database/audit'
import { defineRoute } from '../../../../http/define-route'

export default defineRoute(
  { role: 'admin', params: IdParams, response: Field },
  async ({ services, signedIn, params }) => {
    const actor = userActor(signedIn)
    return await services.mapping.ownFields.restore(signedIn.partner.id, params.id, actor)
  },
)
