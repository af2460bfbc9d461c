import { z } from 'zod'
import type { ObjectType } from '../../hubspot/crm-types'
import { compositeId } from './event-id'

/**
 * What happened, as an event says it. It tells which record to read, never what its values are.
 * @see docs/hubspot-platform.md#webhook-events
 */
export type EventKind =
  | 'creation'
  | 'propertyChange'
  | 'deletion'
  | 'merge'
  | 'restore'
  | 'associationChange'
  | 'privacyDeletion'

export interface WebhookEvent {
  /**
   * Portal, subscription type, object, property, event id, occurred at, and a hash of what else
   * tells events apart. Without the attempt number: HubSpot's retries are the same event.
   */
  id: string
  portalId: string
  subscriptionType: string
  kind: EventKind
  /** The object to read; for an association, the deal */
  objectType: ObjectType
  objectId: string
  occurredAt: Date
  /** The records of a merge, as the inbox stores them */
  related: { merged_ids?: string[]; primary_id?: string } | null
}

export interface ParsedWebhook {
  events: WebhookEvent[]
  /** Events that cannot be read */
  malformed: number
  /** Events of an object or a kind that we do not handle */
  ignored: number
}

/** Ids are numbers in webhooks and strings in the CRM API. We use strings. */
const HubspotId = z
  .union([z.string(), z.number().transform(String)])
  .pipe(z.string().regex(/^\d{1,20}$/))
const Word = z.string().regex(/^[\w.-]{1,100}$/)
const EventId = z.union([z.string().max(100), z.number().transform(String)])

const Event = z.object({
  eventId: EventId.nullish(),
  portalId: HubspotId,
  occurredAt: z
    .union([
      z.number(),
      z
        .string()
        .regex(/^\d{1,15}$/)
        .transform(Number),
      z.iso.datetime().transform(text => Date.parse(text)),
    ])
    .pipe(z.number().min(0).max(8.64e15)),
  subscriptionType: Word.optional(),
  // An old table of the documentation uses this name.
  eventType: Word.optional(),
  objectId: HubspotId.nullish(),
  objectTypeId: z.string().max(40).nullish(),
  propertyName: z.string().max(200).nullish(),
  // Only tells events apart.
  propertyValue: z.union([z.string(), z.number(), z.boolean()]).nullish().catch(undefined),
  // Checked, not used.
  changeSource: z.string().max(100).nullish(),
  primaryObjectId: HubspotId.nullish().catch(undefined),
  mergedObjectIds: z.array(HubspotId).max(500).nullish().catch(undefined),
  newObjectId: HubspotId.nullish().catch(undefined),
  // In another form it is left out; the event stays.
  associationType: z.string().max(100).nullish().catch(undefined),
  fromObjectId: HubspotId.nullish().catch(undefined),
  fromObjectTypeId: z.string().max(40).nullish(),
  toObjectId: HubspotId.nullish().catch(undefined),
  toObjectTypeId: z.string().max(40).nullish(),
  associationRemoved: z.boolean().nullish().catch(undefined),
})
type Event = z.infer<typeof Event>

const kinds = new Set<string>([
  'creation',
  'propertyChange',
  'deletion',
  'merge',
  'restore',
  'associationChange',
  'privacyDeletion',
] satisfies EventKind[])
const typeOfClassic: Readonly<Record<string, ObjectType>> = { contact: 'contacts', deal: 'deals' }
const typeOfGeneric: Readonly<Record<string, ObjectType>> = { '0-1': 'contacts', '0-3': 'deals' }

/** Quotes ids beyond 2^53, which JSON.parse would round. Text in quotes stays as it is. */
function quoteLongNumbers(text: string): string {
  if (!/\d{16}/.test(text)) return text
  return text.replace(/"[^"\\]*(?:\\.[^"\\]*)*"|-?\d{16,}(?=\s*[,\]}])/g, token =>
    token.startsWith('"') ? token : `"${token}"`,
  )
}

/**
 * The types of the ends tell which end is the deal, else the association's name
 * (`DEAL_TO_CONTACT`), else the object of the event, which a generic event need not name.
 * @returns the deal of an association between a contact and a deal; `null` for other objects or
 *   when it cannot be told
 * @see docs/hubspot-platform.md#webhook-events
 */
function associatedDeal(event: Event, objectType: ObjectType | undefined): string | null {
  const name = event.associationType?.toUpperCase() ?? ''
  const { fromObjectTypeId: from, toObjectTypeId: to } = event
  if (name !== '' && !(name.includes('CONTACT') && name.includes('DEAL'))) return null
  if (name === '' && from && to && !([from, to].includes('0-1') && [from, to].includes('0-3')))
    return null
  const isTold = name !== '' || (from && to) || objectType !== undefined
  if (!isTold) return null
  const isFromDeal = from
    ? from === '0-3'
    : to
      ? to !== '0-3'
      : name !== ''
        ? name.startsWith('DEAL')
        : objectType === 'deals'
  return (
    (isFromDeal ? event.fromObjectId : event.toObjectId) ??
    (objectType === 'deals' ? (event.objectId ?? null) : null)
  )
}

/** @returns the event; `null` for a type we do not handle; `undefined` when it cannot be read */
function parseEvent(input: unknown): WebhookEvent | null | undefined {
  const parsed = Event.safeParse(input)
  if (!parsed.success) return undefined
  const event = parsed.data
  const subscriptionType = event.subscriptionType ?? event.eventType
  const [object = '', kind = ''] = subscriptionType?.split('.') ?? []
  if (subscriptionType === undefined) return undefined
  const objectType =
    object === 'object' ? typeOfGeneric[event.objectTypeId ?? ''] : typeOfClassic[object]
  if (!kinds.has(kind)) return null
  let target: { type: ObjectType; id: string | null | undefined }
  if (
    kind === 'associationChange' &&
    (objectType !== undefined || (object === 'object' && !event.objectTypeId))
  ) {
    const dealId = associatedDeal(event, objectType)
    if (dealId === null) return null
    target = { type: 'deals', id: dealId }
  } else if (objectType !== undefined) {
    target = {
      type: objectType,
      id:
        kind === 'merge'
          ? (event.newObjectId ?? event.primaryObjectId ?? event.objectId)
          : event.objectId,
    }
  } else {
    return null
  }
  if (!target.id) return undefined
  const related: WebhookEvent['related'] = {
    ...(event.mergedObjectIds ? { merged_ids: event.mergedObjectIds } : {}),
    ...(event.primaryObjectId ? { primary_id: event.primaryObjectId } : {}),
  }
  return {
    id: compositeId(event, subscriptionType, target.type, target.id),
    portalId: event.portalId,
    subscriptionType,
    kind: kind as EventKind,
    objectType: target.type,
    objectId: target.id,
    occurredAt: new Date(event.occurredAt),
    related: Object.keys(related).length === 0 ? null : related,
  }
}

/**
 * Reads a delivery. An event that cannot be read does not affect the others.
 * @param body the bytes of a JSON array
 * @returns the events, each once; `null` when the body is no JSON array at all
 */
export function parseWebhook(body: Uint8Array): ParsedWebhook | null {
  let input: unknown
  try {
    input = JSON.parse(quoteLongNumbers(new TextDecoder().decode(body)))
  } catch {
    return null
  }
  if (!Array.isArray(input)) return null
  const events = new Map<string, WebhookEvent>()
  const counts = { malformed: 0, ignored: 0 }
  for (const item of input) {
    const event = parseEvent(item)
    if (event) events.set(event.id, event)
    else counts[event === null ? 'ignored' : 'malformed'] += 1
  }
  return { events: [...events.values()], ...counts }
}
