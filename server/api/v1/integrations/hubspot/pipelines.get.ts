import { Pipelines } from '#shared/contracts/mapping'
import { defineRoute } from '../../../../http/define-route'

export default defineRoute(
  { role: 'member', response: Pipelines },
  async ({ services, signedIn }) => {
    return { pipelines: await services.mapping.pipelines(signedIn.partner.id) }
  },
)
