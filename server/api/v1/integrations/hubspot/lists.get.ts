import { ContactLists } from '#shared/contracts/scope'
import { defineRoute } from '../../../../http/define-route'

export default defineRoute(
  {
    role: 'admin',
    limit: { name: 'ask_hubspot', perMinute: 300, of: 'partner' },
    response: ContactLists,
  },
  async ({ services, signedIn }) => await services.mapping.scope.lists(signedIn.partner.id),
)
