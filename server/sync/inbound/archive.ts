import type { Clock } from '../../config/clock'
import type { Collections } from '../../database/collections'
import type { ObjectType } from '../../hubspot/crm-types'
import { kindOfType } from '../../records/kinds'
import { archiveLinked, findLinkedIds, type PortalOfPartner } from '../../records/repository/linked'
import type { Tell } from '../runs/results'

export interface ArchiveInput extends PortalOfPartner {
  type: ObjectType
  ids: string[]
  /** Receives each record that changes */
  tell?: Tell
}

/** Archives our records of what was archived or deleted in HubSpot. */
export function createArchive({ collections, clock }: { collections: Collections; clock: Clock }) {
  /** @returns how many changed */
  return async function archive({ type, ids, tell, ...portal }: ArchiveInput): Promise<number> {
    if (ids.length === 0) return 0
    const kind = kindOfType(type)
    if (tell) {
      const found = await findLinkedIds(collections, kind, portal, ids, { live: true })
      for (const { _id, hubspot_id } of found)
        tell({ type, direction: 'in', outcome: 'archived', recordId: _id, hubspotId: hubspot_id })
    }
    return await archiveLinked(collections, kind, portal, ids, clock())
  }
}
export type Archive = ReturnType<typeof createArchive>
