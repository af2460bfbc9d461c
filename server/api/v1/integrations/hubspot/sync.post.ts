import { SyncBody, SyncStarted } from '#shared/contracts/runs'
import { defineRoute } from '../../../../http/define-route'

export default defineRoute(
  { role: 'admin', body: SyncBody, bodyOptional: true, response: SyncStarted, status: 202 },
  async ({ services, signedIn, body }) => {
    const run = await services.sync.requestSync(signedIn.partner.id, {
      trigger: 'manual',
      kind: body.kind,
    })
    return { runId: run.id }
  },
)
