import { Lead, LeadCreate } from '#shared/contracts/leads'
import { defineRoute } from '../../../http/define-route'

export default defineRoute(
  {
    role: 'member',
    limit: { name: 'create', perMinute: 3000, of: 'person' },
    scope: 'leads:write',
    body: LeadCreate,
    response: Lead,
    status: 201,
    takesKey: true,
  },
  async ({ services, signedIn, body, idempotencyKey, answerWith }) => {
    const { partner, user } = signedIn
    const made = await services.leads.createOnce(partner.id, idempotencyKey, body, user)
    if (made.isRepeat) answerWith(200)
    return made.record
  },
)
