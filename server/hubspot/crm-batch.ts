import { z } from 'zod'
import { toObject, type WireBatch, type WireBatchError, type WireObject } from './crm-schemas'
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
 * HubSpot's reason, for the record that it belongs to. Its text may name the value that was
 * refused, so it goes to that record only.
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
  }
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
  }
}

function sameValue(sent: string | null, got: string | null | undefined): boolean {
  return (sent ?? '').trim().toLowerCase() === (got ?? '').trim().toLowerCase()
}

/** Whether a record can be what became of an input: each value that both name is the same. */
function looksLike(input: SentInput, record: WireObject): boolean {
  const got = record.properties ?? {}
  const names = Object.keys(input.properties).filter(name => name in got)
  return (
    names.length > 0 && names.every(name => sameValue(input.properties[name] ?? null, got[name]))
  )
}

/**
 * Tells which answer belongs to which input. HubSpot does not promise an order: by trace id, then
 * by id, then by content where that is unmistakable. An input without an answer is said to have
 * none: whoever created it has to look whether it is there.
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

/** Refusals that belong to a record: alone it shows which one. */
const belongsToRecord = new Set<HubspotError['kind']>(['rejected', 'conflict', 'not_found'])

/**
 * Sends a batch; where HubSpot refuses all of it for the sake of one record, halves it until the
 * refusal stands with its record. A refused batch wrote nothing (hubspot.md §2.5).
 */
export async function sendInParts<I extends SentInput>(
  inputs: readonly I[],
  send: (part: readonly I[]) => Promise<BatchResult>,
): Promise<BatchResult> {
  if (inputs.length === 0) return new Map()
  try {
    return await send(inputs)
  } catch (error) {
    if (!(error instanceof HubspotError) || !belongsToRecord.has(error.kind)) throw error
    const [first] = inputs
    if (inputs.length === 1 && first)
      return new Map([[first.traceId, { error: toRecordFailure(error) }]])
    const middle = Math.ceil(inputs.length / 2)
    const left = await sendInParts(inputs.slice(0, middle), send)
    return new Map([...left, ...(await sendInParts(inputs.slice(middle), send))])
  }
}

/**
 * The id of the contact that is in the way, which HubSpot names in words only (hubspot.md §2.9).
 */
export function existingIdOf(failure: Pick<RecordFailure, 'message'>): string | null {
  return z
    .string()
    .regex(/^\d{1,20}$/)
    .nullable()
    .catch(null)
    .parse(/Existing ID:\s*(\d+)/i.exec(failure.message)?.[1] ?? null)
}
