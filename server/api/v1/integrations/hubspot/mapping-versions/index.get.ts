import { MappingVersions } from '#shared/contracts/mapping-versions'
import { NoQuery } from '#shared/contracts/primitives'
import { defineRoute } from '../../../../../http/define-route'

export default defineRoute(
  { role: 'member', query: NoQuery, response: MappingVersions },
  async ({ services, signedIn }) => {
    return await services.mapping.versions.list(signedIn.partner.id)
  },
)
