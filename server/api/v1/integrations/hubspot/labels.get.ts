import { Labels } from '#shared/contracts/mapping'
import { defineRoute } from '../../../../http/define-route'

export default defineRoute({ role: 'member', response: Labels }, async ({ services, signedIn }) => {
  return await services.mapping.labels(signedIn.partner.id)
})
