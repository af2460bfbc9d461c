import { MongoBulkWriteError, type ObjectId } from 'mongodb'
import type { Clock } from '../../clock'
import type { Configuration } from '../../configuration'
import type { Collections } from '../../database/collections'
import type { WebhookEventDocument } from '../../database/documents'
import { isDuplicateKey } from '../../database/duplicate-key'
import { DomainError, ValidationFailed } from '../../errors'
import { verifySignature } from '../../hubspot/signature'
import { errorFields, type Log } from '../../observability/log'
import type { Metrics } from '../../observability/metrics'
import { parseWebhook, type WebhookEvent } from './parse'

/** HubSpot waits five seconds for an answer; a database that is slower than this counts as away, and HubSpot tries again. */
const storeTimeoutMs = 4000

export interface InboxDeps {
  collections: Collections
  configuration: Pick<Configuration, 'hubspot'>
  clock: Clock
  log: Log
  metrics: Metrics
  /** Called after events of this partner were stored; its failure costs time, nothing else: the next interval drains them */
  arrived(partnerId: ObjectId): Promise<unknown>
}

export interface Delivery {
  method: string
  body: Uint8Array
  /** `X-HubSpot-Signature-v3` */
  signature: string | undefined
  /** `X-HubSpot-Request-Timestamp` */
  timestamp: string | undefined
}

/** How a delivery was taken up: the sum is what it held, less what it held twice. */
export interface Accepted {
  stored: number
  duplicate: number
  ignored: number
  unknownPortal: number
  malformed: number
}

/** Takes deliveries in: authentic, durable, answered. Nothing here calls HubSpot. */
export function createInbox({ collections, configuration, clock, log, metrics, arrived }: InboxDeps) {
  const triggers = new Map<string, { again: boolean }>()

  /** One trigger per partner at a time; what arrives meanwhile is one more. */
  function trigger(partnerId: ObjectId): void {
    const key = partnerId.toHexString()
    const running = triggers.get(key)
    if (running) {
      running.again = true
      return
    }
    const state = { again: false }
    triggers.set(key, state)
    void (async () => {
      try {
        do {
          state.again = false
          await arrived(partnerId)
        } while (state.again)
      }
      catch (error) {
        log.warn({ event: 'webhook_trigger_failed', partnerId: key, ...errorFields(error) }, 'Stored webhook events wait for the next interval')
      }
      finally {
        triggers.delete(key)
      }
    })()
  }

  /** @returns the partner that owns each portal now; a disconnected portal is nobody's */
  async function ownersOf(portalIds: string[]): Promise<Map<string, ObjectId>> {
    const owners = await collections.partners
      .find({ 'hubspot_integration.portal_id': { $in: portalIds } }, { projection: { 'hubspot_integration.portal_id': 1, 'hubspot_integration.status': 1 }, timeoutMS: storeTimeoutMs })
      .toArray()
    return new Map(owners.flatMap(({ _id, hubspot_integration: integration }) =>
      (integration?.portal_id && integration.status !== 'disconnected' ? [[integration.portal_id, _id] as const] : [])))
  }

  /** @returns how many were new. Resolves once they are durable (the collection's write concern). */
  async function store(documents: WebhookEventDocument[]): Promise<number> {
    try {
      const { insertedCount } = await collections.webhookEvents.insertMany(documents, { ordered: false, timeoutMS: storeTimeoutMs })
      return insertedCount
    }
    catch (error) {
      if (!(error instanceof MongoBulkWriteError)) {
        if (isDuplicateKey(error)) return 0
        throw error
      }
      const writeErrors = Array.isArray(error.writeErrors) ? error.writeErrors : [error.writeErrors]
      const isStored = writeErrors.every(one => one.code === 11000) && !error.result.getWriteConcernError()
      if (!isStored) throw new DomainError('database_unavailable', 'The events could not be stored.', { cause: error, retryAfterSeconds: 5 })
      return error.insertedCount
    }
  }

  /**
   * Verifies, stores and acknowledges one delivery. Events of portals that nobody has connected are acknowledged and not kept.
   * @throws {DomainError} `invalid_signature` (nothing was looked at), `validation_failed` (no JSON array), `database_unavailable` (nothing may be lost: HubSpot sends again)
   */
  async function accept(delivery: Delivery): Promise<Accepted> {
    const { hubspot } = configuration
    const verdict = verifySignature({ ...delivery, url: hubspot.webhookUrl }, [hubspot.clientSecret], clock())
    if (verdict !== 'valid') {
      metrics.webhookEvents.inc({ result: 'refused' })
      log.warn({ event: 'webhook_refused', reason: verdict }, 'A webhook delivery was refused')
      throw new DomainError('invalid_signature', 'The signature is not HubSpot\'s for this request.')
    }
    const parsed = parseWebhook(delivery.body)
    if (parsed === null) {
      metrics.webhookEvents.inc({ result: 'unreadable' })
      throw new ValidationFailed([{ path: 'body', message: 'is not a JSON array of events' }])
    }
    const owners = parsed.events.length === 0 ? new Map<string, ObjectId>() : await ownersOf([...new Set(parsed.events.map(event => event.portalId))])
    const now = clock()
    const documents = parsed.events.flatMap((event) => {
      const partnerId = owners.get(event.portalId)
      return partnerId ? [documentOf(event, partnerId, now)] : []
    })
    const stored = documents.length === 0 ? 0 : await store(documents)
    const result: Accepted = { stored, duplicate: documents.length - stored, ignored: parsed.ignored, unknownPortal: parsed.events.length - documents.length, malformed: parsed.malformed }
    for (const [name, count] of Object.entries(result)) if (count > 0) metrics.webhookEvents.inc({ result: name }, count)
    if (result.malformed > 0) log.warn({ event: 'webhook_malformed', count: result.malformed }, 'Webhook events could not be read')
    for (const partnerId of new Set(documents.map(document => document.partner_id.toHexString()))) {
      const document = documents.find(one => one.partner_id.toHexString() === partnerId)
      if (document) trigger(document.partner_id)
    }
    return result
  }

  return { accept }
}
export type Inbox = ReturnType<typeof createInbox>

function documentOf(event: WebhookEvent, partnerId: ObjectId, now: Date): WebhookEventDocument {
  return {
    _id: event.id,
    partner_id: partnerId,
    portal_id: event.portalId,
    subscription_type: event.subscriptionType,
    object_type: event.objectType,
    object_id: event.objectId,
    property_name: event.propertyName,
    change_source: event.changeSource,
    occurred_at: event.occurredAt,
    received_at: now,
    related: event.related,
    status: 'pending',
    lease: null,
    attempts: 0,
    processed_at: null,
  }
}
