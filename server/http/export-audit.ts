import { setResponseHeader, type H3Event } from 'h3'
import type { AuditEntry, AuditQuery } from '#shared/contracts/audit'
import type { SignedIn } from '../accounts/sessions'
import { userActor } from '../database/audit'
import { byteOrderMark, csvLine } from '../leads/csv'
import type { Services } from '../services'
import { sendCsv } from './send-csv'

const columns = ['at', 'actor', 'action', 'outcome', 'target', 'address', 'details']

function valuesOf(entry: AuditEntry): (string | null)[] {
  const details = Object.entries(entry.details)
    .map(([name, value]) => `${name}=${value}`)
    .join('; ')
  return [
    entry.at,
    entry.actor?.email ?? null,
    entry.action,
    entry.outcome,
    entry.target,
    entry.address,
    details,
  ]
}

/** Answers with all lines of the filter as CSV. That they were taken is a line of its own. */
export async function sendAuditCsv(
  event: H3Event,
  { auditList, audit, clock, log }: Services,
  signedIn: SignedIn,
  query: AuditQuery,
): Promise<void> {
  async function* lines(): AsyncGenerator<string, void> {
    yield `${byteOrderMark}${csvLine(columns)}`
    for await (const entry of auditList.all(signedIn.partner.id, query))
      yield csvLine(valuesOf(entry))
  }
  if (event.method !== 'HEAD')
    await audit.record({
      partnerId: signedIn.partner.id,
      actor: userActor(signedIn),
      action: 'audit.exported',
    })
  setResponseHeader(event, 'Vary', 'Accept')
  const day = clock().toISOString().slice(0, 10)
  await sendCsv(event, lines(), { fileName: `audit-${day}.csv`, log })
}
