import { randomBytes } from 'node:crypto'
import type { WebhookTest } from '#shared/contracts/health'
import type { Clock } from '../../config/clock'
import type { Configuration } from '../../config/configuration'
import { signRequest } from '../../hubspot/signature'
import type { ProbeRepository } from './probe-repository'

/** The one event of a probe: no subscription of HubSpot's has this name. */
const probeType = 'partner_connector.test'
/** Connecting and answering together, ms */
const timeoutMs = 10_000
/** HubSpot's own hosts: elsewhere it is simulated */
const isHubspots = (url: string) => /(^|\.)hubapi\.com$/.test(new URL(url).hostname)

/** @returns what tells a probe of ours apart, `null` for any delivery of HubSpot's */
export function probeOf(body: Uint8Array): string | null {
  // A delivery of HubSpot's is not parsed twice: a probe is shorter than any event.
  if (body.length > 200) return null
  const found = new RegExp(`^\\[\\{"subscriptionType":"${probeType}","nonce":"([\\w-]{32})"\\}\\]$`)
  return found.exec(Buffer.from(body).toString())?.[1] ?? null
}

/**
 * Sends a delivery as HubSpot would, signed and through the public address, and sees whether it
 * arrives in this installation. It names no record and changes nothing.
 */
export function createProbe({
  configuration: { hubspot },
  probes,
  fetch,
  clock,
}: {
  configuration: Pick<Configuration, 'hubspot'>
  probes: ProbeRepository
  fetch: typeof globalThis.fetch
  clock: Clock
}) {
  async function send(body: string): Promise<Pick<WebhookTest, 'result' | 'status'>> {
    const { webhookUrl: url, clientSecret } = hubspot
    if (isHubspots(hubspot.apiBaseUrl) && !url.startsWith('https:'))
      return { result: 'not_https', status: null }
    const timestamp = String(clock().getTime())
    const request = { method: 'POST', url, body: Buffer.from(body) }
    try {
      const answer = await fetch(url, {
        method: 'POST',
        body,
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
        headers: {
          'content-type': 'application/json',
          'x-hubspot-request-timestamp': timestamp,
          'x-hubspot-signature-v3': signRequest(clientSecret, request, timestamp),
        },
      })
      await answer.body?.cancel()
      const { status } = answer
      if (status === 401) return { result: 'refused_signature', status }
      if (status >= 300 && status < 400) return { result: 'redirected', status }
      return { result: status < 300 ? 'answered_elsewhere' : 'refused', status }
    } catch {
      return { result: 'unreachable', status: null }
    }
  }

  return async function probe(): Promise<WebhookTest> {
    const at = clock()
    const nonce = randomBytes(24).toString('base64url')
    await probes.begin(nonce, at)
    const sent = await send(JSON.stringify([{ subscriptionType: probeType, nonce }]))
    // An answer that was lost on its way back says nothing about what arrived.
    const result = (await probes.end(nonce)) ? 'arrived' : sent.result
    return { result, status: sent.status, at: at.toISOString() }
  }
}
