import type { ApiVersion } from '../config/configuration'
import { createCalls, type CallDeps } from './crm-call'
import { createListReads } from './crm-lists'
import { createReads } from './crm-reads'
import { createSchemaReads } from './crm-schema'
import type { Crm, RequestPriority } from './crm-types'
import { createWrites } from './crm-writes'

export interface CrmDeps<Partner> extends CallDeps<Partner> {
  configuration: { hubspot: { apiVersion: ApiVersion } }
  /** Waits between the tries of a harmless call, ms */
  retryDelaysMs?: readonly number[]
}

export interface CrmOptions {
  priority?: RequestPriority
  signal?: AbortSignal
  beforeLeaving?(): Promise<void>
}

const defaultRetryDelaysMs = [300, 900, 2700]
/**
 * How long a call waits for the portal's budget before it fails, ms: for a person's page, and in the
 * background
 */
const maxWaitMs: Record<RequestPriority, number> = {
  interactive: 15_000,
  normal: 120_000,
  backfill: 120_000,
}

/**
 * HubSpot's CRM over its dated paths. `Crm` says what each function does.
 * @see docs/hubspot-platform.md#versions
 */
export function createCrm<Partner>({
  configuration,
  retryDelaysMs = defaultRetryDelaysMs,
  ...deps
}: CrmDeps<Partner>) {
  const version = configuration.hubspot.apiVersion
  const callsOf = createCalls(deps)

  /** @param options whose budget the calls come from, and when to give up */
  function forPartner(
    partnerId: Partner,
    { priority = 'normal', signal, beforeLeaving }: CrmOptions = {},
  ): Crm {
    const call = callsOf({
      partnerId,
      priority,
      signal,
      beforeLeaving,
      maxWaitMs: maxWaitMs[priority],
      retryDelaysMs,
    })
    return {
      whileHolding: stillHeld =>
        forPartner(partnerId, { priority, signal, beforeLeaving: stillHeld }),
      ...createReads(call, version),
      ...createWrites(call, version),
      ...createSchemaReads(call, version),
      ...createListReads(call, version),
    }
  }

  return { forPartner }
}
