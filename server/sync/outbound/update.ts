import type { BatchResult, CrmObject, ObjectType } from '../../hubspot/crm-types'
import { HubspotError } from '../../hubspot/errors'
import type { Drained, WriteContext, WriterDeps } from './drain'
import { isGone, noAnswer, recordFailureOf, retryAt, shown } from './failures'
import type { AnyWrite } from './find-created'

/** Changes of linked records reach HubSpot. Every one may be sent twice without harm. */
export function createUpdates({
  clock,
  inbound,
  mapping,
  pull,
  outboxes,
  send,
  areContactsGone,
}: WriterDeps) {
  /**
   * Looks at the records as HubSpot has them now, so that a change made there a moment ago meets
   * its policy instead of being written over.
   * @returns the writes that still stand; the others were merged and come up again if anything is
   *   left of them
   */
  async function withoutOvertaken(
    ctx: WriteContext,
    type: ObjectType,
    writes: AnyWrite[],
  ): Promise<AnyWrite[]> {
    const { partnerId, portalId } = ctx
    const ids = writes.flatMap(({ record }) =>
      record.hubspot_id === null ? [] : [record.hubspot_id],
    )
    const { results, missing } = await ctx.crm.batchRead(
      type,
      ids,
      await mapping.propertiesToRead(partnerId, type),
    )
    const seen = new Map(
      writes.map(({ record }) => [record.hubspot_id, record.hubspot_modified_at?.getTime() ?? 0]),
    )
    const newer = results.filter(
      object => Date.parse(object.updatedAt) > (seen.get(object.id) ?? 0),
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
    const overtaken = writes.filter(({ record }) => moved.has(record.hubspot_id ?? ''))
    await outboxes[type].release(
      partnerId,
      overtaken.map(({ record }) => record._id),
    )
    return writes.filter(write => !overtaken.includes(write))
  }

  /** Associations travel one by one. @returns whether all of them stand */
  async function associate(ctx: WriteContext, write: AnyWrite): Promise<void> {
    const dealId = write.record.hubspot_id ?? ''
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

  return {
    /** @param writes at most 100 */
    async write(ctx: WriteContext, type: ObjectType, writes: AnyWrite[]): Promise<Drained> {
      const done: Drained = { writtenBack: 0, failed: 0 }
      if (writes.length === 0) return done
      const { partnerId, portalId } = ctx
      const outbox = outboxes[type]
      const standing = await withoutOvertaken(ctx, type, writes)
      const idOf = (write: AnyWrite) => write.record.hubspot_id ?? ''
      const withProperties = standing.filter(write => Object.keys(write.properties).length > 0)
      const outcomes: BatchResult =
        withProperties.length === 0
          ? new Map()
          : await send(ctx, withProperties.map(idOf), () =>
              ctx.crm.batchUpdate(
                type,
                withProperties.map(write => ({ id: idOf(write), properties: write.properties })),
              ),
            )
      for (const write of standing) {
        const { record } = write
        const outcome = withProperties.includes(write)
          ? (outcomes.get(idOf(write)) ?? { error: noAnswer })
          : { ok: unchanged(write) }
        let failure = 'error' in outcome ? outcome.error : null
        if (
          failure === null &&
          write.associations.add.length + write.associations.remove.length > 0
        ) {
          try {
            await ctx.turn.assert()
            await associate(ctx, write)
          } catch (error) {
            failure = recordFailureOf(error)
            if (failure === null) throw error
            if (await areContactsGone(ctx, write.associations.add)) {
              await outbox.release(partnerId, [record._id])
              continue
            }
          }
        } else if (failure !== null && isGone(failure)) {
          await inbound.archive({ partnerId, portalId, type, ids: [idOf(write)] })
          ctx.tell({
            type,
            direction: 'out',
            outcome: 'skipped',
            recordId: record._id,
            hubspotId: record.hubspot_id,
            fields: write.fields,
            reason: 'gone_in_hubspot',
          })
          await outbox.release(partnerId, [record._id])
          continue
        }
        if (failure === null && 'ok' in outcome) {
          await outbox.markWritten(partnerId, record._id, {
            portalId,
            sent: write.properties,
            object: outcome.ok,
            associations: { added: write.associations.add, removed: write.associations.remove },
          })
          ctx.tell({
            type,
            direction: 'out',
            outcome: 'updated',
            recordId: record._id,
            hubspotId: record.hubspot_id,
            fields: write.fields,
          })
          done.writtenBack += 1
        } else if (failure !== null) {
          ctx.tell({
            type,
            direction: 'out',
            outcome: 'failed',
            recordId: record._id,
            hubspotId: record.hubspot_id,
            fields: write.fields,
            error: shown(failure),
          })
          await outbox.markFailed(partnerId, record._id, {
            revision: record.revision,
            error: shown(failure),
            retryAt: retryAt(failure, record.sync.attempts, clock()),
          })
          done.failed += 1
        }
      }
      return done
    },
  }
}

/** Only associations were written: the record itself stands as it was last seen. */
function unchanged({ record }: AnyWrite): Pick<CrmObject, 'id' | 'properties' | 'updatedAt'> {
  return {
    id: record.hubspot_id ?? '',
    properties: {},
    updatedAt: (record.hubspot_modified_at ?? record.updated_at).toISOString(),
  }
}
