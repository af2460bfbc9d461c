import { hubspotTime } from '../clock'
import { json, type ErrorBody, type Reply } from '../http'
import type { ApiCall } from './call'
import { refusalByChance } from './refusals'

/** What stands in a batch's answer against some of its inputs */
export interface BatchError {
  status: 'error'
  category: string
  message: string
  context: Record<string, string[]>
  subCategory?: ErrorBody['subCategory']
}

/**
 * Ends a batch: `status` when all went well, 207 when something did not. From 2026-09 on the errors
 * stand in the ordinary answer (docs/hubspot-platform.md#batches).
 */
export function batchAnswer(
  { world, version }: ApiCall,
  status: number,
  results: readonly unknown[],
  errors: readonly BatchError[] = [],
  startedAt = hubspotTime(world.clock.now()),
): Reply {
  const body = {
    status: world.settings.batchStatus,
    results,
    startedAt,
    completedAt: hubspotTime(world.clock.now()),
  }
  return errors.length === 0
    ? json(status, body)
    : json(version === '2026-09' ? status : 207, { ...body, numErrors: errors.length, errors })
}

/**
 * With `batchRefusals`: the inputs that are worked on, and the errors against the others.
 * @param contextOf what the error names its input by
 */
export function splitByChance<I>(
  { world }: ApiCall,
  inputs: readonly I[],
  contextOf: (input: I) => Record<string, string[]>,
): { taken: I[]; refused: BatchError[] } {
  const taken: I[] = []
  const refused: BatchError[] = []
  for (const input of inputs) {
    const refusal = refusalByChance(world)
    if (refusal) refused.push({ status: 'error', ...refusal, context: contextOf(input) })
    else taken.push(input)
  }
  return { taken, refused }
}
