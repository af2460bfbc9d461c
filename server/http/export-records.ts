import type { H3Event } from 'h3'
import type { SignedIn } from '../accounts/sessions'
import { userActor } from '../database/audit'
import type { Services } from '../services'
import { sendCsv } from './send-csv'

/**
 * Sends all records of one kind as CSV. The audit line is written before the first of them leaves.
 */
export async function exportRecords(
  kind: 'leads' | 'deals',
  {
    event,
    services,
    signedIn,
    correlationId,
  }: { event: H3Event; services: Services; signedIn: SignedIn; correlationId: string },
): Promise<void> {
  const { clock, audit, exports, log } = services
  const lines = exports[kind](signedIn.partner.id)
  // HEAD hands nothing out.
  if (event.method !== 'HEAD')
    await audit.record({
      partnerId: signedIn.partner.id,
      actor: userActor(signedIn),
      action: 'records.export',
      details: { kind },
      correlationId,
    })
  await sendCsv(event, lines, {
    fileName: `${kind}-${clock().toISOString().slice(0, 10)}.csv`,
    log,
  })
}
