import { NoticePreferencesAnswer, NoticePreferencesBody } from '#shared/contracts/notices'
import { defineRoute } from '../../../http/define-route'

export default defineRoute(
  { role: 'member', body: NoticePreferencesBody, response: NoticePreferencesAnswer },
  async ({ services, signedIn, body }) => {
    await services.alerts.choose(signedIn, body)
    return await services.alerts.preferences(signedIn)
  },
)
