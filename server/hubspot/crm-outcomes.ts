import { z } from 'zod'
import { toObject, type WireBatch, type WireBatchError, type WireObject } from './crm-answers'
import type { BatchResult, RecordFailure, RecordOutcome } from './crm-types'
import { HubspotError } from './errors'

/** One input of a batch that we sent. */
export interface SentInput {
  traceId: string
  /** HubSpot's id, for updates */
  id?: string
  properties: Record<string, string | null>
}

const longestMessage = 500

/**
 * HubSpot's reason for refusing a record. Its text may name the refused value, so only that record
 * shows it.
 */
export function toRecordFailure(error: HubspotError): RecordFailure {
  const detail = error.details?.errors?.[0]
  return {
    code: detail?.code ?? error.category ?? error.kind.toUpperCase(),
    message: (
      detail?.message ??
      error.details?.message ??
      'HubSpot refused this record without giving a reason.'
    ).slice(0, longestMessage),
    correlationId: error.correlationId,
    category: error.category,
    ...propertyOf(detail),
  }
}

/** HubSpot's name of the property that a detail is about. */
function propertyOf(
  detail: { context?: Record<string, string[]> | null } | undefined,
): Pick<RecordFailure, 'property'> {
  const property = detail?.context?.propertyName?.[0]
  return property === undefined ? {} : { property: property.slice(0, 100) }
}

function failureOfPart(error: WireBatchError, correlationId: string | null): RecordFailure {
  const detail = error.errors?.[0]
  return {
    code: detail?.code ?? error.category ?? 'REJECTED',
    message: (
      detail?.message ??
      error.message ??
      'HubSpot refused this record without giving a reason.'
    ).slice(0, longestMessage),
    correlationId,
    category: error.category ?? null,
    ...propertyOf(detail),
  }
}

function sameValue(sent: string | null, got: string | null | undefined): boolean {
  return (sent ?? '').trim().toLowerCase() === (got ?? '').trim().toLowerCase()
}

/** Whether a record can be the result of an input: each value that both have is the same. */
function looksLike(input: SentInput, record: WireObject): boolean {
  const got = record.properties ?? {}
  const names = Object.keys(input.properties).filter(name => name in got)
  return (
    names.length > 0 && names.every(name => sameValue(input.properties[name] ?? null, got[name]))
  )
}

/**
 * Finds the answer of each input: HubSpot does not promise an order. By trace id, then by id, then
 * by content where only one fits. An input without an answer gets `ANSWER_MISSING`: whoever sent it
 * has to look whether it took effect.
 */
export function pairOutcomes(
  inputs: readonly SentInput[],
  batch: WireBatch,
  correlationId: string | null,
): BatchResult {
  const outcomes: BatchResult = new Map<string, RecordOutcome>()
  const open = new Map(inputs.map(input => [input.traceId, input]))
  const settle = (input: SentInput | undefined, outcome: RecordOutcome): boolean => {
    if (!input || !open.delete(input.traceId)) return false
    outcomes.set(input.traceId, outcome)
    return true
  }
  const byId = new Map(
    inputs.flatMap(input => (input.id === undefined ? [] : [[input.id, input] as const])),
  )

  const unpaired: WireObject[] = []
  for (const record of batch.results) {
    const input =
      (record.objectWriteTraceId ? open.get(record.objectWriteTraceId) : undefined) ??
      byId.get(record.id)
    if (!settle(input, { ok: toObject(record) })) unpaired.push(record)
  }
  for (const error of batch.errors ?? []) {
    const context = error.context ?? {}
    const failure = failureOfPart(error, correlationId ?? batch.correlationId ?? null)
    for (const traceId of context.objectWriteTraceId ?? [])
      settle(open.get(traceId), { error: failure })
    for (const id of [
      ...(context.ids ?? []),
      ...(context.id ?? []),
      ...(error.id ? [error.id] : []),
    ])
      settle(byId.get(id), { error: failure })
  }
  for (const record of unpaired) {
    const candidates = [...open.values()].filter(
      input => input.id === undefined && looksLike(input, record),
    )
    const [only] = candidates
    if (
      candidates.length === 1 &&
      unpaired.filter(other => only && looksLike(only, other)).length === 1
    )
      settle(only, { ok: toObject(record) })
  }
  for (const input of open.values()) {
    outcomes.set(input.traceId, {
      error: {
        code: 'ANSWER_MISSING',
        message: 'HubSpot did not say what became of this record.',
        correlationId,
        category: null,
      },
    })
  }
  return outcomes
}

/**
 * @returns the id of the contact that has the e-mail address already; HubSpot names it in the message
 *   only
 * @see docs/hubspot-platform.md#errors
 */
export function existingIdOf(failure: Pick<RecordFailure, 'message'>): string | null {
  return z
    .string()
    .regex(/^\d{1,20}$/)
    .nullable()
    .catch(null)
    .parse(/Existing ID:\s*(\d+)/i.exec(failure.message)?.[1] ?? null)
}
