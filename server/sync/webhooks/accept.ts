import { setTimeout as delay } from 'node:timers/promises'
import type { ObjectId } from 'mongodb'
import type { Clock } from '../../config/clock'
import type { Configuration } from '../../config/configuration'
import { DomainError, ValidationFailed } from '../../errors'
import { checkHeaders, verifySignature, type SignatureVerdict } from '../../hubspot/signature'
import { createCoalescer } from '../../jobs/coalesce'
import { errorFields, type Log } from '../../observability/log'
import type { Metrics } from '../../observability/metrics'
import type { Crm } from '../../hubspot/crm-types'
import type { Permission } from '../permission'
import { parseWebhook } from './parse'
import { probeOf } from './probe'
import type { ProbeRepository } from './probe-repository'
import type { PrivacyDeletions } from './privacy-deletions'
import type { EventStore } from './repository'

/**
 * Runs of one partner are requested at least this far apart: hundreds of deliveries a second lead to
 * a few looks at the inbox, ms
 */
const requestGapMs = 100

export interface AcceptDeps {
  store: Pick<EventStore, 'append' | 'waitingErasures'>
  probes: Pick<ProbeRepository, 'arrived'>
  privacyDeletions: PrivacyDeletions
  crmFor(partnerId: ObjectId): Pick<Crm, 'batchRead'>
  permission: Pick<Permission, 'portalWithoutRuns'>
  configuration: Pick<Configuration, 'hubspot'>
  clock: Clock
  log: Log
  metrics: Metrics
  /**
   * Called after events of this partner were stored. When it fails nothing is lost: the next
   * interval handles them.
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

/** What became of a delivery: the sum is the number of its distinct events. */
export interface Accepted {
  stored: number
  duplicate: number
  ignored: number
  unknownPortal: number
  malformed: number
}

/**
 * Receives deliveries: verified, stored, answered. Nothing here calls HubSpot.
 * Promise P6: an accepted event is never lost.
 */
export function createAccept(deps: AcceptDeps) {
  const { store, privacyDeletions, permission, configuration, clock, log, metrics } = deps
  const coalesce = createCoalescer()

  /**
   * A privacy deletion does not wait for an admin: where no run will come (sync paused, grant gone)
   * it is carried out at once. HubSpot is asked where it answers: not when the grant is gone.
   */
  async function eraseWithoutRun(partnerId: ObjectId): Promise<void> {
    const withoutRuns = await permission.portalWithoutRuns(partnerId)
    if (withoutRuns === null) return
    const owner = { partnerId, portalId: withoutRuns.portalId }
    const waiting = await store.waitingErasures(owner)
    const crm = withoutRuns.hasGrant ? deps.crmFor(partnerId) : null
    await privacyDeletions.carryOut(owner, waiting, crm)
  }

  function requestRun(partnerId: ObjectId): void {
    const key = partnerId.toHexString()
    void coalesce(key, async () => {
      await eraseWithoutRun(partnerId)
      await deps.arrived(partnerId)
      await delay(requestGapMs, undefined, { ref: false })
    }).catch((error: unknown) =>
      log.warn(
        { event: 'webhook_trigger_failed', partnerId: key, ...errorFields(error) },
        'Stored webhook events wait for the next interval',
      ),
    )
  }

  function refuse(verdict: SignatureVerdict): never {
    metrics.webhookEvents.inc({ result: 'refused' })
    log.warn({ event: 'webhook_refused', reason: verdict }, 'A webhook delivery was refused')
    throw new DomainError('invalid_signature', "The signature is not HubSpot's for this request.")
  }

  function verify(delivery: Delivery): void {
    const { hubspot } = configuration
    const verdict = verifySignature(
      { ...delivery, url: hubspot.webhookUrl },
      [hubspot.clientSecret, ...hubspot.formerClientSecrets],
      clock(),
    )
    if (verdict !== 'valid') refuse(verdict)
  }

  /**
   * Verifies, stores and acknowledges one delivery. Events of portals that nobody has connected are
   * acknowledged and not kept.
   * @throws {DomainError} `invalid_signature` (the body was not read), `validation_failed` (no JSON
   *   array), `database_unavailable` (HubSpot sends again)
   */
  async function accept(delivery: Delivery): Promise<Accepted> {
    verify(delivery)
    const probe = probeOf(delivery.body)
    if (probe !== null) {
      await deps.probes.arrived(probe)
      return { stored: 0, duplicate: 0, ignored: 1, unknownPortal: 0, malformed: 0 }
    }
    const parsed = parseWebhook(delivery.body)
    if (parsed === null) {
      metrics.webhookEvents.inc({ result: 'unreadable' })
      throw new ValidationFailed([{ path: 'body', message: 'is not a JSON array of events' }])
    }
    const { partnerIds, ...stored } =
      parsed.events.length === 0
        ? { stored: 0, duplicate: 0, unknownPortal: 0, partnerIds: [] }
        : await store.append(parsed.events)
    const result: Accepted = { ...stored, ignored: parsed.ignored, malformed: parsed.malformed }
    for (const [name, count] of Object.entries(result))
      if (count > 0) metrics.webhookEvents.inc({ result: name }, count)
    if (result.malformed > 0)
      log.warn(
        { event: 'webhook_malformed', count: result.malformed },
        'Webhook events could not be read',
      )
    for (const partnerId of partnerIds) requestRun(partnerId)
    return result
  }

  return {
    accept,
    /**
     * Looks at the headers alone, before the body is read.
     * @throws {DomainError} `invalid_signature`
     */
    assertPlausible(headers: Pick<Delivery, 'signature' | 'timestamp'>): void {
      const verdict = checkHeaders(headers, clock())
      if (verdict !== 'plausible') refuse(verdict)
    },
    /**
     * Of a delivery that is too large to take, keeps the privacy deletions: nothing else brings
     * them again. What changed is found by the next search.
     * @throws {DomainError} `invalid_signature`, `database_unavailable`
     */
    async acceptOversize(delivery: Delivery): Promise<void> {
      verify(delivery)
      const events = parseWebhook(delivery.body)?.events ?? []
      const deletions = events.filter(event => event.kind === 'privacyDeletion')
      metrics.webhookEvents.inc({ result: 'oversize' })
      if (deletions.length === 0) return
      const { partnerIds } = await store.append(deletions)
      for (const partnerId of partnerIds) requestRun(partnerId)
    },
  }
}
export type WebhookAccept = ReturnType<typeof createAccept>
