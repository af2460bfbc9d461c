import { SavedViewList, SavedViewsQuery } from '#shared/contracts/views'
import { defineRoute } from '../../../http/define-route'

export default defineRoute(
  { role: 'member', query: SavedViewsQuery, response: SavedViewList },
  async ({ services, signedIn, query }) => await services.views.list(signedIn, query),
)
