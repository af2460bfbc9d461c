import type { ObjectId } from 'mongodb'
import type { Clock } from '../config/clock'
import type { Collections } from '../database/collections'
import type { Cursors } from '../database/cursor'
import type { Editor } from '../records/history'
import type { MappedRules } from '../records/outbox'

/** Who edits, and for which operation */
export interface EditBy {
  by?: Editor | null
  /** Kept with the change, so that the operation can be taken back */
  cause?: ObjectId
}

/** What an edit made of a record. */
export interface Edited<T> {
  record: T
  isChanged: boolean
}

export interface RecordDeps {
  collections: Collections
  clock: Clock
  mapping: MappedRules
  cursors: Cursors
  /** Told after each local change that may have to reach HubSpot */
  onLocalChange: (partnerId: ObjectId) => Promise<void>
}
