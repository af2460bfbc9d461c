import type { BatchResult, RecordFailure } from '../../hubspot/crm-types'
import type { AnyUpdate, DrainContext } from './context'
import { noAnswer } from './record-failure'
import { eachRefused } from './settle'

const property = 'lifecyclestage'

type Stage = { id: string; stage: string }

export interface StepBackDeps {
  /** Stores, before a request, what of it will come back */
  setSending(ctx: DrainContext, writes: readonly AnyUpdate[]): Promise<unknown>
}

const notTaken: RecordFailure = {
  code: 'INVALID_LIFECYCLE_STAGE',
  message: 'HubSpot did not take this life cycle stage, and keeps the former one.',
  correlationId: null,
  category: 'VALIDATION_ERROR',
}

/** The stage that a write wants and that HubSpot's answer does not have; `null`: it has it */
export function refusedStage(
  { properties }: Pick<AnyUpdate, 'properties'>,
  outcome: ReturnType<BatchResult['get']>,
): string | null {
  const wanted = properties[property]
  if (!wanted || !outcome || !('ok' in outcome)) return null
  const answered = outcome.ok.properties
  return Object.hasOwn(answered, property) && answered[property] !== wanted ? wanted : null
}

/**
 * HubSpot answers a step back of the life cycle stage with a success, and keeps the former stage: it
 * is cleared first, in a request of its own (docs/hubspot-platform.md#writes).
 * @param kept writes whose answer shows another stage than the one sent, at most 100
 * @returns their outcomes: a stage that HubSpot keeps after all is refused
 */
export async function stepBack(
  { setSending }: StepBackDeps,
  ctx: DrainContext,
  kept: readonly AnyUpdate[],
): Promise<BatchResult> {
  const send = async (stages: readonly Stage[]): Promise<BatchResult> => {
    if (stages.length === 0) return new Map()
    await ctx.lease.assert()
    return await ctx.crm
      .batchUpdate(
        'contacts',
        stages.map(({ id, stage }) => ({ id, properties: { [property]: stage } })),
      )
      .catch((error: unknown) =>
        eachRefused(
          error,
          stages.map(({ id }) => id),
        ),
      )
  }
  // The empty stage is ours: an arrival of it is no edit of HubSpot's, also after a kill in between.
  await setSending(
    ctx,
    kept.map(write => ({ ...write, properties: { ...write.properties, [property]: '' } })),
  )
  const cleared = await send(kept.map(({ hubspotId: id }) => ({ id, stage: '' })))
  const open = kept.filter(write => isOk(cleared.get(write.hubspotId)))
  const set = await send(
    open.map(({ hubspotId: id, properties }) => ({ id, stage: properties[property] ?? '' })),
  )
  const outcomes: BatchResult = new Map()
  const lost: Stage[] = []
  for (const write of kept) {
    const { hubspotId: id } = write
    const outcome = (open.includes(write) ? set.get(id) : cleared.get(id)) ?? { error: noAnswer }
    outcomes.set(id, refusedStage(write, outcome) === null ? outcome : { error: notTaken })
    const former = write.record.remote?.[property]
    if (open.includes(write) && !isOk(outcomes.get(id)) && former) lost.push({ id, stage: former })
  }
  // What was cleared for nothing gets its former stage again.
  await send(lost)
  return outcomes
}

const isOk = (outcome: ReturnType<BatchResult['get']>) => outcome !== undefined && 'ok' in outcome
