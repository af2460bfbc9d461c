import type { AppConfiguration } from '../settings'
import type { ChangeEvent } from '../store/events'
import { signatureV1, signatureV3 } from './signature'
import { eventsOf, type RandomId, type Subscription, type WebhookEvent } from './subscriptions'

/** What may be changed while the simulator runs (control API, `PATCH /_control/webhooks`). */
export interface WebhookSettings {
  enabled: boolean
  targetUrl: string | null
  subscriptions: Subscription[]
  /**
   * As each subscription has it; or all as `contact.propertyChange`, or all as
   * `object.propertyChange` with an `objectTypeId`
   */
  shape: 'subscribed' | 'classic' | 'generic'
  /** How long changes gather before they are sent, ms */
  gatherMs: number
  eventsPerBatch: number
  /** Share of events that never leave, 0–100 */
  dropPercent: number
  /** Share of events that are sent twice, 0–100 */
  duplicatePercent: number
  /** Sends what gathered in any order */
  reorder: boolean
  /** Puts several portals into one batch */
  mixPortals: boolean
  timeoutMs: number
  /**
   * Waits before the second, third … attempt. HubSpot's ten spread over a day; these are quicker.
   */
  retryDelaysMs: number[]
  maxConcurrentRequests: number
  /** Moves the timestamp header, for stale and future ones */
  timestampOffsetMs: number
  /** Signs with another secret */
  wrongSecret: boolean
  /** Gives retried events new ids */
  newEventIdsOnRetry: boolean
}

export interface Delivery {
  seq: number
  at: number
  events: number
  attempt: number
  /** null: no answer */
  status: number | null
  ms: number
}

export interface WebhookCounts {
  /** Events that changes made */
  raised: number
  dropped: number
  /** Events in requests answered with 2xx, duplicates included */
  delivered: number
  /** Requests sent */
  requests: number
  /** Events given up after the last attempt */
  givenUp: number
  /** Events waiting, on their way or to be tried again */
  pending: number
}

export interface WebhookSender {
  settings: WebhookSettings
  changed(event: ChangeEvent): void
  /**
   * Sends these as they are, whoever is installed; numbers and ids that are missing are filled in.
   */
  fire(events: Record<string, unknown>[]): void
  counts(): WebhookCounts
  deliveries(): Delivery[]
  stop(): void
}

export interface WebhookSenderDeps {
  app: AppConfiguration
  random: () => number
  targetUrl: string | null
  subscriptions: Subscription[]
  isInstalled(portalId: number): boolean
}

const keptDeliveries = 2_000

/**
 * Sends webhooks as HubSpot does: at least once, in no order, in batches, signed, again when the
 * answer is not 2xx within 5 s.
 */
export function createWebhookSender({
  app,
  random,
  targetUrl,
  subscriptions,
  isInstalled,
}: WebhookSenderDeps): WebhookSender {
  const settings: WebhookSettings = {
    enabled: targetUrl !== null,
    targetUrl,
    subscriptions,
    shape: 'subscribed',
    gatherMs: 25,
    eventsPerBatch: 100,
    dropPercent: 0,
    duplicatePercent: 0,
    reorder: false,
    mixPortals: false,
    timeoutMs: 5_000,
    retryDelaysMs: [500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 60_000, 60_000, 60_000],
    maxConcurrentRequests: 10,
    timestampOffsetMs: 0,
    wrongSecret: false,
    newEventIdsOnRetry: false,
  }
  const counts = { raised: 0, dropped: 0, delivered: 0, requests: 0, givenUp: 0, pending: 0 }
  let deliveries: Delivery[] = []
  let queue: WebhookEvent[] = []
  let flushTimer: NodeJS.Timeout | undefined
  let stopped = false
  const retries = new Set<NodeJS.Timeout>()
  const inFlight = new Map<string, number>()
  const waiting = new Map<string, { events: WebhookEvent[]; attempt: number }[]>()
  const randomId: RandomId = () => Math.floor(random() * 4_294_967_295)

  function enqueue(events: WebhookEvent[]): void {
    if (events.length === 0 || stopped) return
    for (const event of events) {
      if (random() * 100 < settings.dropPercent) {
        counts.dropped += 1
        continue
      }
      const copies = random() * 100 < settings.duplicatePercent ? 2 : 1
      for (let copy = 0; copy < copies; copy++) queue.push({ ...event })
      counts.pending += copies
    }
    flushTimer ??= setTimeout(flush, settings.gatherMs)
  }

  function flush(): void {
    flushTimer = undefined
    const events = settings.reorder ? shuffled(queue) : queue
    queue = []
    const groups = new Map<string, WebhookEvent[]>()
    for (const event of events) {
      const key = settings.mixPortals ? 'all' : String(event.portalId)
      const group = groups.get(key)
      if (group) group.push(event)
      else groups.set(key, [event])
    }
    for (const [key, group] of groups) {
      for (let from = 0; from < group.length; from += settings.eventsPerBatch)
        start(key, group.slice(from, from + settings.eventsPerBatch), 0)
    }
  }

  function shuffled<T>(items: T[]): T[] {
    return items
      .map(item => ({ item, place: random() }))
      .sort((a, b) => a.place - b.place)
      .map(({ item }) => item)
  }

  /** Begins a request, or lets it wait while as many as allowed are open for the portal. */
  function start(key: string, events: WebhookEvent[], attempt: number): void {
    if (stopped) return
    const open = inFlight.get(key) ?? 0
    if (open >= settings.maxConcurrentRequests) {
      const line = waiting.get(key)
      if (line) line.push({ events, attempt })
      else waiting.set(key, [{ events, attempt }])
      return
    }
    inFlight.set(key, open + 1)
    void send(events, attempt).then(delivered => {
      inFlight.set(key, (inFlight.get(key) ?? 1) - 1)
      if (delivered) counts.pending -= events.length
      else retry(key, events, attempt)
      const next = waiting.get(key)?.shift()
      if (next) start(key, next.events, next.attempt)
    })
  }

  function retry(key: string, events: WebhookEvent[], attempt: number): void {
    const delay = settings.retryDelaysMs[attempt]
    if (delay === undefined || stopped) {
      counts.givenUp += events.length
      counts.pending -= events.length
      return
    }
    const timer = setTimeout(() => {
      retries.delete(timer)
      const again = events.map(event => ({
        ...event,
        attemptNumber: attempt + 1,
        ...(settings.newEventIdsOnRetry ? { eventId: randomId() } : {}),
      }))
      start(key, again, attempt + 1)
    }, delay)
    retries.add(timer)
  }

  /** @returns whether the answer was 2xx in time */
  async function send(events: WebhookEvent[], attempt: number): Promise<boolean> {
    const startedAt = performance.now()
    counts.requests += 1
    let status: number | null = null
    const url = settings.targetUrl
    if (url !== null) {
      const body = JSON.stringify(events)
      // By the machine's clock, whatever the simulator's says, and fresh for each attempt.
      const timestamp = String(Date.now() + settings.timestampOffsetMs)
      const secret = settings.wrongSecret ? 'not-the-secret' : app.clientSecret
      try {
        const response = await fetch(url, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            'user-agent': 'HubSpot Connect 2.0 (https://developers.hubspot.com/) - Webhooks',
            'x-hubspot-signature-v3': signatureV3(secret, 'POST', url, body, timestamp),
            'x-hubspot-request-timestamp': timestamp,
            'x-hubspot-signature': signatureV1(secret, body),
            'x-hubspot-signature-version': 'v1',
          },
          body,
          redirect: 'manual',
          signal: AbortSignal.timeout(settings.timeoutMs),
        })
        status = response.status
        await response.body?.cancel()
      } catch {
        // No answer in time, or nobody there: to be tried again.
      }
    }
    const delivered = status !== null && status >= 200 && status < 300
    if (delivered) counts.delivered += events.length
    deliveries.push({
      seq: counts.requests,
      at: Date.now(),
      events: events.length,
      attempt,
      status,
      ms: Math.round(performance.now() - startedAt),
    })
    if (deliveries.length > 2 * keptDeliveries) deliveries = deliveries.slice(-keptDeliveries)
    return delivered
  }

  return {
    settings,
    changed(change) {
      if (!settings.enabled || !isInstalled(change.portalId)) return
      const events = eventsOf(change, settings.subscriptions, app.appId, settings.shape, randomId)
      counts.raised += events.length
      enqueue(events)
    },
    fire(events) {
      counts.raised += events.length
      enqueue(
        events.map(event => ({
          eventId: randomId(),
          subscriptionId: 686_601,
          portalId: 0,
          appId: app.appId,
          occurredAt: Date.now(),
          attemptNumber: 0,
          ...event,
        })),
      )
    },
    counts: () => ({ ...counts }),
    deliveries: () => deliveries.slice(-keptDeliveries),
    stop() {
      stopped = true
      clearTimeout(flushTimer)
      for (const timer of retries) clearTimeout(timer)
    },
  }
}
