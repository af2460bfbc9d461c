import type { ObjectId } from 'mongodb'
import type { Clock } from '../config/clock'
import { errorFields, type Log } from '../observability/log'

export type ConnectionAlertKind =
  | 'grant_revoked'
  | 'hubspot_configuration'
  | 'token_unreadable'
  | 'cannot_seal'
  | 'remote_cleanup_failed'

export interface ConnectionAlert {
  kind: ConnectionAlertKind
  /** The partner concerned, `null` when the whole installation is */
  partnerId: ObjectId | null
  /** For people: what happened and what to do */
  message: string
}

/**
 * The same trouble of the whole installation is told once in this time, however many partners meet
 * it.
 */
const repeatAfterMs = 15 * 60 * 1000

/** Raises alerts: logged, and handed to whoever listens (`alerts/`: notices, e-mail, metrics). */
export function createConnectionAlerts({ clock, log }: { clock: Clock; log: Log }) {
  const listeners: ((alert: ConnectionAlert) => Promise<void>)[] = []
  const lastRaised = new Map<string, number>()
  return {
    onAlert(listener: (alert: ConnectionAlert) => Promise<void>) {
      listeners.push(listener)
    },
    async raise(alert: ConnectionAlert): Promise<void> {
      const key = `${alert.kind}:${alert.partnerId?.toHexString() ?? ''}`
      const now = clock().getTime()
      const before = lastRaised.get(key)
      if (before !== undefined && now - before < repeatAfterMs) return
      if (lastRaised.size > 10_000) lastRaised.clear()
      lastRaised.set(key, now)
      log.error(
        { event: 'alert', kind: alert.kind, partnerId: alert.partnerId?.toHexString() },
        alert.message,
      )
      for (const listener of listeners) {
        await listener(alert).catch((error: unknown) =>
          log.error(
            { event: 'alert_not_delivered', kind: alert.kind, ...errorFields(error) },
            'An alert could not be delivered',
          ),
        )
      }
    },
  }
}
export type ConnectionAlerts = ReturnType<typeof createConnectionAlerts>
