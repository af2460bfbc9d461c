import { Health } from '#shared/contracts/health'
import { defineRoute } from '../../../../http/define-route'

export default defineRoute(
  { role: 'member', limit: { name: 'health', perMinute: 60, of: 'partner' }, response: Health },
  async ({ services, signedIn }) => await services.partnerHealth.examine(signedIn.partner.id),
)
