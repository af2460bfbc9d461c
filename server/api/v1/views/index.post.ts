import { SavedView, SavedViewBody } from '#shared/contracts/views'
import { defineRoute } from '../../../http/define-route'

export default defineRoute(
  {
    role: 'member',
    limit: { name: 'create_setting', perMinute: 120, of: 'person' },
    body: SavedViewBody,
    response: SavedView,
    status: 201,
  },
  async ({ services, signedIn, body }) => await services.views.create(signedIn, body),
)
