import { FieldMapping, FieldMappingPut } from '#shared/contracts/mapping'
import { userActor } from '../../../../database/audit'
import { defineRoute } from '../../../../http/define-route'

export default defineRoute(
  { role: 'admin', body: FieldMappingPut, response: FieldMapping },
  async ({ services, signedIn, body }) => {
    return await services.mapping.putFieldMapping(
      signedIn.partner.id,
      body.fields,
      userActor(signedIn),
    )
  },
)
