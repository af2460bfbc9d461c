import type { ObjectId } from 'mongodb'
import { systemActor } from '../database/audit'
import type { Collections } from '../database/collections'
import type { Disconnection } from './disconnect'
import { owningStatuses } from './integration'

export interface PanicReport {
  total: number
  disconnected: number
  /** Disconnected here; HubSpot could not be told yet */
  remaining: number
  failed: number
}

export interface PanicOptions {
  collections: Collections
  disconnect: (partnerId: ObjectId, actor: typeof systemActor) => Promise<Disconnection>
  /** Partners at a time */
  concurrency?: number
  onProgress?: (report: PanicReport) => void
}

/** Disconnects every partner, here and at HubSpot: for the day on which tokens may have been stolen. Can be run again. */
export async function disconnectEverybody({ collections, disconnect, concurrency = 8, onProgress = () => {} }: PanicOptions): Promise<PanicReport> {
  const filter = { 'hubspot_integration.status': { $in: [...owningStatuses] } }
  const ids = (await collections.partners.find(filter, { projection: { _id: 1 } }).toArray()).map(partner => partner._id)
  const report: PanicReport = { total: ids.length, disconnected: 0, remaining: 0, failed: 0 }
  const next = ids.values()
  await Promise.all(Array.from({ length: concurrency }, async () => {
    for (const partnerId of next) {
      try {
        const { remaining } = await disconnect(partnerId, systemActor)
        report.disconnected++
        if (remaining !== null) report.remaining++
      }
      catch {
        report.failed++
      }
      onProgress(report)
    }
  }))
  return report
}
