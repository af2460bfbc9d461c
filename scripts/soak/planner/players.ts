import { rmSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { bundle } from './build'
import type { Fault } from './faults'
import type { Share } from './run'
import type { Told } from './worker'

/** Nearly all that a history makes is garbage at its end: room for many of them between two looks. */
const resourceLimits = { maxYoungGenerationSizeMb: 96 }

/** Plays a share in a thread of its own. @param file made by `bundle` */
export function playIn(file: string, share: Share & { isTold: boolean }): Promise<Told> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(file, { workerData: share, resourceLimits })
    worker.once('message', (told: Told) => resolve(told))
    worker.once('error', reject)
  })
}

/** How many histories it takes until a fault shows. */
export interface Found {
  fault: string
  /** `null`: none of them showed it */
  histories: number | null
  why: string
}

/** Puts a fault in, and plays until it shows. */
export async function findFault(
  fault: Fault,
  share: Omit<Share, 'stride' | 'replayEvery'>,
  name: string,
): Promise<Found> {
  const file = await bundle(fault, name)
  try {
    const { outcome } = await playIn(file, { ...share, stride: 1, replayEvery: 0, isTold: false })
    const { wrong, histories } = outcome
    return {
      fault: fault.name,
      histories: wrong ? histories : null,
      why: wrong?.why ?? '',
    }
  } finally {
    rmSync(file, { force: true })
  }
}

/** Does all of these, so many at a time. */
export async function eachOf<T, R>(
  all: readonly T[],
  atOnce: number,
  work: (one: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = []
  let next = 0
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (next < all.length) {
        const index = next++
        results[index] = await work(all[index] as T, index)
      }
    }),
  )
  return results
}
