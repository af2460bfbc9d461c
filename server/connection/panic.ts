import type { ObjectId } from 'mongodb'
import { systemActor, type Actor } from '../database/audit'
import type { Collections } from '../database/collections'
import type { Disconnection } from './disconnect'
import { systemClock } from '../config/clock'
import { createAttemptsRepository } from './oauth-state-repository'
import { createIntegrationRepository } from './repository'

export interface PanicReport {
  total: number
  disconnected: number
  /** Disconnected here, now or before; HubSpot could not be told yet */
  remaining: number
  failed: number
}

export interface PanicOptions {
  collections: Collections
  disconnect: (partnerId: ObjectId, actor: Actor) => Promise<Disconnection>
  /** Partners at a time */
  concurrency?: number
  onProgress?: (report: PanicReport) => void
}

/**
 * Disconnects every partner, here and at HubSpot: for the day on which tokens may have been stolen.
 * Can be run again.
 */
export async function disconnectEverybody({
  collections,
  disconnect,
  concurrency = 8,
  onProgress = () => {},
}: PanicOptions): Promise<PanicReport> {
  const integrations = createIntegrationRepository({ collections })
  // Whoever began to connect must not finish it after the panic.
  await createAttemptsRepository(collections).voidOpen(null, systemClock())
  const ids = await integrations.owners()
  const report: PanicReport = { total: ids.length, disconnected: 0, remaining: 0, failed: 0 }
  const next = ids.values()
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      for (const partnerId of next) {
        try {
          await disconnect(partnerId, systemActor)
          report.disconnected++
        } catch {
          report.failed++
        }
        onProgress(report)
      }
    }),
  )
  // Also what an earlier try that was broken off had started.
  report.remaining = await integrations.countCleanups()
  return report
}
