import { createHmac, hkdfSync } from 'node:crypto'
import type { Log } from './log'
import type { Metrics } from './metrics'

export interface SecurityEvent {
  /** The code of the refusal, of a closed list */
  code: string
  /** Pattern of the route */
  route: string
  requestId: string
  address: string
  /** E-mail address that was tried, or the id of who is signed in */
  account: string | null
}

/**
 * Notes refusals that may be an attack: a line in the log and a count. Account and address are
 * keyed hashes, so that lines can be put together and name nobody.
 */
export function createSecurityEvents({
  log,
  metrics,
  secret,
}: {
  log: Log
  metrics: Metrics
  secret: Uint8Array
}) {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'partner-connector security events', 32))
  const hash = (kind: string, text: string) =>
    createHmac('sha256', key).update(`${kind}:${text}`).digest('base64url').slice(0, 16)
  return {
    note({ code, route, requestId, address, account }: SecurityEvent): void {
      metrics.securityEvents.inc({ code })
      log.warn(
        {
          event: 'security',
          code,
          route,
          requestId,
          addressHash: hash('address', address),
          accountHash: account === null ? null : hash('account', account),
        },
        'A request was refused',
      )
    },
  }
}
export type SecurityEvents = ReturnType<typeof createSecurityEvents>
