import { MappingRestored } from '#shared/contracts/mapping-versions'
import { IdParams } from '#shared/contracts/primitives'
import { userActor } from '../../../../../../database/audit'
import { defineRoute } from '../../../../../../http/define-route'
import { restoreVersion } from '../../../../../../mapping/restore-version'

export default defineRoute(
  { role: 'admin', params: IdParams, response: MappingRestored },
  async ({ services: { mapping }, signedIn, params }) => {
    return await restoreVersion(mapping, signedIn.partner.id, params.id, userActor(signedIn))
  },
)
