import type { ObjectId } from 'mongodb'
import type { Clock } from '../config/clock'
import type { Collections } from '../database/collections'
import type { Cursors } from '../database/cursor'
import type { Mapping } from '../mapping/index'
import { createDeals } from './deals'
import { createLeads } from './leads'

export interface RecordDeps {
  collections: Collections
  clock: Clock
  mapping: Pick<Mapping, 'fieldsFor' | 'stagesFor' | 'firstStage'>
  cursors: Cursors
  /** Told after each local change that may have to reach HubSpot */
  onLocalChange: (partnerId: ObjectId) => Promise<void>
}

/**
 * Leads and deals of the partners: what pages and partners' scripts read and edit, and what waits
 * to be written to HubSpot.
 */
export function createRecords(deps: RecordDeps) {
  const leads = createLeads(deps)
  const deals = createDeals(deps)
  return {
    leads,
    deals,
    /** An admin turned write-back on: what waited for it goes out. */
    async writeBackOpened(partnerId: ObjectId): Promise<void> {
      await Promise.all([leads.openOutbox(partnerId), deals.openOutbox(partnerId)])
      await deps.onLocalChange(partnerId)
    },
  }
}
