import { ObjectId } from 'mongodb'
import type { RetryBody, RetryStarted } from '#shared/contracts/runs'
import type { Clock } from '../../config/clock'
import type { Actor, AuditLog } from '../../database/audit'
import type { Collections } from '../../database/collections'
import type { RunResultDocument } from '../../database/documents'
import { DomainError, NotFound } from '../../errors'
import type { Deals } from '../../leads/deals'
import type { Leads } from '../../leads/leads'
import { kinds } from '../../records/kinds'
import { presentIds } from '../../records/repository/aliases'
import type { Permission } from '../permission'
import type { SyncRequests } from '../request'
import type { PresentResults } from '../runs/presenter'
import type { Runs } from '../runs/repository'
import type { RunResults } from '../runs/results'
import { createEventStore } from '../webhooks/repository'

const pageSize = 100
/** One call reads so many failed records again at most. For more, a full comparison costs less. */
const maxInbound = 1000

export interface RetryDeps {
  collections: Pick<Collections, 'partners' | 'webhookEvents' | 'recordAliases'>
  records: { leads: Pick<Leads, 'retryFailed'>; deals: Pick<Deals, 'retryFailed'> }
  results: RunResults
  presentResults: PresentResults
  audit: AuditLog
  clock: Clock
  permission: Pick<Permission, 'assertMaySync'>
  runs: Pick<Runs, 'active'>
  requests: Pick<SyncRequests, 'requestSync'>
}

/** Something was asked for that writes to HubSpot, and no admin has allowed that. */
export class WriteBackOff extends DomainError {
  constructor() {
    super(
      'write_back_off',
      'Write-back is off: nothing is written to HubSpot. An admin can turn it on in the settings.',
    )
  }
}

/**
 * Tries failed records again. One that could not be stored is read again, as if HubSpot had sent an
 * event. One that could not be written goes back to the outbox. Both survive a kill and may be asked
 * for twice.
 */
export function createRetry({
  collections,
  records,
  results,
  presentResults,
  audit,
  clock,
  permission,
  runs,
  requests,
}: RetryDeps) {
  const inbox = createEventStore({ collections, clock })

  async function readAgain(found: readonly RunResultDocument[]): Promise<number> {
    const records = new Map(
      found.flatMap(result =>
        result.hubspot_id === null
          ? []
          : [
              [
                `${result.object}:${result.hubspot_id}`,
                { ...result, hubspot_id: result.hubspot_id },
              ] as const,
            ],
      ),
    )
    if (records.size > 0) await inbox.askAgain([...records.values()])
    return records.size
  }

  async function writeAgain(
    partnerId: ObjectId,
    found: readonly RunResultDocument[],
  ): Promise<number> {
    const ids = (object: 'lead' | 'deal') =>
      presentIds(
        collections,
        partnerId,
        found.flatMap(result =>
          result.object === object && result.record_id ? [result.record_id] : [],
        ),
      )
    const [leads, deals] = await Promise.all([
      records.leads.retryFailed(partnerId, await ids('lead')),
      records.deals.retryFailed(partnerId, await ids('deal')),
    ])
    return leads + deals
  }

  /** @param isWriting whether anything may be written to HubSpot */
  async function again(
    partnerId: ObjectId,
    portalId: string,
    isWriting: boolean,
    found: readonly RunResultDocument[],
  ): Promise<{ inbound: number; outbound: number }> {
    const shown = await presentResults(partnerId, found)
    const open = found.filter(
      (result, index) => shown[index]?.retry === 'possible' && result.portal_id === portalId,
    )
    return {
      inbound: await readAgain(open.filter(result => result.direction === 'in')),
      outbound: isWriting
        ? await writeAgain(
            partnerId,
            open.filter(result => result.direction === 'out'),
          )
        : 0,
    }
  }

  async function allOf(
    partnerId: ObjectId,
    portalId: string,
    isWriting: boolean,
    runId?: ObjectId,
  ): Promise<{ inbound: number; outbound: number }> {
    const sum = { inbound: 0, outbound: 0 }
    let after: ObjectId | undefined
    for (;;) {
      const found = await results.failed(partnerId, { runId, after, limit: pageSize })
      const done = await again(partnerId, portalId, isWriting, found)
      sum.inbound += done.inbound
      sum.outbound += done.outbound
      after = found.at(-1)?._id
      if (found.length < pageSize || sum.inbound >= maxInbound) return sum
    }
  }

  async function carryOut(
    partnerId: ObjectId,
    portalId: string,
    isWriting: boolean,
    what: RetryBody,
  ): Promise<{ inbound: number; outbound: number }> {
    if ('runId' in what)
      return await allOf(partnerId, portalId, isWriting, new ObjectId(what.runId))
    if ('all' in what) {
      const { inbound, outbound } = await allOf(partnerId, portalId, isWriting)
      // Failures that no run lists any more are found on the records.
      if (!isWriting) return { inbound, outbound }
      const [leads, deals] = await Promise.all([
        records.leads.retryFailed(partnerId, null),
        records.deals.retryFailed(partnerId, null),
      ])
      return { inbound, outbound: outbound + leads + deals }
    }
    if ('resultId' in what) {
      const result = await results.find(partnerId, new ObjectId(what.resultId))
      if (!result) throw new NotFound('This result')
      if (result.direction === 'out' && !isWriting) throw new WriteBackOff()
      return await again(partnerId, portalId, isWriting, [result])
    }
    if (!isWriting) throw new WriteBackOff()
    const outbox = records[kinds[what.object].collection]
    return {
      inbound: 0,
      outbound: await outbox.retryFailed(
        partnerId,
        await presentIds(collections, partnerId, [new ObjectId(what.recordId)]),
      ),
    }
  }

  /** @returns the run that works it off, `null` when that happens alongside another run */
  async function workOff(partnerId: ObjectId): Promise<ObjectId | null> {
    // A webhook run reads what events name, then writes what waits: both directions.
    await requests.requestSync(partnerId, { trigger: 'retry', kind: 'webhook' })
    const active = await runs.active(partnerId)
    return active?.trigger === 'retry' ? active._id : null
  }

  /** @throws {NotConnected} {ReauthorizationRequired} {SyncPaused} {WriteBackOff} {NotFound} */
  return async function retry(
    partnerId: ObjectId,
    what: RetryBody,
    { actor, correlationId = null }: { actor: Actor; correlationId?: string | null },
  ): Promise<RetryStarted> {
    const { portalId, isWritingBack } = await permission.assertMaySync(partnerId)
    const { inbound, outbound } = await carryOut(partnerId, portalId, isWritingBack, what)
    const runId = inbound + outbound > 0 ? await workOff(partnerId) : null
    const scope = 'runId' in what ? 'run' : 'all' in what ? 'all' : 'one'
    await audit.record({
      partnerId,
      actor,
      action: 'sync.retry',
      details: { scope, inbound, outbound },
      correlationId,
    })
    return { runId: runId?.toHexString() ?? null, inbound, outbound }
  }
}
