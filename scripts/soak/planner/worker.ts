import { parentPort, workerData } from 'node:worker_threads'
import { stepsOf } from './play'
import { run, type Outcome, type Share } from './run'
import { tellStory } from './shrink'

/** What a player answers: what came of its share, and the story of what came out wrong. */
export interface Told {
  outcome: Outcome
  story: string | null
}

/** Plays a share. @param share.isTold the story of what came out wrong is wanted */
export function playShare(share: Share & { isTold: boolean }): Told {
  const outcome = run(share)
  const { wrong } = outcome
  return {
    outcome,
    story: wrong && share.isTold ? tellStory(wrong.seed, stepsOf(wrong.seed), wrong.why) : null,
  }
}

parentPort?.postMessage(playShare(workerData as Share & { isTold: boolean }))
