import { randomUUID } from 'node:crypto'
import type { CrmObject, ObjectType } from '../../hubspot/crm-types'
import type { AnyWrite, Drained, DrainContext, OutboundDeps, Outboxes } from './context'
import type { OutsideAmong } from '../inbound/scope'
import { sentOf, type FindCreated } from './find-created'
import { existingId, noAnswer } from './record-failure'
import { assertMayWrite, eachRefused, type Settle } from './settle'

export interface CreateDeps extends Pick<OutboundDeps, 'clock' | 'mapping'> {
  outboxes: Outboxes
  settle: Settle
  findCreated: FindCreated
  outsideAmong: OutsideAmong
}

/**
 * New records reach HubSpot once, even after a crash. An intent is stored on the record before its
 * create is sent. A record that carries one is looked for in HubSpot before anything is sent again.
 */
export function createCreates(deps: CreateDeps) {
  const { clock, mapping, outboxes, settle, findCreated, outsideAmong } = deps

  /**
   * Links what HubSpot has already, unless it is outside of what is synced: then nothing of it is
   * taken, and the record waits here until it comes back.
   * @returns whether it was linked
   */
  async function link(
    ctx: DrainContext,
    type: ObjectType,
    write: AnyWrite,
    object: CrmObject,
    sentAt?: Date,
  ): Promise<boolean> {
    const outside = (await outsideAmong(ctx, type, [object])).get(object.id)
    if (outside) await outboxes[type].leaveOut(ctx.partnerId, write.record, outside)
    else await settle.linked(ctx, type, write, object, sentAt)
    return outside === undefined
  }

  /** Links the contact that a refused create named. @returns `gone`: HubSpot has it no longer */
  async function linkExisting(
    ctx: DrainContext,
    write: AnyWrite,
    id: string,
    sentAt: Date,
  ): Promise<'linked' | 'left_out' | 'gone'> {
    const { results } = await ctx.crm.batchRead(
      'contacts',
      [id],
      await mapping.propertiesToRead(ctx.partnerId, 'contacts'),
    )
    const [contact] = results
    if (!contact) return 'gone'
    return (await link(ctx, 'contacts', write, contact, sentAt)) ? 'linked' : 'left_out'
  }

  /** Links those that HubSpot has already. @returns those that are really new */
  async function linkKnown(
    ctx: DrainContext,
    type: ObjectType,
    writes: AnyWrite[],
    done: Drained,
  ): Promise<AnyWrite[]> {
    // The address that a create was sent with comes first: the lead's may have changed since.
    const emailsOf = (write: AnyWrite) =>
      type === 'contacts'
        ? [sentOf(write).email, write.properties.email].flatMap(email =>
            email ? [email.trim().toLowerCase()] : [],
          )
        : []
    const contacts = await findCreated.byEmail(ctx, [...new Set(writes.flatMap(emailsOf))])
    const taken = new Set<string>()
    const fresh: AnyWrite[] = []
    for (const write of writes) {
      let found: CrmObject | undefined = emailsOf(write)
        .map(email => contacts.get(email))
        .find(contact => contact !== undefined)
      if (!found && write.record.create_intent !== null) {
        const result = await findCreated.ofIntent(ctx, type, write, taken)
        if ('unknownUntil' in result) {
          await outboxes[type].postpone(ctx.partnerId, [write.record._id], result.unknownUntil)
          continue
        }
        if ('found' in result) found = result.found
      }
      if (!found) {
        fresh.push(write)
        continue
      }
      taken.add(found.id)
      if (await link(ctx, type, write, found)) done.writtenBack += 1
    }
    return fresh
  }

  /** @param writes at most 100 */
  return async function create(
    ctx: DrainContext,
    type: ObjectType,
    writes: AnyWrite[],
  ): Promise<Drained> {
    const done: Drained = { writtenBack: 0, failed: 0 }
    if (writes.length === 0) return done
    const outbox = outboxes[type]
    const unlinked = await linkKnown(ctx, type, writes, done)
    const sentAt = clock()
    const intents = new Map<AnyWrite, string>()
    await Promise.all(
      unlinked.map(async write => {
        const intent = randomUUID()
        const isSet = await outbox.setCreateIntent(ctx.partnerId, write.record._id, intent, {
          sent: write.properties,
          contacts: write.associations.add,
        })
        if (isSet) intents.set(write, intent)
      }),
    )
    // One that got its HubSpot record since it was claimed is not created: it is claimed again.
    const fresh = unlinked.filter(write => intents.has(write))
    if (fresh.length === 0) return done
    const intentOf = (write: AnyWrite) => intents.get(write) ?? ''
    await assertMayWrite(ctx)
    const outcomes = await ctx.crm
      .batchCreate(
        type,
        fresh.map(write => ({
          traceId: intentOf(write),
          properties: write.properties,
          ...(write.associations.add.length > 0
            ? { associations: write.associations.add.map(id => ({ to: 'contacts' as const, id })) }
            : {}),
        })),
      )
      .catch((error: unknown) => eachRefused(error, [...intents.values()]))
    for (const write of fresh) {
      const outcome = outcomes.get(intentOf(write)) ?? { error: noAnswer }
      if ('ok' in outcome) {
        await settle.created(
          ctx,
          type,
          write,
          {
            portalId: ctx.portalId,
            cause: ctx.run._id,
            sent: write.properties,
            object: outcome.ok,
            associations: { added: write.associations.add, removed: [] },
          },
          sentAt,
        )
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
      const found = existing === null ? 'gone' : await linkExisting(ctx, write, existing, sentAt)
      if (found === 'linked') done.writtenBack += 1
      if (found !== 'gone') continue
      if (outcome.error.code !== noAnswer.code)
        await outbox.forgetCreateIntent(ctx.partnerId, write.record._id)
      // A contact was gone and its lead is settled: the deal is claimed again at once.
      if (type === 'deals' && (await settle.areContactsGone(ctx, write.associations.add))) continue
      await settle.refused(ctx, type, write, outcome.error)
      done.failed += 1
    }
    return done
  }
}
