import { FieldList } from '#shared/contracts/fields'
import { NoQuery } from '#shared/contracts/primitives'
import { defineRoute } from '../../../http/define-route'

export default defineRoute(
  { role: 'member', query: NoQuery, response: FieldList },
  async ({ services, signedIn }) => {
    return await services.mapping.ownFields.list(signedIn.partner.id)
  },
)
