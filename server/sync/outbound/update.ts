import type { BatchResult, CrmObject, ObjectType, RecordFailure } from '../../hubspot/crm-types'
import type { AnyRecord } from '../../database/documents'
import { sendingNow } from '../../records/own-write'
import { HubspotError } from '../../hubspot/errors'
import type { OutsideAmong } from '../inbound/scope'
import type { AnyUpdate, Drained, DrainContext, OutboundDeps, Outboxes } from './context'
import { isGone, noAnswer, refusalOf } from './record-failure'
import { assertMayWrite, eachRefused, type Settle } from './settle'
import { refusedStage, stepBack } from './step-back'

export interface UpdateDeps extends Pick<OutboundDeps, 'clock' | 'inbound' | 'mapping' | 'pull'> {
  outsideAmong: OutsideAmong
  outboxes: Outboxes
  settle: Settle
}

/** Changes of linked records reach HubSpot. Every one may be sent twice without harm. */
export function createUpdates({
  clock,
  inbound,
  mapping,
  pull,
  outboxes,
  settle,
  outsideAmong,
}: UpdateDeps) {
  /**
   * Reads the records first, so that a change made in HubSpot a moment ago meets its policy instead
   * of being overwritten, and so that nothing is written to what is outside of what is synced.
   * @returns the writes that still stand; the others were merged and come up again if anything is
   *   left of them
   */
  async function withoutOvertaken(
    ctx: DrainContext,
    type: ObjectType,
    writes: AnyUpdate[],
  ): Promise<AnyUpdate[]> {
    const { partnerId, portalId } = ctx
    const { results, missing } = await ctx.crm.batchRead(
      type,
      writes.map(idOf),
      await mapping.propertiesToRead(partnerId, type),
    )
    const written = new Map(writes.map(write => [idOf(write), write.record]))
    const outside = await outsideAmong(ctx, type, results)
    const newer = results.filter(
      object => outside.has(object.id) || isNews(object, written.get(object.id)),
    )
    if (newer.length > 0) {
      const records = type === 'deals' ? await pull.withContacts(ctx, newer) : newer
      await inbound.apply({
        partnerId,
        portalId,
        type,
        records,
        runId: ctx.run._id,
        crm: ctx.crm,
        tell: ctx.tell,
        page: `overtaken:${type}:${newer[0]?.id ?? ''}`,
      })
    }
    if (missing.length > 0)
      await inbound.archive({ partnerId, portalId, type, ids: missing, tell: ctx.tell })
    const moved = new Set([...newer.map(object => object.id), ...missing])
    const overtaken = writes.filter(write => moved.has(idOf(write)))
    return writes.filter(write => !overtaken.includes(write))
  }

  /** Associations are written one by one. */
  async function associate(ctx: DrainContext, write: AnyUpdate): Promise<void> {
    const dealId = idOf(write)
    for (const contactId of write.associations.add)
      await ctx.crm.associateDefault('deals', dealId, 'contacts', contactId)
    for (const contactId of write.associations.remove) {
      try {
        await ctx.crm.removeAssociation('deals', dealId, 'contacts', contactId)
      } catch (error) {
        // Already gone is what was asked for.
        if (!(error instanceof HubspotError) || error.kind !== 'not_found') throw error
      }
    }
  }

  async function settleOne(
    ctx: DrainContext,
    type: ObjectType,
    write: AnyUpdate,
    outcome: { ok: Pick<CrmObject, 'id' | 'properties' | 'updatedAt'> } | { error: RecordFailure },
    done: Drained,
  ): Promise<void> {
    const { partnerId, portalId } = ctx
    const { record, associations } = write
    const told = {
      type,
      direction: 'out' as const,
      recordId: record._id,
      hubspotId: record.hubspot_id,
      fields: write.fields,
    }
    if ('error' in outcome) {
      if (!isGone(outcome.error)) {
        await settle.refused(ctx, type, write, outcome.error)
        done.failed += 1
        return
      }
      await inbound.archive({ partnerId, portalId, type, ids: [idOf(write)] })
      ctx.tell({ ...told, outcome: 'skipped', reason: 'gone_in_hubspot' })
      return
    }
    if (associations.add.length + associations.remove.length > 0) {
      try {
        await ctx.lease.assert()
        await associate(ctx, write)
      } catch (error) {
        const failure = refusalOf(error)
        if (failure === null) throw error
        // Its lead is settled: the deal is still dirty, and is claimed again at once.
        if (await settle.areContactsGone(ctx, associations.add)) return
        await settle.refused(ctx, type, write, failure, 'association')
        done.failed += 1
        return
      }
    }
    await outboxes[type].markWritten(partnerId, record._id, {
      portalId,
      cause: ctx.run._id,
      sent: write.properties,
      before: record.base ?? {},
      object: outcome.ok,
      associations: { added: associations.add, removed: associations.remove },
    })
    ctx.tell({ ...told, outcome: 'updated' })
    done.writtenBack += 1
  }

  /** @returns the writes whose records are still those of their objects: the others are not sent */
  async function setSending(
    ctx: DrainContext,
    type: ObjectType,
    writes: readonly AnyUpdate[],
  ): Promise<AnyUpdate[]> {
    const at = clock()
    const moved = await outboxes[type].setSending(
      ctx.partnerId,
      writes.map(write => ({
        id: write.record._id,
        hubspotId: idOf(write),
        sending: sendingNow(write.record, write, at),
      })),
    )
    return writes.filter(write => !moved.includes(write.record._id.toHexString()))
  }

  /** @param writes at most 100 */
  return async function update(
    ctx: DrainContext,
    type: ObjectType,
    writes: AnyUpdate[],
  ): Promise<Drained> {
    const done: Drained = { writtenBack: 0, failed: 0 }
    if (writes.length === 0) return done
    const standing = await setSending(ctx, type, await withoutOvertaken(ctx, type, writes))
    const withProperties = standing.filter(write => Object.keys(write.properties).length > 0)
    let outcomes: BatchResult = new Map()
    if (withProperties.length > 0) {
      await assertMayWrite(ctx)
      outcomes = await ctx.crm
        .batchUpdate(
          type,
          withProperties.map(write => ({ id: idOf(write), properties: write.properties })),
        )
        .catch((error: unknown) => eachRefused(error, withProperties.map(idOf)))
      const kept = withProperties.filter(write => refusedStage(write, outcomes.get(idOf(write))))
      if (kept.length > 0) {
        const again = await stepBack(
          { setSending: (ctx, writes) => setSending(ctx, type, writes) },
          ctx,
          kept,
        )
        for (const [id, outcome] of again) outcomes.set(id, outcome)
      }
    }
    for (const write of standing) {
      const outcome = withProperties.includes(write)
        ? (outcomes.get(idOf(write)) ?? { error: noAnswer })
        : { ok: unchanged(write) }
      await settleOne(ctx, type, write, outcome, done)
    }
    return done
  }
}

const idOf = (write: AnyUpdate) => write.hubspotId

/** Somebody changed the object in HubSpot since it was last read. Our own writes are no news. */
export function isNews(
  { properties, updatedAt }: CrmObject,
  record: AnyRecord | undefined,
): boolean {
  if (!record) return true
  const seenAt = record.hubspot_seen_at ?? record.hubspot_modified_at
  if (Date.parse(updatedAt) <= (seenAt?.getTime() ?? 0)) return false
  const remote = record.remote ?? {}
  return Object.entries(properties).some(
    ([property, text]) => (text || null) !== (remote[property] ?? null),
  )
}

/** Only associations were written: the record itself stands as it was last seen. */
function unchanged(write: AnyUpdate): Pick<CrmObject, 'id' | 'properties' | 'updatedAt'> {
  const { record } = write
  return {
    id: idOf(write),
    properties: {},
    updatedAt: (record.hubspot_modified_at ?? record.updated_at).toISOString(),
  }
}
