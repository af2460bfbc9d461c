import { WebhookTest } from '#shared/contracts/health'
import { defineRoute } from '../../../../http/define-route'

export default defineRoute(
  {
    role: 'admin',
    limit: { name: 'webhook-test', perMinute: 6, of: 'partner' },
    response: WebhookTest,
  },
  async ({ services }) => await services.webhooks.probe(),
)
