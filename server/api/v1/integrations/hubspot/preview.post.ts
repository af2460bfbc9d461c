import { Preview, PreviewBody } from '#shared/contracts/insight'
import { defineRoute } from '../../../../http/define-route'

export default defineRoute(
  {
    role: 'admin',
    limit: { name: 'preview', perMinute: 60, of: 'partner' },
    body: PreviewBody,
    bodyOptional: true,
    response: Preview,
  },
  async ({ services, signedIn }) => {
    return await services.preview(signedIn.partner.id)
  },
)
