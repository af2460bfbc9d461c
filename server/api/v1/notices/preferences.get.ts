import { NoticePreferencesAnswer } from '#shared/contracts/notices'
import { defineRoute } from '../../../http/define-route'

export default defineRoute(
  { role: 'member', response: NoticePreferencesAnswer },
  async ({ services, signedIn }) => await services.alerts.preferences(signedIn),
)
