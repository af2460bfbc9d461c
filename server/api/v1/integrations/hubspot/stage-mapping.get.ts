import { StageMapping } from '#shared/contracts/mapping'
import { defineRoute } from '../../../../http/define-route'

export default defineRoute(
  { role: 'member', response: StageMapping },
  async ({ services, signedIn }) => {
    return await services.mapping.stageMapping(signedIn.partner.id)
  },
)
