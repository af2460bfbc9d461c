import { createHmac } from 'node:crypto'
import { Agent, request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'

/**
 * HubSpot keeps ten requests in flight per account, with up to 100 events each
 * (docs/hubspot-platform.md#webhook-delivery).
 */
const inFlight = 10

export interface Target {
  url: string
  secret: string
  portalId: number
}

export interface Load {
  /** Events in each delivery */
  batch: number
  seconds: number
  /** Events offered per second; `null`: as many as are taken */
  rate: number | null
}

export interface LoadFigures {
  events: number
  perSecond: number
  p50Ms: number
  p99Ms: number
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

function post({ url, secret }: Target, body: Buffer, agent: Agent): Promise<number> {
  const timestamp = String(Date.now())
  const signature = createHmac('sha256', secret)
    .update(`POST${url}`)
    .update(body)
    .update(timestamp)
    .digest('base64')
  return new Promise((resolve, reject) => {
    const call = request(
      url,
      {
        method: 'POST',
        agent,
        headers: {
          'content-type': 'application/json',
          'content-length': body.length,
          'x-hubspot-signature-v3': signature,
          'x-hubspot-request-timestamp': timestamp,
        },
      },
      answer => {
        answer.resume()
        answer.once('end', () => resolve(answer.statusCode ?? 0))
      },
    )
    call.once('error', reject)
    call.end(body)
  })
}

/**
 * A HubSpot that sends for one account. At a fixed rate every delivery has an instant at which it
 * is due, and its time counts from there, though it may have had to wait for one of the ten places:
 * a server that stands still for a while is not let off what should have come in the meantime.
 */
export function createLoad(target: Target) {
  const agent = new Agent({ keepAlive: true, maxSockets: inFlight })
  let eventId = 0

  function body(size: number): Buffer {
    return Buffer.from(
      JSON.stringify(
        Array.from({ length: size }, () => ({
          eventId: ++eventId,
          subscriptionId: 686_601,
          portalId: target.portalId,
          appId: 1_512_050,
          occurredAt: Date.now(),
          subscriptionType: 'contact.propertyChange',
          attemptNumber: 0,
          objectId: eventId % 5000,
          propertyName: 'firstname',
          propertyValue: `Value ${eventId}`,
          changeSource: 'CRM_UI',
        })),
      ),
    )
  }

  async function run({ batch, seconds, rate }: Load): Promise<LoadFigures> {
    const times: number[] = []
    const everyMs = rate === null ? 0 : (batch / rate) * 1000
    const startedAt = performance.now()
    let next = 0
    await Promise.all(
      Array.from({ length: inFlight }, async () => {
        for (;;) {
          const dueAt = startedAt + next++ * everyMs
          if (dueAt - startedAt >= seconds * 1000) return
          const bytes = body(batch)
          const earlyMs = dueAt - performance.now()
          if (earlyMs > 0) await delay(earlyMs)
          const countsFrom = rate === null ? performance.now() : Math.max(dueAt, startedAt)
          if (countsFrom - startedAt >= seconds * 1000) return
          if ((await post(target, bytes, agent)) !== 200)
            throw new Error('A delivery was not accepted')
          times.push(performance.now() - countsFrom)
        }
      }),
    )
    const events = times.length * batch
    const perSecond = (events / (performance.now() - startedAt)) * 1000
    times.sort((one, other) => one - other)
    return { events, perSecond, p50Ms: at(times, 0.5), p99Ms: at(times, 0.99) }
  }

  return { run, end: () => agent.destroy() }
}
