import { NoticeList } from '#shared/contracts/notices'
import { defineRoute } from '../../../http/define-route'

export default defineRoute(
  { role: 'member', response: NoticeList },
  async ({ services, signedIn }) => ({
    items: await services.alerts.list(signedIn.partner.id),
  }),
)
