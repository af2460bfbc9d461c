import type { ObjectId } from 'mongodb'
import type { Clock } from '../config/clock'
import type { Collections } from '../database/collections'
import type { Cursors } from '../database/cursor'
import type { MappedRules } from '../records/outbox'

export interface RecordDeps {
  collections: Collections
  clock: Clock
  mapping: MappedRules
  cursors: Cursors
  /** Told after each local change that may have to reach HubSpot */
  onLocalChange: (partnerId: ObjectId) => Promise<void>
}
