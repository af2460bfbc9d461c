import type { AnyRecord, AssociationsDocument, SendingDocument } from '../database/documents'
import type { CrmObject } from '../hubspot/crm-types'
import type { FieldRule } from './merge-field'
import { fromHubspot, sameValue } from './values'

/**
 * What we wrote ourselves is no news when it comes back, also where HubSpot's answer to the write
 * was lost: both sides agree on it. Pure.
 */

export type Texts = Record<string, string | null>

/** Whether two texts of a property mean the same; without a rule, to the letter. */
function isSame(
  rules: readonly FieldRule[],
  property: string,
  one: string | null | undefined,
  other: string | null | undefined,
): boolean {
  const [a, b] = [one || null, other || null]
  const rule = rules.find(each => each.property === property)
  if (a === b || !rule) return a === b
  const [mine, theirs] = [fromHubspot(rule, a), fromHubspot(rule, b)]
  return mine !== undefined && theirs !== undefined && sameValue(rule, mine, theirs)
}

/** Whether an object has, or had, every text that was sent. */
export function hasTexts(rules: readonly FieldRule[], sent: Texts, values: Texts): boolean {
  return Object.entries(sent).every(([property, text]) =>
    isSame(rules, property, text, values[property]),
  )
}

/** What of the latest update has come back. @returns by property, HubSpot's text */
export function ofLastUpdate(
  { sending }: Pick<AnyRecord, 'sending'>,
  { properties }: Pick<CrmObject, 'properties'>,
  rules: readonly FieldRule[],
): Texts {
  return Object.fromEntries(
    Object.entries(sending?.sent ?? {}).flatMap(([property, text]) =>
      Object.hasOwn(properties, property) && isSame(rules, property, text, properties[property])
        ? [[property, properties[property] || null] as const]
        : [],
    ),
  )
}

/**
 * What is still not known to have reached HubSpot. What came back once was seen: the same text there
 * later is somebody's edit.
 */
export function stillSending(
  { sending }: Pick<AnyRecord, 'sending'>,
  own: Texts,
): SendingDocument | null {
  if (!sending) return null
  const left = Object.entries(sending.sent).filter(([property]) => !Object.hasOwn(own, property))
  return { ...sending, sent: Object.fromEntries(left) }
}

/**
 * What a create sent, if it made this object: an edit made since, on either side, counts as newer.
 * @returns by property, what both sides agreed on; empty where the object is somebody else's
 */
export function ofOwnCreate(
  { create_intent: intent }: Pick<AnyRecord, 'create_intent'>,
  { properties, initial }: Pick<CrmObject, 'properties' | 'initial'>,
  rules: readonly FieldRule[],
): Texts {
  const sent = intent?.sent
  if (!sent) return {}
  if (hasTexts(rules, sent, properties)) {
    const arrived = Object.keys(sent).map(property => [property, properties[property] || null])
    return Object.fromEntries(arrived) as Texts
  }
  return initial && hasTexts(rules, sent, initial) ? sent : {}
}

/**
 * What HubSpot holds otherwise than a create of ours sent, and whose latest edit wins: when it was
 * set there decides, and the record's own date says too much. @returns properties
 */
export function timedSince(sent: Texts, properties: Texts, rules: readonly FieldRule[]): string[] {
  return rules
    .filter(
      ({ policy, property }) =>
        policy === 'latest_wins' &&
        Object.hasOwn(sent, property) &&
        Object.hasOwn(properties, property) &&
        !isSame(rules, property, sent[property], properties[property]),
    )
    .map(rule => rule.property)
}

/**
 * The deal with what is known of HubSpot's associations: those that we wrote, and that have come
 * back, are no change of HubSpot's.
 */
export function withOwnAssociations<D extends AssociationsDocument>(
  deal: D,
  { sending, create_intent: intent }: Pick<AnyRecord, 'sending' | 'create_intent'>,
  remote: readonly string[] | undefined,
): D {
  if (!remote) return deal
  const added = [...(sending?.added ?? []), ...(intent?.contacts ?? [])]
  const removed = sending?.removed ?? []
  const known = deal.hubspot_contact_ids.filter(id => !removed.includes(id) || remote.includes(id))
  const own = added.filter(id => remote.includes(id) && !known.includes(id))
  if (own.length === 0 && known.length === deal.hubspot_contact_ids.length) return deal
  return {
    ...deal,
    hubspot_contact_ids: [...new Set([...known, ...own])].sort(),
    // What the write changed may have been changed back here in the meantime.
    associations_dirty: true,
    associations_stuck: false,
  }
}

/**
 * What an update is about to send. What an earlier one without an answer sent stays named: HubSpot
 * may have it, whatever becomes of this one.
 */
export function sendingNow(
  { sending: before }: Pick<AnyRecord, 'sending'>,
  {
    properties,
    associations,
  }: { properties: Record<string, string>; associations: { add: string[]; remove: string[] } },
  at: Date,
): SendingDocument {
  return {
    at,
    sent: { ...before?.sent, ...properties },
    added: [...new Set([...(before?.added ?? []), ...associations.add])],
    removed: [...new Set([...(before?.removed ?? []), ...associations.remove])],
  }
}
