import type { ObjectId } from 'mongodb'
import type { Clock } from '../../config/clock'
import type { Collections } from '../../database/collections'
import type { DocumentOf, KindName } from '../../database/documents'
import { derivedOf, hasAssociations, recordsOf, type RecordKind } from '../kinds'
import { fillFrom, missingLeads } from '../carry-over'
import { freshTry, mayBeWritten, stateUpdate } from '../sync-state'
import { addAliases } from './aliases'
import { moveDeals } from './associations'
import { pushHistory } from './push-history'
import { editRecord } from './edit'

type Records = Pick<Collections, 'leads' | 'deals' | 'recordAliases'>

export interface Duplicate {
  partnerId: ObjectId
  duplicateId: ObjectId
  portalId: string
  hubspotId: string
}

/** @returns the record that goes and the one that stays; `null` when there are not two any more */
async function pairOf<K extends KindName>(
  collections: Records,
  kind: RecordKind<K>,
  { partnerId, duplicateId, portalId, hubspotId }: Duplicate,
) {
  const records = recordsOf(collections, kind)
  const ofPartner = { partner_id: partnerId }
  const [duplicate, keeper] = await Promise.all([
    records.findOne<DocumentOf<K>>({ ...ofPartner, _id: duplicateId }),
    records.findOne<DocumentOf<K>>({ ...ofPartner, portal_id: portalId, hubspot_id: hubspotId }),
  ])
  return duplicate && keeper && !duplicate._id.equals(keeper._id) ? { duplicate, keeper } : null
}

/**
 * Two records turn out to be one object in HubSpot: the one that is not linked gives the linked one
 * its deals or leads, and the values that the other lacks, and goes. Each step can be repeated: a
 * kill in between leaves the duplicate, and the next write finds it again.
 */
export async function absorbRecord<K extends KindName>(
  collections: Records,
  clock: Clock,
  kind: RecordKind<K>,
  twin: Duplicate,
): Promise<void> {
  const pair = await pairOf(collections, kind, twin)
  if (!pair) return
  const { duplicate, keeper } = pair
  const { partnerId } = twin
  const now = clock()
  const records = recordsOf(collections, kind)
  const filling = fillFrom(kind, keeper, duplicate, now)
  const leads =
    hasAssociations(keeper) && hasAssociations(duplicate)
      ? { before: keeper, missing: missingLeads(keeper, duplicate) }
      : null
  const isRelinked = leads !== null && leads.missing.length > 0
  if (filling || isRelinked) {
    const values = filling?.values ?? keeper.values
    const changes: Record<string, unknown> = {
      values,
      ...derivedOf(kind, { ...keeper, values }),
      updated_at: now,
      ...Object.fromEntries(
        Object.entries(filling?.changedAt ?? {}).map(([field, at]) => [`changed_at.${field}`, at]),
      ),
      // A write that HubSpot refused before may be accepted with what came over.
      ...stateUpdate({ dirty: mayBeWritten(keeper), ...freshTry(keeper.sync) }),
    }
    if (leads)
      Object.assign(changes, {
        lead_ids: [...leads.before.lead_ids, ...leads.missing],
        associations_dirty: leads.before.associations_dirty || isRelinked,
        associations_stuck: false,
      })
    await records.updateOne(
      { _id: keeper._id, partner_id: partnerId, version: keeper.version },
      {
        ...(filling ? { $push: pushHistory(filling.history) } : {}),
        $set: changes,
        $inc: { revision: 1, version: 1 },
      },
    )
  }
  if (kind.name === 'lead')
    await moveDeals(collections, partnerId, [duplicate._id], keeper._id, {
      updated_at: now,
      ...stateUpdate({ next_try_at: null }),
    })
  await addAliases(collections, { partnerId, kind: kind.name, now }, [duplicate._id], keeper._id)
  await records.deleteOne({ _id: duplicate._id, partner_id: partnerId })
}

export interface Copy {
  partnerId: ObjectId
  portalId: string
  hubspotId: string
  recordId: ObjectId
  /** When the create was about to be sent; older records are no copies */
  since: Date
}

/** A copy may change while it is taken over: as often as this */
const maxTries = 5

/**
 * A create's object may arrive by webhook or search before the answer is stored here, as a record
 * of its own. The record that people know keeps its id and takes over what the copy has; the copy's
 * id leads to it from then on. Each step can be repeated: after a kill in between the next write
 * finds the copy again.
 * @param take what the waiting record becomes
 */
export async function takeOverCopy<K extends KindName>(
  collections: Records,
  clock: Clock,
  kind: RecordKind<K>,
  { partnerId, portalId, hubspotId, recordId, since }: Copy,
  take: (waiting: DocumentOf<K>, copy: DocumentOf<K>) => Promise<DocumentOf<K>>,
): Promise<void> {
  const records = recordsOf(collections, kind)
  for (let attempt = 1; attempt <= maxTries; attempt++) {
    const copy = await records.findOne<DocumentOf<K>>({
      partner_id: partnerId,
      portal_id: portalId,
      hubspot_id: hubspotId,
      created_at: { $gte: since },
      _id: { $ne: recordId },
    })
    if (!copy) return
    const stored = await editRecord(collections, kind, partnerId, recordId, waiting =>
      waiting.hubspot_id === null ? take(waiting, copy) : null,
    )
    if (stored.hubspot_id !== null || !stored._id.equals(recordId)) return
    await addAliases(
      collections,
      { partnerId, kind: kind.name, now: clock() },
      [copy._id],
      recordId,
    )
    if (kind.name === 'lead') await moveDeals(collections, partnerId, [copy._id], recordId)
    const { deletedCount } = await records.deleteOne({ _id: copy._id, version: copy.version })
    if (deletedCount === 1) return
  }
}
