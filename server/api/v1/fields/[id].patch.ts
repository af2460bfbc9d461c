import { Field, FieldPatch } from '#shared/contracts/fields'
import { IdParams } from '#shared/contracts/primitives'
import { userActor } from '../../../database/audit'
import { defineRoute } from '../../../http/define-route'

export default defineRoute(
  { role: 'admin', params: IdParams, body: FieldPatch, response: Field },
  async ({ services, signedIn, params, body }) => {
    const actor = userActor(signedIn)
    return await services.mapping.ownFields.patch(signedIn.partner.id, params.id, body, actor)
  },
)
