import { Field, FieldCreate } from '#shared/contracts/fields'
import { userActor } from '../../../database/audit'
import { defineRoute } from '../../../http/define-route'

export default defineRoute(
  {
    role: 'admin',
    limit: { name: 'create_setting', perMinute: 120, of: 'partner' },
    body: FieldCreate,
    response: Field,
    status: 201,
  },
  async ({ services, signedIn, body }) => {
    return await services.mapping.ownFields.create(signedIn.partner.id, body, userActor(signedIn))
  },
)
