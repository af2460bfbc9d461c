import { randomUUID } from 'node:crypto'
import type { CrmObject, ObjectType } from '../../hubspot/crm-types'
import type { Drained, WriteContext, WriterDeps } from './drain'
import { existingId, noAnswer, retryAt, shown } from './failures'
import { sentOf, type AnyWrite, type ObjectLookup } from './find-created'

/**
 * New records reach HubSpot once, whatever happens on the way. Before a create is sent its intent
 * is stored on the record; a record that carries one is looked for in HubSpot before anything is
 * sent again.
 */
export function createCreates({
  clock,
  mapping,
  outboxes,
  send,
  link,
  settle,
  areContactsGone,
  sentAt,
  lookup,
}: WriterDeps & { lookup: ObjectLookup }) {
  async function linkExisting(ctx: WriteContext, write: AnyWrite, id: string): Promise<boolean> {
    const { results } = await ctx.crm.batchRead(
      'contacts',
      [id],
      await mapping.propertiesToRead(ctx.partnerId, 'contacts'),
    )
    const [contact] = results
    if (contact) await link(ctx, 'contacts', write, contact)
    return contact !== undefined
  }

  /** Ties those that HubSpot has already; @returns those that are really new */
  async function linkKnown(
    ctx: WriteContext,
    type: ObjectType,
    writes: AnyWrite[],
    done: Drained,
  ): Promise<AnyWrite[]> {
    // The address that a create was sent with comes first: the lead may have been given another one
    // since.
    const emailsOf = (write: AnyWrite) =>
      type === 'contacts'
        ? [sentOf(write).email, write.properties.email].flatMap(email =>
            email ? [email.trim().toLowerCase()] : [],
          )
        : []
    const contacts = await lookup.byEmail(ctx, [...new Set(writes.flatMap(emailsOf))])
    const taken = new Set<string>()
    const fresh: AnyWrite[] = []
    for (const write of writes) {
      let found: CrmObject | undefined = emailsOf(write)
        .map(email => contacts.get(email))
        .find(contact => contact !== undefined)
      if (!found && write.record.create_intent !== null && !sentOf(write).email) {
        const result = await lookup.ofIntent(ctx, type, write, taken)
        if ('unknownUntil' in result) {
          await outboxes[type].release(ctx.partnerId, [write.record._id], result.unknownUntil)
          continue
        }
        if ('found' in result) found = result.found
      }
      if (!found) {
        fresh.push(write)
        continue
      }
      taken.add(found.id)
      await link(ctx, type, write, found)
      ctx.tell({
        type,
        direction: 'out',
        outcome: 'merged',
        recordId: write.record._id,
        hubspotId: found.id,
        reason: type === 'contacts' ? 'linked_by_email' : 'found_in_hubspot',
      })
      done.writtenBack += 1
    }
    return fresh
  }

  return {
    /** @param writes at most 100 */
    async write(ctx: WriteContext, type: ObjectType, writes: AnyWrite[]): Promise<Drained> {
      const done: Drained = { writtenBack: 0, failed: 0 }
      if (writes.length === 0) return done
      const outbox = outboxes[type]
      const fresh = await linkKnown(ctx, type, writes, done)
      if (fresh.length === 0) return done
      const now = clock()
      for (const write of fresh) sentAt.set(write, now)
      const intents = new Map(fresh.map(write => [write, randomUUID()]))
      await Promise.all(
        [...intents].map(([write, intent]) =>
          outbox.setCreateIntent(ctx.partnerId, write.record._id, intent, {
            sent: write.properties,
            contacts: write.associations.add,
          }),
        ),
      )
      const traceOf = (write: AnyWrite) => intents.get(write) ?? ''
      const outcomes = await send(ctx, [...intents.values()], () =>
        ctx.crm.batchCreate(
          type,
          fresh.map(write => ({
            traceId: traceOf(write),
            properties: write.properties,
            ...(write.associations.add.length > 0
              ? {
                  associations: write.associations.add.map(id => ({ to: 'contacts' as const, id })),
                }
              : {}),
          })),
        ),
      )
      for (const write of fresh) {
        const outcome = outcomes.get(traceOf(write)) ?? { error: noAnswer }
        if ('ok' in outcome) {
          await settle(ctx, type, write, {
            portalId: ctx.portalId,
            sent: write.properties,
            object: outcome.ok,
            associations: { added: write.associations.add, removed: [] },
          })
          ctx.tell({
            type,
            direction: 'out',
            outcome: 'created',
            recordId: write.record._id,
            hubspotId: outcome.ok.id,
            fields: write.fields,
          })
          done.writtenBack += 1
          continue
        }
        const existing = type === 'contacts' ? existingId(outcome.error) : null
        if (existing !== null && (await linkExisting(ctx, write, existing))) {
          ctx.tell({
            type,
            direction: 'out',
            outcome: 'merged',
            recordId: write.record._id,
            hubspotId: existing,
            reason: 'linked_by_email',
          })
          done.writtenBack += 1
          continue
        }
        if (outcome.error.code !== noAnswer.code)
          await outbox.forgetCreateIntent(ctx.partnerId, write.record._id)
        if (type === 'deals' && (await areContactsGone(ctx, write.associations.add))) {
          await outbox.release(ctx.partnerId, [write.record._id])
          continue
        }
        ctx.tell({
          type,
          direction: 'out',
          outcome: 'failed',
          recordId: write.record._id,
          hubspotId: null,
          fields: write.fields,
          error: shown(outcome.error),
        })
        await outbox.markFailed(ctx.partnerId, write.record._id, {
          revision: write.record.revision,
          error: shown(outcome.error),
          retryAt: retryAt(outcome.error, write.record.sync.attempts, clock()),
        })
        done.failed += 1
      }
      return done
    },
  }
}
