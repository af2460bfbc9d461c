import type { DealDocument, LeadDocument } from '../../database/documents'
import type { CrmObject, Filter, ObjectType } from '../../hubspot/crm-types'
import type { PendingWrite } from '../../records/outbox'
import type { WriterDeps } from './drain'
import type { RunContext } from '../runs/context'

/** What HubSpot's clock and ours may differ when "created since the intent" is asked for. */
const clockSkewMs = 10 * 60_000
/**
 * HubSpot's search knows a new record "after a few moments": looked for too early it would be made
 * twice.
 */
export const defaultIndexLagMs = 60_000
const namesOf: Record<ObjectType, string[]> = {
  contacts: ['firstname', 'lastname'],
  deals: ['dealname'],
}

export type AnyWrite = PendingWrite<LeadDocument> | PendingWrite<DealDocument>

/** What the create sent, which the record need not hold any more. */
export function sentOf(write: AnyWrite): Record<string, string> {
  return write.record.create_intent?.sent ?? write.properties
}

/** @returns whether the object may be what this record's create made, by its age */
export function isSinceIntent(write: AnyWrite, object: CrmObject): boolean {
  const at = write.record.create_intent?.at.getTime()
  return at !== undefined && Date.parse(object.createdAt) >= at - clockSkewMs
}

export type LookupDeps = Pick<
  WriterDeps,
  'collections' | 'clock' | 'mapping' | 'outboxes' | 'indexLagMs'
>

/**
 * What is known about a create whose outcome is unclear: found, surely not made, or not to be known
 * before an instant.
 */
export type Lookup = { found: CrmObject } | { notMade: true } | { unknownUntil: Date }

/**
 * Finds what a create made whose answer was lost. HubSpot has no idempotency key, so the object
 * itself is looked for, surest way first: a contact by its unique e-mail address, a deal through
 * its contact's associations (both at once and without the search index); what has neither by
 * search for the values that were sent, once the index must know it.
 */
export function createLookup({
  collections,
  clock,
  mapping,
  outboxes,
  indexLagMs = defaultIndexLagMs,
}: LookupDeps) {
  /**
   * The index's lag counts from when the create was first seen to be unclear: its request may have
   * waited its turn before it was sent, and have been long under way.
   * @returns from when on a create that did not show has not happened
   */
  async function settledAt(ctx: RunContext, type: ObjectType, { record }: AnyWrite): Promise<Date> {
    const intent = record.create_intent
    const unclearAt = intent?.unclear_at ?? clock()
    if (intent && !intent.unclear_at)
      await outboxes[type].markIntentUnclear(ctx.partnerId, record._id, intent.id, unclearAt)
    return new Date(unclearAt.getTime() + indexLagMs)
  }

  /** How much of what was sent an object still has: people may have changed the rest since. */
  const likeness = (write: AnyWrite, { properties }: CrmObject) =>
    Object.entries(sentOf(write)).filter(([name, value]) => properties[name] === value).length

  /**
   * Objects that belong to somebody else here are no candidates, unless they came in since: then
   * they are the very one. One that somebody has edited by then takes the waiting one in
   * (`server/leads/absorb.ts`).
   */
  async function withoutOwned(
    ctx: RunContext,
    type: ObjectType,
    write: AnyWrite,
    candidates: CrmObject[],
    taken: ReadonlySet<string>,
  ): Promise<CrmObject | null> {
    const at = write.record.create_intent?.at
    const free = candidates
      .filter(candidate => !taken.has(candidate.id))
      .sort(
        (one, other) =>
          likeness(write, other) - likeness(write, one) ||
          Date.parse(one.createdAt) - Date.parse(other.createdAt),
      )
    if (free.length === 0 || !at) return null
    const filter = {
      partner_id: ctx.partnerId,
      portal_id: ctx.portalId,
      hubspot_id: { $in: free.map(candidate => candidate.id) },
    }
    const options = { projection: { hubspot_id: 1, created_at: 1 } }
    const owners =
      type === 'contacts'
        ? await collections.leads.find(filter, options).toArray()
        : await collections.deals.find(filter, options).toArray()
    const owned = new Set(
      owners.filter(owner => owner.created_at < at).map(owner => owner.hubspot_id),
    )
    return free.find(candidate => !owned.has(candidate.id)) ?? null
  }

  function isSame(type: ObjectType, write: AnyWrite, candidate: CrmObject): boolean {
    if (!isSinceIntent(write, candidate)) return false
    const sent = sentOf(write)
    return namesOf[type].every(name => (sent[name] ?? '') === (candidate.properties[name] ?? ''))
  }

  async function bySearch(
    ctx: RunContext,
    type: ObjectType,
    write: AnyWrite,
    properties: string[],
    taken: ReadonlySet<string>,
  ): Promise<Lookup> {
    const at = write.record.create_intent?.at ?? clock()
    const known = await settledAt(ctx, type, write)
    if (clock() < known) return { unknownUntil: known }
    const sent = sentOf(write)
    const equal = (names: string[]) =>
      names.flatMap((propertyName): Filter[] =>
        sent[propertyName] ? [{ propertyName, operator: 'EQ', value: sent[propertyName] }] : [],
      )
    const named = equal(namesOf[type])
    // People change amounts, stages and numbers at once; what a record is called they do not.
    const filters =
      named.length > 0
        ? named
        : equal(type === 'deals' ? ['amount', 'dealstage', 'pipeline'] : ['phone', 'company'])
    filters.push({
      propertyName: 'createdate',
      operator: 'GTE',
      value: String(at.getTime() - clockSkewMs),
    })
    const page = await ctx.crm.search(type, {
      filters,
      sorts: [{ propertyName: 'createdate', direction: 'ASCENDING' }],
      properties,
      limit: 100,
    })
    const found = await withoutOwned(
      ctx,
      type,
      write,
      page.results.filter(candidate => isSame(type, write, candidate)),
      taken,
    )
    return found ? { found } : { notMade: true }
  }

  return {
    /** Contacts by e-mail address, whoever made them. @returns by address, in lower case */
    async byEmail(ctx: RunContext, emails: string[]): Promise<Map<string, CrmObject>> {
      if (emails.length === 0) return new Map()
      const { results } = await ctx.crm.batchRead(
        'contacts',
        emails,
        await mapping.propertiesToRead(ctx.partnerId, 'contacts'),
        { idProperty: 'email' },
      )
      return new Map(
        results.flatMap(contact =>
          contact.properties.email
            ? [[contact.properties.email.trim().toLowerCase(), contact] as const]
            : [],
        ),
      )
    },

    /**
     * @param write its record carries a create intent
     * @param taken ids that other records of this batch have been found to be
     */
    async ofIntent(
      ctx: RunContext,
      type: ObjectType,
      write: AnyWrite,
      taken: ReadonlySet<string>,
    ): Promise<Lookup> {
      const properties = await mapping.propertiesToRead(ctx.partnerId, type)
      const [contactId] = write.record.create_intent?.contacts ?? []
      if (type === 'contacts' || contactId === undefined)
        return await bySearch(ctx, type, write, properties, taken)
      const dealIds =
        (await ctx.crm.associations('contacts', 'deals', [contactId])).get(contactId) ?? []
      if (
        dealIds.length === 0 &&
        (await ctx.crm.batchRead('contacts', [contactId], ['email'])).missing.length > 0
      ) {
        // The contact went after the create was sent, and took the way to its deals with it.
        return await bySearch(ctx, type, write, properties, taken)
      }
      const { results } = await ctx.crm.batchRead('deals', dealIds, properties)
      const found = await withoutOwned(
        ctx,
        type,
        write,
        results.filter(candidate => isSame(type, write, candidate)),
        taken,
      )
      if (found) return { found }
      // A request whose sender died may still be on its way.
      const known = await settledAt(ctx, type, write)
      return clock() < known ? { unknownUntil: known } : { notMade: true }
    },
  }
}
export type ObjectLookup = ReturnType<typeof createLookup>
