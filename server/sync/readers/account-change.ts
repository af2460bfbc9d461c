import type { Clock } from '../../config/clock'
import type { Collections } from '../../database/collections'
import type { KindName } from '../../database/documents'
import { allKinds, type RecordKind } from '../../records/kinds'
import { mergeRecord } from '../../records/merge-record'
import { writeRecords } from '../../records/repository/bulk-write'
import { detachFormer, pageOfDetached } from '../../records/repository/detached'
import type { PortalOfPartner } from '../../records/repository/linked'
import type { PlanDeps } from '../inbound/plan'

const pageSize = 200

export interface AccountChangeDeps {
  collections: Pick<Collections, 'leads' | 'deals'>
  clock: Clock
  mapping: PlanDeps['mapping']
}

/**
 * Records belong to the account that they were linked in. Those of a former account are unlinked,
 * until a contact of the present one has their address or their account is connected again.
 */
export function createAccountChange({ collections, clock, mapping }: AccountChangeDeps) {
  /** Edits that were made meanwhile are to be written. */
  async function attach<K extends KindName>(
    kind: RecordKind<K>,
    portal: PortalOfPartner,
  ): Promise<void> {
    for (;;) {
      const page = await pageOfDetached(collections, kind, portal, pageSize)
      if (page.length === 0) return
      const [rules, stages] = await Promise.all([
        mapping.fieldsFor(portal.partnerId),
        mapping.stagesFor(portal.partnerId, portal.portalId),
      ])
      const now = clock()
      await writeRecords(
        collections,
        kind,
        page.map(record => {
          const attached = { ...record, detached_at: null }
          const context = { rules: rules[kind.name], stages, now }
          const { dirty, sync } = mergeRecord(kind, attached, null, context).next
          const set = { detached_at: null, dirty, sync, updated_at: now }
          const { _id, version } = record
          return {
            key: _id.toHexString(),
            update: { _id, version, set: { ...set, version: version + 1 } },
          }
        }),
      )
    }
  }

  /** Can be repeated. */
  return async function followAccount(portal: PortalOfPartner): Promise<void> {
    for (const kind of allKinds) {
      await detachFormer(collections, kind, portal, clock())
      await attach(kind, portal)
    }
  }
}
export type FollowAccount = ReturnType<typeof createAccountChange>
