import { SyncBody, SyncStarted } from '#shared/contracts/runs'
import { userActor } from '../../../../database/audit'
import { defineRoute } from '../../../../http/define-route'

export default defineRoute(
  {
    role: 'admin',
    scope: 'sync:start',
    body: SyncBody,
    bodyOptional: true,
    response: SyncStarted,
    status: 202,
  },
  async ({ services, signedIn, body }) => {
    const run = await services.sync.requestSync(signedIn.partner.id, {
      trigger: 'manual',
      kind: body.kind,
    })
    await services.audit.record({
      partnerId: signedIn.partner.id,
      actor: userActor(signedIn),
      action: 'sync.requested',
      target: run.id,
      details: { kind: body.kind ?? null },
    })
    return { runId: run.id }
  },
)
