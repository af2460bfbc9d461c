import { Owners } from '#shared/contracts/mapping'
import { defineRoute } from '../../../../http/define-route'

export default defineRoute({ role: 'member', response: Owners }, async ({ services, signedIn }) => {
  return { owners: await services.mapping.owners(signedIn.partner.id) }
})
