import type { CrmObject, Filter, ObjectType } from '../../hubspot/crm-types'
import { kindOfType } from '../../records/kinds'
import { findArrivedSince, findLinkedIds } from '../../records/repository/linked'
import type { RunContext } from '../runs/context'
import type { AnyWrite, OutboundDeps, Outboxes } from './context'

/** HubSpot's clock and ours may differ by this, for "created since the intent", ms */
const clockSkewMs = 10 * 60_000
/**
 * HubSpot's search finds a new record only after a few moments: a search that comes too early would
 * lead to a second create, ms
 */
export const defaultIndexLagMs = 60_000
/** What tells an object apart: people seldom change it at once. */
const namesOf: Record<ObjectType, string[]> = {
  contacts: ['firstname', 'lastname'],
  deals: ['dealname'],
}
/** What tells an object apart that was sent without a name */
const marksOf: Record<ObjectType, string[]> = {
  contacts: ['phone', 'company'],
  deals: ['amount', 'dealstage', 'pipeline'],
}

/** What the create sent. The record may have other values by now. */
export function sentOf(write: AnyWrite): Record<string, string> {
  return write.record.create_intent?.sent ?? write.properties
}

/** @returns whether the object is new enough to be what this record's create made */
function isSinceIntent(write: AnyWrite, object: CrmObject): boolean {
  const at = write.record.create_intent?.at.getTime()
  return at !== undefined && Date.parse(object.createdAt) >= at - clockSkewMs
}

/**
 * What an object made by a create is searched by. @returns by property; empty where nothing was sent
 * that tells an object apart: then nothing can be found
 */
export function signsOf(type: ObjectType, write: AnyWrite): Record<string, string> {
  const sent = sentOf(write)
  const among = (names: string[]) =>
    names.flatMap(name => (sent[name] ? [[name, sent[name]] as const] : []))
  const names = among(namesOf[type])
  return Object.fromEntries(names.length > 0 ? names : among(marksOf[type]))
}

/** Whether an object may be what this record's create made. */
export function isMadeBy(type: ObjectType, write: AnyWrite, object: CrmObject): boolean {
  if (Object.keys(signsOf(type, write)).length === 0 || !isSinceIntent(write, object)) return false
  const sent = sentOf(write)
  return namesOf[type].every(name => (sent[name] ?? '') === (object.properties[name] ?? ''))
}

export interface FindCreatedDeps extends Pick<
  OutboundDeps,
  'collections' | 'clock' | 'mapping' | 'indexLagMs'
> {
  outboxes: Outboxes
}

/** What a create without an answer made: an object, surely nothing, or not known before an instant */
export type Outcome = { found: CrmObject } | { notMade: true } | { unknownUntil: Date }

/**
 * Finds what a create made whose answer was lost. HubSpot has no idempotency key, so we look for the
 * object: a contact by its unique e-mail address, a deal by its contact's associations. What has
 * neither is looked for by the values that were sent, as soon as the search index must know it, and
 * among what came in here meanwhile: the index may be late for single records.
 */
export function createFindCreated({
  collections,
  clock,
  mapping,
  outboxes,
  indexLagMs = defaultIndexLagMs,
}: FindCreatedDeps) {
  /**
   * The index's lag counts from when the create was first seen to be unclear: its request may have
   * waited before it was sent, and may have taken long.
   * @returns from when on a create that the search does not show has not happened
   */
  async function settledAt(ctx: RunContext, type: ObjectType, { record }: AnyWrite): Promise<Date> {
    const intent = record.create_intent
    const unclearAt = intent?.unclear_at ?? clock()
    if (intent && !intent.unclear_at)
      await outboxes[type].markIntentUnclear(ctx.partnerId, record._id, intent.id, unclearAt)
    return new Date(unclearAt.getTime() + indexLagMs)
  }

  /** How many of the sent values an object still has. People may have changed the rest. */
  const likeness = (write: AnyWrite, { properties }: CrmObject) =>
    Object.entries(sentOf(write)).filter(([name, value]) => properties[name] === value).length

  /**
   * Objects of other records here are no candidates, unless they were imported after our create
   * left: then this is the object we created. If that copy was edited, it absorbs the waiting record
   * (`server/records/take-copy.ts`).
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
    const ids = free.map(candidate => candidate.id)
    const owners = await findLinkedIds(collections, kindOfType(type), ctx, ids)
    const owned = new Set(
      owners.filter(owner => owner.created_at < at).map(owner => owner.hubspot_id),
    )
    return free.find(candidate => !owned.has(candidate.id)) ?? null
  }

  /** What came in here since the create left, by webhook or list, and may be what it made. */
  async function arrived(
    ctx: RunContext,
    type: ObjectType,
    write: AnyWrite,
    properties: string[],
  ): Promise<CrmObject[]> {
    const signs = signsOf(type, write)
    const at = write.record.create_intent?.at
    if (Object.keys(signs).length === 0 || !at) return []
    const since = new Date(at.getTime() - clockSkewMs)
    const ids = await findArrivedSince(collections, kindOfType(type), ctx, since, signs)
    const { results } = await ctx.crm.batchRead(type, ids, properties)
    return results.filter(candidate => isMadeBy(type, write, candidate))
  }

  async function bySearch(
    ctx: RunContext,
    type: ObjectType,
    write: AnyWrite,
    properties: string[],
    taken: ReadonlySet<string>,
  ): Promise<Outcome> {
    const at = write.record.create_intent?.at ?? clock()
    const known = await settledAt(ctx, type, write)
    if (clock() < known) return { unknownUntil: known }
    const filters = Object.entries(signsOf(type, write)).map(([propertyName, value]): Filter => ({
      propertyName,
      operator: 'EQ',
      value,
    }))
    if (filters.length === 0) return { notMade: true }
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
    const candidates = [
      ...page.results.filter(candidate => isMadeBy(type, write, candidate)),
      ...(await arrived(ctx, type, write, properties)),
    ]
    const each = [...new Map(candidates.map(candidate => [candidate.id, candidate])).values()]
    const found = await withoutOwned(ctx, type, write, each, taken)
    return found ? { found } : { notMade: true }
  }

  /** A contact that began with the address that was sent, and has another one by now. */
  async function readdressed(
    ctx: RunContext,
    write: AnyWrite,
    properties: string[],
    taken: ReadonlySet<string>,
  ): Promise<Outcome> {
    const candidates = await arrived(ctx, 'contacts', write, properties)
    const ids = candidates.map(({ id }) => id)
    const initial = await ctx.crm.initialValues('contacts', ids, ['email'])
    const email = sentOf(write).email?.trim().toLowerCase()
    const own = candidates.filter(({ id }) => initial.get(id)?.email?.toLowerCase() === email)
    const found = await withoutOwned(ctx, 'contacts', write, own, taken)
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
     * @param write its record carries a create intent; no contact has the address that was sent
     * @param taken ids that other records of this batch have been found to be
     */
    async ofIntent(
      ctx: RunContext,
      type: ObjectType,
      write: AnyWrite,
      taken: ReadonlySet<string>,
    ): Promise<Outcome> {
      const properties = await mapping.propertiesToRead(ctx.partnerId, type)
      const madeId = write.record.create_intent?.object_id
      if (madeId !== undefined) {
        // A process that died had found it: its copy is gone into this record already.
        const [made] = (await ctx.crm.batchRead(type, [madeId], properties)).results
        if (made) return { found: made }
      }
      if (sentOf(write).email) return await readdressed(ctx, write, properties, taken)
      const [contactId] = write.record.create_intent?.contacts ?? []
      if (type === 'contacts' || contactId === undefined)
        return await bySearch(ctx, type, write, properties, taken)
      const named = await ctx.crm.associations('contacts', 'deals', [contactId])
      const dealIds = named.get(contactId)
      // An incomplete answer says nothing: taken for "none", it would make a second deal.
      if (!dealIds) return { unknownUntil: new Date(clock().getTime() + indexLagMs) }
      if (
        dealIds.length === 0 &&
        (await ctx.crm.batchRead('contacts', [contactId], ['email'])).missing.length > 0
      ) {
        // The contact was deleted after the create was sent: its associations show nothing any more.
        return await bySearch(ctx, type, write, properties, taken)
      }
      const { results } = await ctx.crm.batchRead('deals', dealIds, properties)
      const found = await withoutOwned(
        ctx,
        type,
        write,
        results.filter(candidate => isMadeBy(type, write, candidate)),
        taken,
      )
      if (found) return { found }
      // The request of a process that died may still arrive.
      const known = await settledAt(ctx, type, write)
      return clock() < known ? { unknownUntil: known } : { notMade: true }
    },
  }
}
export type FindCreated = ReturnType<typeof createFindCreated>
