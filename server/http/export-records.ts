import type { H3Event } from 'h3'
import type { SignedIn } from '../accounts/sessions'
import { userActor } from '../database/audit'
import type { ExportQuery } from '../leads/export'
import type { Services } from '../services'
import { assertProven } from './authenticate'
import { sendCsv } from './send-csv'

/**
 * Sends the records of one kind that a list's query asks for as CSV. The audit line is written before the first of them leaves.
 */
export async function exportRecords(
  kind: 'leads' | 'deals',
  {
    event,
    services,
    signedIn,
    correlationId,
    query,
  }: {
    event: H3Event
    services: Services
    signedIn: SignedIn
    correlationId: string
    query: ExportQuery
  },
): Promise<void> {
  const { clock, audit, exports, log } = services
  const isEverything = Object.keys(query).every(name => name === 'sort')
  if (isEverything) assertProven(signedIn, clock())
  const lines = exports[kind](signedIn.partner.id, query)
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
