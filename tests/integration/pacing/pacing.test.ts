import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createDatabase, type Database } from '../../../server/database/client'
import { createPacing, type BudgetTimeout, type Pacing } from '../../../server/hubspot/pacing'
import { createPaceStore } from '../../../server/database/pace'
import { testDatabase, type TestDatabase } from '../../support/mongo'
import {
  generalSpreadMs,
  generalWindowMs,
  searchSpreadMs,
  searchWindowMs,
} from '../../../server/hubspot/limits'
import { fullestWindow, noteGrants } from './windows'
import { present } from '../../support/present'

let test: TestDatabase
let database: Database
let pacing: Pacing
let portals = 1000
let portalId: string
const limits = { requestsPerTenSeconds: 110, searchesPerSecond: 5 }

beforeAll(async () => {
  test = await testDatabase()
  database = createDatabase(test)
  await database.prepare()
  pacing = createPacing({ store: createPaceStore(database.collections), limits })
})
afterAll(async () => {
  await database.close()
  await test.drop()
})
beforeEach(() => {
  portalId = String(portals++)
})

/**
 * Callers that take as many as they get until the time is over, of as many processes as there are
 * pacings. @returns when requests were let go, ms of the database's clock
 */
async function callersFor(
  durationMs: number,
  callers: number,
  pacings: number,
  take: (pacing: Pacing, signal: AbortSignal) => Promise<unknown>,
): Promise<number[]> {
  const over = AbortSignal.timeout(durationMs)
  const { pace, instants } = noteGrants(database.collections.pace)
  await Promise.all(
    Array.from({ length: pacings }, () =>
      createPacing({ store: createPaceStore({ pace }), limits }),
    ).flatMap(each =>
      Array.from({ length: callers }, async () => {
        while (!over.aborted) await take(each, over).catch(() => {})
      }),
    ),
  )
  return instants
}

describe('the pace of one portal (P10)', () => {
  it('never lets more than 110 go in ten seconds, and lets a backfill use nine tenths of that', async () => {
    const instants = await callersFor(21_000, 10, 2, (each, signal) =>
      each.acquire(portalId, 'general', { priority: 'backfill', signal }),
    )
    expect(fullestWindow(instants, generalWindowMs + generalSpreadMs)).toBeLessThanOrEqual(110)
    const logged =
      (await database.collections.pace.findOne({ _id: `${portalId}:general` }))?.grants ?? []
    expect(logged.length).toBeLessThanOrEqual(110)
    expect(instants.length).toBeGreaterThanOrEqual(2 * 99)
  }, 40_000)

  it('spreads the searches of a backfill over each second', async () => {
    const instants = await callersFor(2500, 4, 2, (each, signal) =>
      each.acquire(portalId, 'search', { priority: 'backfill', signal }),
    )
    expect(fullestWindow(instants, searchWindowMs / limits.searchesPerSecond)).toBe(1)
    expect(instants.length).toBeGreaterThan(4)
  })

  it('leaves most searches to the other apps of an account for a while, once HubSpot answered 429', async () => {
    const limit = { windowMs: 60_000, cap: 5, burst: null, cautiousCap: 2 }
    const store = createPaceStore(database.collections)
    const key = `${portalId}:search`
    expect(await store.grant(key, limit, 5)).toMatchObject({ granted: 5 })
    await database.collections.pace.updateOne({ _id: key }, { $set: { grants: [] } })
    await store.pause(key, 0, 60_000)
    expect(await store.grant(key, limit, 5)).toMatchObject({ granted: 2 })
    expect(await store.grant(key, limit, 1)).toMatchObject({ granted: 0 })
    await database.collections.pace.updateOne(
      { _id: key },
      { $set: { cautious_until: new Date(0) } },
    )
    expect(await store.grant(key, limit, 5)).toMatchObject({ granted: 3 })
  })

  it('lets a burst go at once, up to the limit and not one more', async () => {
    const burst = Array.from({ length: 110 }, () =>
      pacing.acquire(portalId, 'general', { priority: 'interactive', maxWaitMs: 0 }),
    )
    expect(await Promise.all(burst)).toHaveLength(110)
    await expect(
      pacing.acquire(portalId, 'general', { priority: 'interactive', maxWaitMs: 100 }),
    ).rejects.toMatchObject({ code: 'hubspot_rate_limited' })
  })

  it('keeps searches to five a second', async () => {
    const instants = await callersFor(4000, 8, 1, (each, signal) =>
      each.acquire(portalId, 'search', { signal }),
    )
    expect(fullestWindow(instants, searchWindowMs + searchSpreadMs)).toBeLessThanOrEqual(5)
    // Three whole windows of four seconds, whatever this machine does besides.
    expect(instants.length).toBeGreaterThanOrEqual(3 * 5)
  })

  it('keeps a person from waiting behind a backfill', async () => {
    // All but its last six were taken in the seconds before: nearly ten seconds' work at the pace
    // of a backfill.
    const now = Date.now()
    await database.collections.pace.insertOne({
      _id: `${portalId}:general`,
      grants: Array.from({ length: 100 }, (_, index) => new Date(now - 5000 + 30 * index)),
      paused_until: null,
      granted: 0,
      wait_ms: 0,
    })
    const over = new AbortController()
    const backfill = Promise.all(
      Array.from({ length: 30 }, async () => {
        while (!over.signal.aborted)
          await pacing
            .acquire(portalId, 'general', { priority: 'backfill', signal: over.signal })
            .catch(() => {})
      }),
    )
    // The window of the backfill is full
    await expect
      .poll(async () => (await pacing.usage(portalId, 'general')).used, { timeout: 15_000 })
      .toBe(106)
    await Promise.all(
      Array.from({ length: 4 }, () =>
        pacing.acquire(portalId, 'general', { priority: 'interactive', maxWaitMs: 0 }),
      ),
    )
    over.abort(new Error('over'))
    await backfill
  })

  it('pauses one portal and one budget alone', async () => {
    await pacing.pause(portalId, 'general', 60_000)
    await pacing.pause(portalId, 'general', 1000)
    const refused = await pacing
      .acquire(portalId, 'general', { priority: 'interactive', maxWaitMs: 20_000 })
      .then(
        () => null,
        (error: BudgetTimeout) => error,
      )
    expect(refused).toMatchObject({ code: 'hubspot_rate_limited' })
    // The longer of the two pauses, less what passed since.
    expect(refused?.retryAfterSeconds).toBeLessThanOrEqual(60)
    expect(refused?.retryAfterSeconds).toBeGreaterThan(30)
    await pacing.acquire(portalId, 'search', { maxWaitMs: 0 })
    await pacing.acquire(`${portalId}9`, 'general', { maxWaitMs: 0 })
    expect((await pacing.usage(portalId, 'general')).pausedUntil).not.toBeNull()
  })

  it('goes on by itself when a pause is over', async () => {
    await pacing.pause(portalId, 'general', 300)
    await pacing.acquire(portalId, 'general')
    // By the clock that keeps the pause: the answer to it takes its own time to get here.
    const { grants, paused_until: until } = present(
      await database.collections.pace.findOne({
        _id: `${portalId}:general`,
      }),
    )
    expect(grants).toHaveLength(1)
    expect(present(grants[0]).getTime()).toBeGreaterThanOrEqual(present(until).getTime())
  })

  it('lets a caller leave the line when its signal fires', async () => {
    await pacing.pause(portalId, 'general', 60_000)
    const leaving = new AbortController()
    const waiting = pacing.acquire(portalId, 'general', { signal: leaving.signal })
    leaving.abort(new Error('left'))
    await expect(waiting).rejects.toThrow('left')
  })

  it('answers a hundred first callers of a new portal', async () => {
    const others = Array.from({ length: 5 }, () =>
      createPacing({ store: createPaceStore(database.collections), limits }),
    )
    await Promise.all(
      others.flatMap(each => Array.from({ length: 20 }, () => each.acquire(portalId, 'general'))),
    )
    expect((await pacing.usage(portalId, 'general')).used).toBe(100)
  })
})
