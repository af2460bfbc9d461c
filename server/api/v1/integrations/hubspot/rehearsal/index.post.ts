import { Rehearsal, RehearsalBody } from '#shared/contracts/rehearsal'
import { defineRoute } from '../../../../../http/define-route'

export default defineRoute(
  {
    role: 'admin',
    limit: { name: 'rehearsal', perMinute: 30, of: 'partner' },
    body: RehearsalBody,
    response: Rehearsal,
  },
  async ({ services, signedIn, body }) => {
    return await services.rehearsal.all(signedIn.partner.id, body)
  },
)
