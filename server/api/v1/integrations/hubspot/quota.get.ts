import { Quota } from '#shared/contracts/insight'
import { connectedPortal } from '../../../../mapping/portal'
import { defineRoute } from '../../../../http/define-route'

export default defineRoute({ role: 'admin', response: Quota }, async ({ services, signedIn }) => {
  return await services.quota.read(
    await connectedPortal(services.database.collections, signedIn.partner.id),
  )
})
