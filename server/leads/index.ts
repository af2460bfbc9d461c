import type { ObjectId } from 'mongodb'
import { createDeals } from './deals'
import type { RecordDeps } from './deps'
import { createLeads } from './leads'
import { createLinkState } from './shown-when-unlinked'
import { createViews } from './saved-views'

/**
 * Leads and deals of the partners: what pages and partners' scripts read and edit, and what waits
 * to be written to HubSpot.
 */
export function createRecords(deps: RecordDeps) {
  const leads = createLeads(deps)
  const deals = createDeals(deps)
  const showWithLink = createLinkState(deps)
  return {
    leads: { ...leads, ...showWithLink(leads) },
    deals: { ...deals, ...showWithLink(deals) },
    views: createViews(deps),
    /** An admin turned write-back on: changes that waited for it are written. */
    async writeBackOpened(partnerId: ObjectId): Promise<void> {
      await Promise.all([leads.openOutbox(partnerId), deals.openOutbox(partnerId)])
      await deps.onLocalChange(partnerId)
    },
  }
}
