import { describe, expect, it } from 'vitest'
import { bundle } from '../../../scripts/soak/planner/build'
import { faults } from '../../../scripts/soak/planner/faults'
import { findFaults } from '../../../scripts/soak/planner/index'
import { playIn } from '../../../scripts/soak/planner/players'

/** Faults that a few hundred histories find: their like must not get past this suite. */
const quickToFind = [
  'our side always counts as changed',
  'what was taken over is not remembered as agreed',
  'conflicts are not noted',
  "HubSpot's old stage overwrites ours",
  'a tie parted here is not parted in HubSpot',
  'what a create made is taken for older than it',
  'what arrives late overwrites what is newer',
  'the revision stands still as HubSpot changes a record',
  'an undo overwrites what somebody changed since',
]

/**
 * The short form of `npm run test:soak -- planner`: whole histories of edits on both sides, creates,
 * archives, merges, ties, lost answers, late arrivals and undo through the production code, without I/O.
 */
describe('the planner', () => {
  it('brings both sides together in every history, explains what it overwrites, makes nothing twice', async () => {
    const share = { first: 1, stride: 1, histories: 5000, replayEvery: 25, isTold: true }
    const { outcome, story } = await playIn(await bundle(null, 'short'), share)
    expect(outcome.wrong, story ?? '').toBeNull()
    expect(outcome.replayed).toBe(200)
    expect(Object.entries(outcome.steps).filter(([, count]) => count === 0)).toEqual([])
  }, 600_000)

  it('is proven by histories that find small faults', async () => {
    const sample = faults.filter(fault => quickToFind.includes(fault.name))
    expect(sample.length).toBe(quickToFind.length)
    const found = await findFaults(sample, 1)
    expect(found.filter(({ histories }) => histories === null)).toEqual([])
  }, 600_000)

  it('has faults that all still fit into the code', async () => {
    for (const [index, fault] of faults.entries())
      await expect(bundle(fault, `fits-${index}`), fault.name).resolves.toContain('fits')
  }, 600_000)
})
