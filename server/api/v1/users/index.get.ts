import { UserList, UsersQuery } from '#shared/contracts/people'
import { defineRoute } from '../../../http/define-route'

export default defineRoute(
  { role: 'admin', query: UsersQuery, response: UserList },
  async ({ services, signedIn, query }) => {
    return await services.people.list(signedIn.partner.id, query)
  },
)
