import { ImportAnswer, ImportQuery } from '#shared/contracts/operations'
import { defineRoute } from '../../../http/define-route'

export default defineRoute(
  {
    role: 'member',
    limit: { name: 'operation', perMinute: 120, of: 'person' },
    scope: 'leads:write',
    query: ImportQuery,
    csv: true,
    maxBodyBytes: 10 * 1024 * 1024,
    response: ImportAnswer,
    status: 202,
  },
  async ({ services, signedIn, query, rawBody, answerWith }) => {
    const answer = await services.operations.importLeads(signedIn.partner.id, rawBody, {
      dryRun: query.dryRun === 'true',
      by: signedIn.user,
    })
    if (!('operationId' in answer)) answerWith(200)
    return answer
  },
)
