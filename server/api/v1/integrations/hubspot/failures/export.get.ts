import { FailuresExportQuery } from '#shared/contracts/failures'
import { userActor } from '../../../../../database/audit'
import { defineRoute } from '../../../../../http/define-route'
import { sendCsv } from '../../../../../http/send-csv'

export default defineRoute(
  {
    role: 'member',
    limit: { name: 'export', perMinute: 60, of: 'person' },
    query: FailuresExportQuery,
  },
  async ({ event, services, signedIn, query, correlationId }) => {
    const { audit, clock, log, sync } = services
    if (event.method !== 'HEAD')
      await audit.record({
        partnerId: signedIn.partner.id,
        actor: userActor(signedIn),
        action: 'records.export',
        details: { kind: 'failures' },
        correlationId,
      })
    await sendCsv(event, sync.failures.csv(signedIn.partner.id, query.cause), {
      fileName: `failures-${clock().toISOString().slice(0, 10)}.csv`,
      log,
    })
  },
)
