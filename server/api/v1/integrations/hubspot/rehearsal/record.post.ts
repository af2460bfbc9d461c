import { RecordRehearsal, RecordRehearsalBody } from '#shared/contracts/rehearsal'
import { defineRoute } from '../../../../../http/define-route'

export default defineRoute(
  {
    role: 'admin',
    limit: { name: 'ask_hubspot', perMinute: 300, of: 'partner' },
    body: RecordRehearsalBody,
    response: RecordRehearsal,
  },
  async ({ services, signedIn, body }) => {
    return await services.rehearsal.one(signedIn.partner.id, body)
  },
)
