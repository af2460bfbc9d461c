import type { Clock } from '../../config/clock'
import type { Collections } from '../../database/collections'
import type { DocumentOf, KindName } from '../../database/documents'
import type { CrmObject, ObjectType } from '../../hubspot/crm-types'
import { instant } from '../../records/merge-record'
import type { FieldRules } from '../../records/merge-field'
import { kindOfType, kinds, type RecordKind } from '../../records/kinds'
import { moveDeals, wakeDeals } from '../../records/repository/associations'
import { editRecord } from '../../records/repository/edit'
import { createMergeRepository } from '../../records/repository/hubspot-merge'
import { findLinked, findLinkedIds, type PortalOfPartner } from '../../records/repository/linked'
import { carryEdits } from '../../records/carry-over'
import type { Tell } from '../runs/results'

export interface MergedInput extends PortalOfPartner {
  type: ObjectType
  /** The surviving object */
  winnerId: string
  loserIds: string[]
  /** The surviving object's modification instant after the merge, where it was read */
  survivedAt?: Date | null
  tell?: Tell
}

type Merge = Pick<MergedInput, 'winnerId' | 'survivedAt'> & { losers: string[] }

export interface MergedDeps {
  collections: Collections
  clock: Clock
  mapping: { fieldsFor(partnerId: PortalOfPartner['partnerId']): Promise<FieldRules> }
}

/** The record that stays, and those merged into it */
interface Picked<K extends KindName> {
  keeper: DocumentOf<K>
  others: DocumentOf<K>[]
}

/** HubSpot's merges: links move to the surviving object, and two records of ours become one. */
export function createMerges({ collections, clock, mapping }: MergedDeps) {
  const repository = createMergeRepository(collections, clock)

  /** The record of the surviving object stays, or else the first of those merged into it. */
  async function pick<K extends KindName>(
    kind: RecordKind<K>,
    portal: PortalOfPartner,
    order: string[],
  ): Promise<Picked<K> | null> {
    const found = await findLinked(collections, kind, portal, order)
    const place = ({ hubspot_id }: DocumentOf<K>) => order.indexOf(hubspot_id ?? '')
    const [keeper, ...others] = found.sort((one, other) => place(one) - place(other))
    return keeper ? { keeper, others } : null
  }

  /** Edits of the records that go, and that HubSpot does not have yet, go over to the keeper. */
  async function carryOver<K extends KindName>(
    kind: RecordKind<K>,
    partnerId: PortalOfPartner['partnerId'],
    { keeper, others }: Picked<K>,
  ): Promise<void> {
    const rules = await mapping.fieldsFor(partnerId)
    await editRecord(collections, kind, partnerId, keeper._id, current =>
      carryEdits(kind, current, others, rules, clock()),
    )
  }

  async function mergeLeads(
    portal: PortalOfPartner,
    { winnerId, losers, survivedAt = null }: Merge,
  ): Promise<Picked<'lead'> | null> {
    const picked = await pick(kinds.lead, portal, [winnerId, ...losers])
    // Deals first: while both leads exist, none of their deals may lose its association.
    await repository.replaceContacts(portal, losers, winnerId)
    if (!picked) return null
    const { keeper, others } = picked
    if (others.length > 0) {
      await carryOver(kinds.lead, portal.partnerId, picked)
      const otherIds = others.map(lead => lead._id)
      await moveDeals(collections, portal.partnerId, otherIds, keeper._id, { updated_at: clock() })
      await repository.remove(kinds.lead, portal.partnerId, others, keeper)
    }
    if (!isNews(picked, winnerId)) return null
    await repository.linkWith(kinds.lead, keeper, winnerId, survivedAt)
    await wakeDeals(collections, portal.partnerId, [keeper._id])
    return picked
  }

  async function mergeDeals(
    portal: PortalOfPartner,
    { winnerId, losers, survivedAt = null }: Merge,
  ): Promise<Picked<'deal'> | null> {
    const picked = await pick(kinds.deal, portal, [winnerId, ...losers])
    if (!picked || !isNews(picked, winnerId)) return null
    const { keeper, others } = picked
    if (others.length > 0) {
      await carryOver(kinds.deal, portal.partnerId, picked)
      await repository.joinAssociations(keeper, others)
      await repository.remove(kinds.deal, portal.partnerId, others, keeper)
    }
    await repository.linkWith(kinds.deal, keeper, winnerId, survivedAt)
    return picked
  }

  async function merged(input: MergedInput): Promise<void> {
    const { type, winnerId, loserIds, survivedAt, tell, ...portal } = input
    const losers = loserIds.filter(id => id !== winnerId)
    if (losers.length === 0) return
    const picked = await (type === 'contacts' ? mergeLeads : mergeDeals)(portal, {
      winnerId,
      losers,
      survivedAt,
    })
    if (picked)
      tell?.({
        type,
        direction: 'in',
        outcome: 'merged',
        recordId: picked.keeper._id,
        hubspotId: winnerId,
        reason: 'merged_in_hubspot',
      })
  }

  return {
    merged,

    /**
     * A surviving object names those that were merged into it: their links move before it is
     * stored.
     */
    async followNamed(
      { type, tell, ...portal }: Omit<MergedInput, 'winnerId' | 'loserIds' | 'survivedAt'>,
      objects: readonly CrmObject[],
    ): Promise<void> {
      const merges = objects.map(object => ({
        winnerId: object.id,
        loserIds: mergedIdsOf(object),
        survivedAt: instant(object.updatedAt),
      }))
      const losers = merges.flatMap(merge => merge.loserIds)
      if (losers.length === 0) return
      const found = await findLinkedIds(collections, kindOfType(type), portal, losers)
      const known = new Set(found.map(record => record.hubspot_id))
      for (const merge of merges)
        if (merge.loserIds.some(id => known.has(id)))
          await merged({ type, tell, ...portal, ...merge })
    },
  }
}
export type Merges = ReturnType<typeof createMerges>

/** Whether the merge changes anything here */
function isNews({ keeper, others }: Picked<KindName>, winnerId: string): boolean {
  return others.length > 0 || keeper.hubspot_id !== winnerId
}

/** @returns the ids of the objects that were merged into this one, as it says itself */
export function mergedIdsOf({ id, properties }: Pick<CrmObject, 'id' | 'properties'>): string[] {
  return (properties.hs_merged_object_ids ?? '')
    .split(';')
    .map(one => one.trim())
    .filter(one => /^\d{1,20}$/.test(one) && one !== id)
}
