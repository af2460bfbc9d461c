import { FieldMapping } from '#shared/contracts/mapping'
import { defineRoute } from '../../../../http/define-route'

export default defineRoute(
  { role: 'member', response: FieldMapping },
  async ({ services, signedIn }) => {
    return await services.mapping.fieldMapping(signedIn.partner.id)
  },
)
