import { isDuplicateKey } from '../../database/duplicate-key'
import type { BatchResult, CrmObject, ObjectType, RecordFailure } from '../../hubspot/crm-types'
import { causeOf } from '../../records/failure-cause'
import { kindOfType } from '../../records/kinds'
import type { AnyWrite, DrainContext, Outbox, OutboundDeps, Outboxes } from './context'
import { ofOwnCreate, timedSince } from '../../records/own-write'
import { withInitialValues } from '../inbound/initial-values'
import { valueTimes } from '../inbound/value-times'
import { noAnswer, refusalOf, retryAt, shown } from './record-failure'

/** HubSpot's copy of a record can arrive once more between our two writes: as often as this */
const maxCopies = 3

export interface SettleDeps extends Pick<OutboundDeps, 'clock' | 'inbound' | 'mapping' | 'pull'> {
  outboxes: Outboxes
}

/** What a write changes here: written, refused, or to be tried again. */
export function createSettle({ clock, inbound, mapping, pull, outboxes }: SettleDeps) {
  async function timesOf(
    { crm }: DrainContext,
    type: ObjectType,
    id: string,
    properties: string[],
  ): Promise<Record<string, string>> {
    return (await valueTimes(crm, type, [id], properties))?.get(id) ?? {}
  }

  /**
   * Stores that HubSpot has the record now. A copy of it that arrived in the meantime goes into it.
   * @param sentAt when its create was about to be sent
   */
  async function storeCreated(
    ctx: DrainContext,
    type: ObjectType,
    write: AnyWrite,
    written: Parameters<Outbox['markWritten']>[2],
    sentAt = clock(),
  ): Promise<void> {
    const { partnerId, portalId } = ctx
    const { id: hubspotId } = written.object
    const since = write.record.create_intent?.at ?? sentAt
    const copy = { partnerId, portalId, hubspotId, recordId: write.record._id, since }
    for (let attempt = 1; ; attempt++) {
      await outboxes[type].takeCopy(copy, timed => timesOf(ctx, type, hubspotId, timed))
      try {
        await outboxes[type].markWritten(partnerId, write.record._id, written)
        return
      } catch (error) {
        if (!isDuplicateKey(error) || attempt === maxCopies) throw error
      }
    }
  }

  return {
    created: storeCreated,

    /** Our record is this object of HubSpot's: links them and merges both sides. */
    async linked(
      ctx: DrainContext,
      type: ObjectType,
      write: AnyWrite,
      object: CrmObject,
      sentAt?: Date,
    ): Promise<void> {
      const { partnerId, portalId } = ctx
      // An object that our own create made began with what was sent. What differs here was edited
      // since, and is written next.
      const rules = (await mapping.fieldsFor(partnerId))[kindOfType(type).name]
      const created = await withInitialValues(
        ctx.crm,
        type,
        [object],
        new Map([[object.id, write.record]]),
        rules,
      )
      const agreed = ofOwnCreate(write.record, created?.[0] ?? object, rules)
      const sent = Object.fromEntries(
        Object.entries(agreed).map(([property, text]) => [property, text ?? '']),
      )
      const timed = timedSince(agreed, object.properties, rules)
      const changedAt = timed.length > 0 ? await timesOf(ctx, type, object.id, timed) : undefined
      const found = { ...object, changedAt }
      await storeCreated(ctx, type, write, { portalId, sent, object: found }, sentAt)
      const page = type === 'deals' ? await pull.withContacts(ctx, [object]) : [object]
      await inbound.apply({
        partnerId,
        portalId,
        type,
        records: page,
        runId: ctx.run._id,
        crm: ctx.crm,
        tell: ctx.tell,
        page: `link:${type}:${object.id}`,
      })
      ctx.tell({
        type,
        direction: 'out',
        outcome: 'merged',
        recordId: write.record._id,
        hubspotId: object.id,
        reason: type === 'contacts' ? 'linked_by_email' : 'found_in_hubspot',
      })
    },

    /** HubSpot refused the write: stored on the record, which is tried again when that can help. */
    async refused(
      ctx: DrainContext,
      type: ObjectType,
      { record, fields }: AnyWrite,
      failure: RecordFailure,
      during: 'write' | 'association' = 'write',
    ): Promise<void> {
      ctx.tell({
        type,
        direction: 'out',
        outcome: 'failed',
        recordId: record._id,
        hubspotId: record.hubspot_id,
        fields,
        error: shown(failure),
      })
      await outboxes[type].markFailed(ctx.partnerId, record._id, {
        revision: record.revision,
        error: { ...shown(failure), cause: causeOf({ ...failure, during }) },
        retryAt: retryAt(failure, record.sync.attempts, clock()),
        isUnclear: failure.code === noAnswer.code,
      })
    },

    /**
     * An association was refused: reads its contacts again, and settles the leads of those that
     * HubSpot no longer has.
     * @returns whether one is gone: then the deal may be tried again at once
     */
    async areContactsGone(ctx: DrainContext, contactIds: string[]): Promise<boolean> {
      if (contactIds.length === 0) return false
      const { missing } = await pull.pull(ctx, 'contacts', contactIds, {
        label: `associated:${contactIds[0] ?? ''}`,
      })
      return missing.length > 0
    },
  }
}
export type Settle = ReturnType<typeof createSettle>

/** Stops a process that has lost the run or the write lease before HubSpot gets a request. */
export async function assertMayWrite(ctx: DrainContext): Promise<void> {
  await ctx.save({ phase: 'write_back' })
  await ctx.lease.assert()
}

/**
 * @param keys of the batch's inputs
 * @returns the refusal of the whole batch as the outcome of each of its records
 * @throws an error that is not about records
 */
export function eachRefused(error: unknown, keys: readonly string[]): BatchResult {
  const failure = refusalOf(error)
  if (failure === null) throw error
  return new Map(keys.map(key => [key, { error: failure }]))
}
