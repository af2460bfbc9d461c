import type { ObjectId } from 'mongodb'
import type { Clock } from '../../config/clock'
import { byHundreds } from '../../database/by-hundreds'
import type { Collections } from '../../database/collections'
import type { DealDocument, DocumentOf, KindName, LeadDocument } from '../../database/documents'
import type { ObjectType } from '../../hubspot/crm-types'
import { editRecord } from '../../records/repository/edit'
import { pushHistory } from '../../records/history'
import { kinds, type RecordKind } from '../../records/kinds'
import { wakeDeals } from '../../records/repository/associations'
import type { FieldRules } from '../../records/merge-field'
import type { Tell } from '../runs/results'
import { carryEdits } from '../../records/same-object'

interface Ids {
  partnerId: ObjectId
  portalId: string
  type: ObjectType
  ids: string[]
  /** Told of each record that changed */
  tell?: Tell
}

export interface LinkDeps {
  collections: Collections
  clock: Clock
  mapping: { fieldsFor(partnerId: ObjectId): Promise<FieldRules> }
}

/** The ties between our records and HubSpot's, and between deals and leads. */
export function createLinks({ collections, clock, mapping }: LinkDeps) {
  const { leads, deals } = collections

  /** @returns which of these HubSpot ids are linked here */
  async function known({ partnerId, portalId, type, ids }: Ids): Promise<Set<string>> {
    const options = { projection: { hubspot_id: 1 } }
    const found = await byHundreds<{ hubspot_id: string | null }>(ids, async some => {
      const filter = { partner_id: partnerId, portal_id: portalId, hubspot_id: { $in: some } }
      return type === 'contacts'
        ? await leads.find(filter, options).toArray()
        : await deals.find(filter, options).toArray()
    })
    return new Set(found.map(record => record.hubspot_id).filter(id => id !== null))
  }

  /** @returns our leads by HubSpot contact id */
  async function leadsOf(
    partnerId: ObjectId,
    portalId: string,
    contactIds: string[],
  ): Promise<Map<string, ObjectId>> {
    if (contactIds.length === 0) return new Map()
    const found = await byHundreds(contactIds, some =>
      leads
        .find(
          { partner_id: partnerId, portal_id: portalId, hubspot_id: { $in: some } },
          { projection: { hubspot_id: 1 } },
        )
        .toArray(),
    )
    return new Map(
      found.flatMap(lead =>
        lead.hubspot_id === null ? [] : [[lead.hubspot_id, lead._id] as const],
      ),
    )
  }

  async function archive({ partnerId, portalId, type, ids, tell }: Ids): Promise<number> {
    if (ids.length === 0) return 0
    const now = clock()
    const filter = { partner_id: partnerId, portal_id: portalId, archived_at: null }
    const update = {
      $set: {
        archived_at: now,
        dirty: false,
        'sync.state': 'unlinked' as const,
        'sync.error': null,
        'sync.attempts': 0,
        'sync.next_try_at': null,
        'sync.last_in_at': now,
        updated_at: now,
      },
      $inc: { version: 1 },
      $push: pushHistory({ at: now, side: 'hubspot', kind: 'archived' }),
    }
    const changed = await byHundreds(ids, async some => {
      const these = { ...filter, hubspot_id: { $in: some } }
      if (tell) {
        const options = { projection: { hubspot_id: 1 } }
        const found =
          type === 'contacts'
            ? await leads.find(these, options).toArray()
            : await deals.find(these, options).toArray()
        for (const { _id, hubspot_id } of found)
          tell({ type, direction: 'in', outcome: 'archived', recordId: _id, hubspotId: hubspot_id })
      }
      return [
        (type === 'contacts'
          ? await leads.updateMany(these, update)
          : await deals.updateMany(these, update)
        ).modifiedCount,
      ]
    })
    return changed.reduce((sum, count) => sum + count, 0)
  }

  /**
   * Adds leads to the deals that name their contacts.
   * @param input.leads by HubSpot contact id
   * @param input.arrived contacts that had no lead until now: they also join deals whose leads were
   *   edited here
   */
  async function resolveDeals(input: {
    partnerId: ObjectId
    portalId: string
    leads: ReadonlyMap<string, ObjectId>
    arrived: ReadonlySet<string>
  }): Promise<void> {
    const { partnerId, portalId } = input
    if (input.leads.size === 0) return
    const waiting = deals.find(
      {
        partner_id: partnerId,
        portal_id: portalId,
        hubspot_contact_ids: { $in: [...input.leads.keys()] },
      },
      { projection: { hubspot_contact_ids: 1, lead_ids: 1, associations_dirty: 1 } },
    )
    const operations = []
    for await (const deal of waiting) {
      for (const id of deal.hubspot_contact_ids) {
        const leadId = input.leads.get(id)
        if (
          !leadId ||
          deal.lead_ids.some(one => one.equals(leadId)) ||
          (deal.associations_dirty && !input.arrived.has(id))
        )
          continue
        // HubSpot may have parted the two meanwhile, or somebody here: the deal must still say what
        // it said.
        const filter = {
          _id: deal._id,
          hubspot_contact_ids: id,
          ...(input.arrived.has(id) ? {} : { associations_dirty: false }),
        }
        operations.push({
          updateOne: {
            filter,
            update: {
              $addToSet: { lead_ids: leadId },
              $set: { updated_at: clock() },
              $inc: { version: 1 },
            },
          },
        })
      }
    }
    if (operations.length > 0) await deals.bulkWrite(operations, { ordered: false })
  }

  /**
   * Our record that survives a merge: the one of the surviving HubSpot record, or else the first of
   * those merged into it.
   */
  function pickKeeper<D extends LeadDocument | DealDocument>(
    records: D[],
    winnerId: string,
    loserIds: string[],
  ): { keeper: D; others: D[] } | null {
    const order = [winnerId, ...loserIds]
    const [keeper, ...others] = [...records].sort(
      (one, other) => order.indexOf(one.hubspot_id ?? '') - order.indexOf(other.hubspot_id ?? ''),
    )
    return keeper ? { keeper, others } : null
  }

  async function merged({
    partnerId,
    portalId,
    type,
    winnerId,
    loserIds,
    tell,
  }: {
    partnerId: ObjectId
    portalId: string
    type: ObjectType
    winnerId: string
    loserIds: string[]
    tell?: Tell
  }): Promise<void> {
    const losers = loserIds.filter(id => id !== winnerId)
    if (losers.length === 0) return
    const filter = {
      partner_id: partnerId,
      portal_id: portalId,
      hubspot_id: { $in: [winnerId, ...losers] },
    }
    const lead =
      type === 'contacts' ? pickKeeper(await leads.find(filter).toArray(), winnerId, losers) : null
    const deal =
      type === 'deals' ? pickKeeper(await deals.find(filter).toArray(), winnerId, losers) : null
    if (type === 'contacts') await mergeLeads(partnerId, portalId, lead, winnerId, losers)
    else await mergeDeals(partnerId, deal, winnerId)
    const picked = lead ?? deal
    if (picked && (picked.others.length > 0 || picked.keeper.hubspot_id !== winnerId))
      tell?.({
        type,
        direction: 'in',
        outcome: 'merged',
        recordId: picked.keeper._id,
        hubspotId: winnerId,
        reason: 'merged_in_hubspot',
      })
  }

  /** What was edited on those that go, and is not written yet, goes over to the one that stays. */
  async function carryOver<K extends KindName>(
    kind: RecordKind<K>,
    partnerId: ObjectId,
    keeper: DocumentOf<K>,
    others: readonly DocumentOf<K>[],
  ): Promise<void> {
    if (!others.some(record => record.dirty)) return
    const rules = await mapping.fieldsFor(partnerId)
    await editRecord(collections, kind, partnerId, keeper._id, current =>
      carryEdits(kind, current, others, rules, clock()),
    )
  }

  async function mergeLeads(
    partnerId: ObjectId,
    portalId: string,
    picked: { keeper: LeadDocument; others: LeadDocument[] } | null,
    winnerId: string,
    losers: string[],
  ): Promise<void> {
    // Deals first: while two leads still stand, none of their deals may lose its tie.
    const touchedDeals = await deals
      .find(
        { partner_id: partnerId, portal_id: portalId, hubspot_contact_ids: { $in: losers } },
        { projection: { hubspot_contact_ids: 1 } },
      )
      .toArray()
    if (touchedDeals.length > 0) {
      await deals.bulkWrite(
        touchedDeals.map(deal => ({
          updateOne: {
            filter: { _id: deal._id },
            update: {
              $set: {
                hubspot_contact_ids: [
                  ...new Set(
                    deal.hubspot_contact_ids.map(id => (losers.includes(id) ? winnerId : id)),
                  ),
                ].sort(),
                updated_at: clock(),
              },
              $inc: { version: 1 },
            },
          },
        })),
        { ordered: false },
      )
    }
    if (!picked) return
    const { keeper, others } = picked
    if (others.length > 0) {
      const otherIds = others.map(lead => lead._id)
      await carryOver(kinds.lead, partnerId, keeper, others)
      const filter = { partner_id: partnerId, lead_ids: { $in: otherIds } }
      await deals.updateMany(filter, { $addToSet: { lead_ids: keeper._id }, $inc: { version: 1 } })
      await deals.updateMany(filter, {
        $pullAll: { lead_ids: otherIds },
        $set: { updated_at: clock() },
        $inc: { version: 1 },
      })
      await leads.deleteMany({ partner_id: partnerId, _id: { $in: otherIds } })
    }
    if (others.length === 0 && keeper.hubspot_id === winnerId) return
    await leads.updateOne(
      { _id: keeper._id },
      keeper.hubspot_id === winnerId ? noteMerge() : moveTo(winnerId),
    )
    await wakeDeals(collections, partnerId, [keeper._id])
  }

  async function mergeDeals(
    partnerId: ObjectId,
    picked: { keeper: DealDocument; others: DealDocument[] } | null,
    winnerId: string,
  ): Promise<void> {
    if (!picked) return
    const { keeper, others } = picked
    if (others.length > 0) {
      await carryOver(kinds.deal, partnerId, keeper, others)
      // A tie made or parted here that HubSpot does not know yet is still to be written, now on the
      // surviving deal.
      const isPending = others.some(deal => deal.associations_dirty)
      await deals.updateOne(
        { _id: keeper._id },
        {
          $addToSet: {
            lead_ids: { $each: others.flatMap(deal => deal.lead_ids) },
            hubspot_contact_ids: { $each: others.flatMap(deal => deal.hubspot_contact_ids) },
          },
          ...(isPending
            ? {
                $set: {
                  associations_dirty: true,
                  dirty: keeper.archived_at === null,
                  'sync.next_try_at': null,
                },
              }
            : {}),
          $inc: { version: 1 },
        },
      )
      await deals.deleteMany({
        partner_id: keeper.partner_id,
        _id: { $in: others.map(deal => deal._id) },
      })
    }
    if (others.length > 0 || keeper.hubspot_id !== winnerId)
      await deals.updateOne(
        { _id: keeper._id },
        keeper.hubspot_id === winnerId ? noteMerge() : moveTo(winnerId),
      )
  }

  /**
   * The surviving record's own modification instant is not known yet: whatever arrives for it next
   * counts.
   */
  function moveTo(winnerId: string) {
    return {
      $set: {
        hubspot_id: winnerId,
        hubspot_modified_at: null,
        archived_at: null,
        updated_at: clock(),
      },
      ...noteMerge(),
    }
  }

  function noteMerge() {
    return {
      $inc: { version: 1 },
      $push: pushHistory({ at: clock(), side: 'hubspot', kind: 'merged' }),
    }
  }

  return { known, leadsOf, archive, resolveDeals, merged }
}
export type Links = ReturnType<typeof createLinks>
