import { userActor } from '../../../../../database/audit'
import { defineRoute } from '../../../../../http/define-route'
import { sendCsv } from '../../../../../http/send-csv'

export default defineRoute(
  {
    role: 'admin',
    limit: { name: 'preview', perMinute: 60, of: 'partner' },
  },
  async ({ event, services, signedIn, correlationId }) => {
    const { audit, clock, log } = services
    const { isWhole, lines } = await services.previewCsv(signedIn.partner.id)
    // HEAD hands nothing out.
    if (event.method !== 'HEAD')
      await audit.record({
        partnerId: signedIn.partner.id,
        actor: userActor(signedIn),
        action: 'records.export',
        details: { kind: 'preview' },
        correlationId,
      })
    await sendCsv(event, lines, {
      fileName: `preview-${isWhole ? '' : 'partial-'}${clock().toISOString().slice(0, 10)}.csv`,
      log,
    })
  },
)
