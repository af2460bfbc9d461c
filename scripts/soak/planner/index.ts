import { rmSync } from 'node:fs'
import { bundle } from './build'
import { faults, type Fault } from './faults'
import { eachOf, findFault, playIn, type Found } from './players'
import { add, type Outcome } from './run'

/** The planner's own proof: whole two-sided histories through the production core, without I/O. */

const players = 2
const replayEvery = 50
/** A fault that so many histories do not show counts as not found. */
export const mostHistories = 100_000

export interface Check {
  name: string
  ok: boolean
}

/** @param input.seed the first history's; the others follow */
export async function runPlanner(input: { histories: number; seed: number }): Promise<Check[]> {
  const write = (line: string) => process.stdout.write(`${line}\n`)
  const { outcome, story, seconds } = await playAll(input)
  write(tellOutcome(outcome, seconds))
  if (story) write(`\nseed ${outcome.wrong?.seed ?? 0}:\n${story}`)
  write(`\n${faults.length} faults, each put into the production code alone:`)
  const found = await findFaults(faults, input.seed, one => write(tellFound(one)))
  const isAll = outcome.wrong === null && outcome.histories === input.histories
  const missed = found.filter(one => one.histories === null)
  return [
    {
      name: `${outcome.histories} of ${input.histories} histories come to rest as they should`,
      ok: isAll,
    },
    {
      name:
        `${found.length - missed.length} of ${found.length} faults are found ` +
        `within ${mostHistories} histories`,
      ok: missed.length === 0,
    },
  ]
}

async function playAll({ histories, seed }: { histories: number; seed: number }) {
  const file = await bundle(null, 'core')
  const begin = performance.now()
  try {
    const told = await Promise.all(
      Array.from({ length: players }, (_, player) =>
        playIn(file, {
          first: seed + player,
          stride: players,
          histories: Math.ceil((histories - player) / players),
          replayEvery,
          isTold: true,
        }),
      ),
    )
    const outcome = told.map(one => one.outcome).reduce(add)
    const story = told.find(one => one.outcome.wrong?.seed === outcome.wrong?.seed)?.story ?? null
    return { outcome, story, seconds: (performance.now() - begin) / 1000 }
  } finally {
    rmSync(file, { force: true })
  }
}

/** Puts each fault in, two at a time. @param told about each as soon as it is known */
export async function findFaults(
  all: readonly Fault[],
  seed: number,
  told: (found: Found) => void = () => {},
): Promise<Found[]> {
  return await eachOf(all, players, async (fault, index) => {
    const share = { first: seed, histories: mostHistories }
    const found = await findFault(fault, share, `fault-${index}`)
    told(found)
    return found
  })
}

function tellOutcome(outcome: Outcome, seconds: number): string {
  const steps = Object.entries(outcome.steps).sort(([, one], [, other]) => other - one)
  const total = steps.reduce((sum, [, count]) => sum + count, 0)
  const rate = Math.round(outcome.histories / seconds)
  const { policy, raced, unanswered } = outcome.losses
  return [
    `${outcome.histories} histories in ${seconds.toFixed(1)} s`,
    `${rate} a second in ${players} threads`,
    `${outcome.replayed} of them played twice, to the same bytes`,
    `${total} steps, ${outcome.records} records on both sides at the end`,
    `edits overwritten: ${policy} by policy, ${raced} by a write that had looked before,`,
    `  ${unanswered} after a write without an answer`,
    ...steps.map(([kind, count]) => `  ${String(count).padStart(9)}  ${kind}`),
  ].join('\n')
}

function tellFound({ fault, histories, why }: Found): string {
  const needed = histories === null ? 'not found' : String(histories)
  return `  ${needed.padStart(9)}  ${fault}${why === '' ? '' : ` → ${why.replace(/ \{.*/s, '')}`}`
}
