import { digest } from './digest'
import type { Losses } from './fields'
import { play, stepKinds, stepsOf, type StepKind } from './play'

/** What came of a number of histories. */
export interface Outcome {
  histories: number
  steps: Record<StepKind, number>
  /** Histories that were played twice */
  replayed: number
  /** HubSpot objects and records of ours at the end, together */
  records: number
  losses: Losses
  /** The first that came out wrong */
  wrong: { seed: number; why: string } | null
}

export interface Share {
  first: number
  /** From one seed to the next: as many as there are players */
  stride: number
  histories: number
  /** One history in so many is played twice; 0: none */
  replayEvery: number
  /** Ends early, epoch milliseconds */
  until?: number
}

/** Plays histories, seed after seed, up to the first that comes out wrong. */
export function run({ first, stride, histories, replayEvery, until = Infinity }: Share): Outcome {
  const outcome: Outcome = {
    histories: 0,
    steps: Object.fromEntries(stepKinds.map(kind => [kind, 0])) as Record<StepKind, number>,
    replayed: 0,
    records: 0,
    losses: { policy: 0, raced: 0, unanswered: 0 },
    wrong: null,
  }
  for (let number = 0; number < histories; number++) {
    if (number % 256 === 0 && Date.now() > until) break
    const seed = first + number * stride
    const steps = stepsOf(seed)
    const { wrong, world, losses } = play(seed, steps)
    outcome.histories += 1
    outcome.records += world.store.leads.length + world.store.deals.length
    outcome.records += world.hubspot.objects.size
    for (const { kind } of steps) outcome.steps[kind] += 1
    outcome.losses.policy += losses.policy
    outcome.losses.raced += losses.raced
    outcome.losses.unanswered += losses.unanswered
    let why = wrong
    if (why === null && replayEvery > 0 && number % replayEvery === 0) {
      outcome.replayed += 1
      if (digest(world) !== digest(play(seed, steps).world))
        why = 'played again, it comes to something else'
    }
    if (why === null) continue
    outcome.wrong = { seed, why }
    break
  }
  return outcome
}

/** Adds one outcome to another. */
export function add(total: Outcome, one: Outcome): Outcome {
  const wrongs = [total.wrong, one.wrong].filter(wrong => wrong !== null)
  return {
    histories: total.histories + one.histories,
    steps: Object.fromEntries(
      stepKinds.map(kind => [kind, total.steps[kind] + one.steps[kind]]),
    ) as Record<StepKind, number>,
    replayed: total.replayed + one.replayed,
    records: total.records + one.records,
    losses: {
      policy: total.losses.policy + one.losses.policy,
      raced: total.losses.raced + one.losses.raced,
      unanswered: total.losses.unanswered + one.losses.unanswered,
    },
    wrong: wrongs.sort((a, b) => a.seed - b.seed)[0] ?? null,
  }
}
