import { EraseRecordsBody, RecordsErased } from '#shared/contracts/connection'
import { userActor } from '../../../../database/audit'
import { defineRoute } from '../../../../http/define-route'

export default defineRoute(
  { role: 'admin', stepUp: true, body: EraseRecordsBody, response: RecordsErased },
  async ({ services, signedIn, correlationId }) => {
    return await services.eraseRecords(signedIn.partner.id, {
      actor: userActor(signedIn),
      correlationId,
    })
  },
)
