import { StageMapping, StageMappingPut } from '#shared/contracts/mapping'
import { userActor } from '../../../../database/audit'
import { defineRoute } from '../../../../http/define-route'

export default defineRoute(
  { role: 'admin', body: StageMappingPut, response: StageMapping },
  async ({ services, signedIn, body }) => {
    return await services.mapping.putStageMapping(
      signedIn.partner.id,
      body.mapping,
      userActor(signedIn),
    )
  },
)
