import type { ObjectId } from 'mongodb'
import type { Clock } from '../config/clock'
import type { Collections } from '../database/collections'
import type { DocumentOf, KindName } from '../database/documents'
import { isDuplicateKey } from '../database/duplicate-key'
import { afterWrite, associationsOf, isKnownAs, type Written } from './accepted-write'
import { joinedContacts, withCopy, withTimes } from './take-copy'
import { hasAssociations, hasStage, type RecordKind } from './kinds'
import type { FieldRules } from './merge-field'
import type { HubspotStage, StageRules } from './merge-stage'
import type { Choice, OwnField } from './own-values'
import { outsideOfWrite, pendingWrite, type PendingWrite } from './plan-write'
import type { ScopeRules } from './scope'
import { timedSince } from './own-write'
import { createOutboxRepository } from './repository/outbox'
import { editRecord } from './repository/edit'
import { leadsOfAssociations, wakeDeals } from './repository/associations'
import { addLeadsToDeals, leadIdsOf } from './repository/deal-leads'
import { absorbRecord, takeOverCopy, type Copy } from './repository/absorb-duplicate'
import { stageNotMapped } from './sync-state'

/**
 * How long a deal waits for its new leads to reach HubSpot before it is looked at again (their
 * arrival ends the wait).
 */
const waitForLeadsMs = 5 * 60_000

/** What an admin has mapped, as records ask it. */
export interface MappedRules {
  fieldsFor(partnerId: ObjectId): Promise<FieldRules>
  stagesFor(partnerId: ObjectId, portalId: string): Promise<StageRules>
  firstStage(partnerId: ObjectId): Promise<HubspotStage | null>
  /** @returns what is synced of the portal; `null`: everything */
  scopeFor(partnerId: ObjectId, portalId: string): Promise<ScopeRules | null>
  /** The fields that admins of the partner added */
  ownFieldsOf(partnerId: ObjectId): Promise<Record<KindName, OwnField[]>>
  /** HubSpot's choices and names for what records hold, by field; absent where they are not known */
  choicesOf(partnerId: ObjectId, object: KindName): Promise<Record<string, readonly Choice[]>>
}

export interface OutboxDeps {
  collections: Collections
  clock: Clock
  mapping: MappedRules
}

/** When HubSpot set the present values of these properties, as ISO 8601; what is not known is absent */
export type ValueTimesOf = (properties: string[]) => Promise<Record<string, string>>

/**
 * The outbox of one kind of record: what is dirty is claimed, written to HubSpot by the caller, and
 * settled. Everything is decided again on the record as it stands, so that an edit made during the
 * write is neither lost nor taken for written. The caller makes sure that only one process claims.
 */
export function createOutbox<K extends KindName>(
  { collections, clock, mapping }: OutboxDeps,
  kind: RecordKind<K>,
) {
  const { findDirty, settleInSync, ...repository } = createOutboxRepository(
    { collections, clock },
    kind,
  )

  /** What to write of these records. A write that turns out empty or impossible is settled. */
  async function writesOf(
    partnerId: ObjectId,
    portalId: string,
    claimed: DocumentOf<K>[],
  ): Promise<PendingWrite<DocumentOf<K>>[]> {
    const [rules, scope, stages, contacts] = await Promise.all([
      mapping.fieldsFor(partnerId),
      mapping.scopeFor(partnerId, portalId),
      mapping.stagesFor(partnerId, portalId),
      leadsOfAssociations(
        collections,
        partnerId,
        portalId,
        claimed.filter(hasAssociations),
        claimed.flatMap(record => record.sending?.added ?? []),
      ),
    ])
    const needsFirstStage = claimed.some(
      record => hasStage(record) && record.hubspot_id === null && record.stage === null,
    )
    const firstStage = needsFirstStage ? await mapping.firstStage(partnerId) : null
    const now = clock()
    const context = { rules: rules[kind.name], stages, firstStage, contacts, portalId, now }
    const writes: PendingWrite<DocumentOf<K>>[] = []
    for (const record of claimed) {
      const write = pendingWrite(kind, record, context)
      const outside = outsideOfWrite(kind, record, write, scope, now)
      if (outside) {
        await repository.leaveOut(partnerId, record, outside)
        continue
      }
      switch (write) {
        case 'nothing':
          await settleInSync(partnerId, record)
          break
        case 'waiting':
          await repository.postpone(
            partnerId,
            [record._id],
            new Date(now.getTime() + waitForLeadsMs),
          )
          break
        case 'stage_not_mapped':
          await repository.markFailed(partnerId, record._id, {
            revision: record.revision,
            error: stageNotMapped,
            retryAt: null,
          })
          break
        default:
          writes.push(write)
      }
    }
    return writes
  }

  /**
   * @returns what to write for each dirty record; records whose write turns out empty or impossible
   *   are settled here and not returned. Empty only when nothing is left.
   */
  async function claimDirty(
    partnerId: ObjectId,
    { portalId, limit }: { portalId: string; limit: number },
  ): Promise<PendingWrite<DocumentOf<K>>[]> {
    for (;;) {
      const claimed = await findDirty(partnerId, { portalId, limit })
      const writes = claimed.length === 0 ? [] : await writesOf(partnerId, portalId, claimed)
      if (claimed.length === 0 || writes.length > 0) return writes
    }
  }

  /**
   * Records a write that HubSpot took. What changed here in the meantime stays marked as to be
   * written; what HubSpot made of our text (its own format) is taken over. A record whose object in
   * HubSpot turns out to be another one's here is folded into that one.
   * @returns the record as it stands, or `null` when it is gone
   */
  async function markWritten(
    partnerId: ObjectId,
    id: ObjectId,
    written: Written,
  ): Promise<DocumentOf<K> | null> {
    const { portalId } = written
    const [rules, stages] = await Promise.all([
      mapping.fieldsFor(partnerId),
      mapping.stagesFor(partnerId, portalId),
    ])
    try {
      let isLinkedNow = false
      let isNewHere = false
      const stored = await editRecord(collections, kind, partnerId, id, async current => {
        isLinkedNow = current.hubspot_id === null
        isNewHere = !isKnownAs(current, written.object.id)
        return afterWrite(kind, current, written, {
          rules: rules[kind.name],
          stages,
          now: clock(),
          contacts: await leadsOfAssociations(
            collections,
            partnerId,
            portalId,
            [current].filter(hasAssociations),
            associationsOf(current, written)?.added,
          ),
        })
      })
      if (kind.name === 'lead') {
        if (isLinkedNow) await joinDeals(partnerId, written, id, isNewHere)
        await wakeDeals(collections, partnerId, [id])
      }
      return stored
    } catch (error) {
      if (!isDuplicateKey(error)) throw error
      await absorbRecord(collections, clock, kind, {
        partnerId,
        duplicateId: id,
        portalId,
        hubspotId: written.object.id,
      })
      return null
    }
  }

  /**
   * Deals may name the lead's contact already: it was associated in HubSpot before it was known. One
   * that had a lead here, a copy that this one took over, does not come back to deals that parted
   * from it.
   */
  async function joinDeals(
    partnerId: ObjectId,
    { portalId, object }: Written,
    leadId: ObjectId,
    isNewHere: boolean,
  ): Promise<void> {
    const leads = new Map([[object.id, leadId]])
    const arrived = new Set(isNewHere ? leads.keys() : [])
    await addLeadsToDeals(collections, clock, { partnerId, portalId }, leads, arrived)
  }

  /**
   * A copy of this record that came in before the answer to its create was stored goes into it.
   * @param timesOf asked only where something hangs on when HubSpot set its values
   */
  async function takeCopy(copy: Copy, timesOf: ValueTimesOf): Promise<void> {
    const { partnerId, portalId } = copy
    const [rules, stages] = await Promise.all([
      mapping.fieldsFor(partnerId),
      mapping.stagesFor(partnerId, portalId),
    ])
    await takeOverCopy(collections, clock, kind, copy, async (waiting, imported) => {
      const { sent = {} } = waiting.create_intent ?? {}
      const leads = await leadIdsOf(collections, copy, joinedContacts(waiting, copy.hubspotId))
      const sentStage = stages.toOurs(sent.pipeline ?? null, sent.dealstage ?? null) ?? null
      const origin = { sent, sentStage, sentLeads: [...leads.values()] }
      const next = withCopy(kind, waiting, imported, origin, { rules, now: clock() })
      const timed = timedSince(sent, imported.remote ?? {}, rules[kind.name])
      return timed.length > 0 ? withTimes(next, await timesOf(timed)) : next
    })
  }

  return { ...repository, claimDirty, markWritten, takeCopy }
}
export type Outbox<K extends KindName> = ReturnType<typeof createOutbox<K>>
