import { setTimeout as delay } from 'node:timers/promises'
import type { ObjectId } from 'mongodb'
import type { Clock } from '../../config/clock'
import type { Configuration } from '../../config/configuration'
import type { Collections } from '../../database/collections'
import { DomainError, ValidationFailed } from '../../errors'
import { verifySignature } from '../../hubspot/signature'
import { errorFields, type Log } from '../../observability/log'
import type { Metrics } from '../../observability/metrics'
import { createGroupCommit } from './group-commit'
import { parseWebhook, type WebhookEvent } from './parse'
import { createEventStore, type StoredEvents } from './store'

/**
 * HubSpot waits five seconds for an answer; a database that is slower than this counts as away, and
 * HubSpot tries again, ms
 */
const answerWithinMs = 4000
/** A write that takes longer than this is not waited for by the next ones, ms */
const giveUpMs = 3 * answerWithinMs
/**
 * Events in one write: more would keep a small delivery that comes next waiting for longer than it
 * gains
 */
const groupSize = 500
/** Events that wait for the database at most, in memory */
const mostWaiting = 10_000
/**
 * A partner's triggers are at least this far apart: hundreds of deliveries a second are a few looks
 * at the queue, ms
 */
const triggerGapMs = 100
const nothing: StoredEvents = { stored: 0, duplicate: 0, unknownPortal: 0, partnerIds: [] }

export interface InboxDeps {
  collections: Collections
  configuration: Pick<Configuration, 'hubspot'>
  clock: Clock
  log: Log
  metrics: Metrics
  /**
   * Called after events of this partner were stored; its failure costs time, nothing else: the next
   * interval drains them
   */
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
export function createInbox({
  collections,
  configuration,
  clock,
  log,
  metrics,
  arrived,
}: InboxDeps) {
  const commit = createGroupCommit<WebhookEvent, StoredEvents>({
    write: createEventStore({ collections, clock }),
    groupSize,
    mostWaiting,
    patienceMs: answerWithinMs,
    giveUpMs,
  })
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
          await delay(triggerGapMs, undefined, { ref: false })
        } while (state.again)
      } catch (error) {
        log.warn(
          { event: 'webhook_trigger_failed', partnerId: key, ...errorFields(error) },
          'Stored webhook events wait for the next interval',
        )
      } finally {
        triggers.delete(key)
      }
    })()
  }

  /**
   * Verifies, stores and acknowledges one delivery. Events of portals that nobody has connected are
   * acknowledged and not kept.
   * @throws {DomainError} `invalid_signature` (nothing was looked at), `validation_failed` (no JSON
   *   array), `database_unavailable` (nothing may be lost: HubSpot sends again)
   */
  async function accept(delivery: Delivery): Promise<Accepted> {
    const { hubspot } = configuration
    const verdict = verifySignature(
      { ...delivery, url: hubspot.webhookUrl },
      [hubspot.clientSecret],
      clock(),
    )
    if (verdict !== 'valid') {
      metrics.webhookEvents.inc({ result: 'refused' })
      log.warn({ event: 'webhook_refused', reason: verdict }, 'A webhook delivery was refused')
      throw new DomainError('invalid_signature', "The signature is not HubSpot's for this request.")
    }
    const parsed = parseWebhook(delivery.body)
    if (parsed === null) {
      metrics.webhookEvents.inc({ result: 'unreadable' })
      throw new ValidationFailed([{ path: 'body', message: 'is not a JSON array of events' }])
    }
    const { partnerIds, ...kept } =
      parsed.events.length === 0 ? nothing : await commit.add(parsed.events)
    const result: Accepted = { ...kept, ignored: parsed.ignored, malformed: parsed.malformed }
    for (const [name, count] of Object.entries(result))
      if (count > 0) metrics.webhookEvents.inc({ result: name }, count)
    if (result.malformed > 0)
      log.warn(
        { event: 'webhook_malformed', count: result.malformed },
        'Webhook events could not be read',
      )
    for (const partnerId of partnerIds) trigger(partnerId)
    return result
  }

  return { accept }
}
export type Inbox = ReturnType<typeof createInbox>
