import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { startConnectionApp, type ConnectionApp } from '../../support/connection'
import { invalidGrant, tokenPath, type RefreshMode } from '../../support/scripted-hubspot'
import { shareOf } from '../../support/proofs'
import { createWorkers, type Worker } from './pool'
import { present } from '../../support/present'

/**
 * Each point so many times, for each way in which HubSpot hands refresh tokens back; `npm run
 * test:soak -- crash` asks for twenty.
 */
const rounds = Number(process.env.CRASH_ROUNDS ?? 1)
const modes: RefreshMode[] = ['same', 'rotate', 'omit']
/** In the short form each point has one of the modes, in turn; R2 the one that loses the reply */
const modesAt = (place: number) => shareOf(modes, place, modes.length)
const patience = { timeout: 60_000, interval: 20 }
vi.setConfig({ testTimeout: 60_000 + rounds * 30_000 })

let app: ConnectionApp
/** Lives through all of it, and takes over */
let heir: Worker
const { start: worker, kill } = createWorkers(() => app.environment)
beforeAll(async () => {
  app = await startConnectionApp()
  heir = await worker()
})
afterAll(async () => {
  kill()
  await app.stop()
})

let portal = 7000
async function connected(name: string, mode: RefreshMode) {
  const admin = await app.person(name)
  const portalId = ++portal
  const connect = async () =>
    expect(await app.connect(admin.browser, portalId)).toBe('/settings/hubspot?success=true')
  await connect()
  app.hubspot.state.mode = mode
  return {
    ...admin,
    portalId,
    id: admin.partnerId.toHexString(),
    connect,
    integration: async () => present(await app.integration(admin.partnerId)),
  }
}
type Admin = Awaited<ReturnType<typeof connected>>
const refreshes = () => app.hubspot.count(tokenPath, 'refresh_token')
const tokens = (one: Worker, admin: Admin, callers: number) =>
  one.order({ do: 'tokens', partnerId: admin.id, callers })
/**
 * A lease by a process that is gone runs out after half a minute at most; the test does not wait
 * for it.
 */
async function endLease(admin: Admin): Promise<void> {
  expect(
    present((await admin.integration()).refresh_lease).until.getTime() - Date.now(),
  ).toBeLessThanOrEqual(30_000)
  await app.services.database.collections.partners.updateOne(
    { _id: admin.partnerId },
    { $set: { 'hubspot_integration.refresh_lease.until': new Date(Date.now() - 1000) } },
  )
}
async function expectToken(
  admin: Admin,
  answer: Awaited<ReturnType<typeof tokens>>,
): Promise<void> {
  expect(answer?.tokens).toHaveLength(1)
  expect(app.hubspot.accessTokens.get(present(answer?.tokens?.[0]))).toBe(admin.portalId)
  expect(await admin.integration()).toMatchObject({ status: 'connected', reason: null })
}
/**
 * The one loss that nothing can avoid: HubSpot's answer is gone with the process, and with it the
 * only refresh token. It is said to be just that.
 */
async function expectLostReply(
  admin: Admin,
  answer: Awaited<ReturnType<typeof tokens>>,
): Promise<void> {
  expect(answer?.tokens).toEqual(['error hubspot_reauthorization_required'])
  expect(await admin.integration()).toMatchObject({
    status: 'revoked',
    reason: { code: 'grant_revoked', message: expect.stringContaining('reply') as string },
  })
  await admin.connect()
}

/** R4 is the one point where either may have happened: the write was on its way. */
const points = [
  { point: 'R0', at: 'before the lease', calls: [0], callers: 3 },
  { point: 'R1', at: 'with the lease, before the request', calls: [0], callers: 3 },
  { point: 'R2', at: 'with the request sent and no reply read', calls: [1], callers: 3 },
  { point: 'R3', at: 'with the reply read, before the write', calls: [1], callers: 3 },
  { point: 'R4', at: 'with the write sent, before its acknowledgement', calls: [1], callers: 3 },
  { point: 'R5', at: 'with the write acknowledged', calls: [1], callers: 1 },
  { point: 'R6', at: 'before the waiting callers have it', calls: [1], callers: 64 },
] as const

describe('a process killed during a refresh', () => {
  test.each(points.flatMap((each, place) => modesAt(place).map(mode => ({ ...each, mode }))))(
    'at $point, $at, loses nothing that can be kept (refresh token: $mode)',
    async ({ point, mode, calls, callers }) => {
      const admin = await connected(`Killed at ${point} ${mode}`, mode)
      const outcomes = { kept: 0, lost: 0 }
      for (let round = 0; round < rounds; round++) {
        await app.expire(admin.partnerId)
        const before = refreshes()
        const { refresh_token: old, token_version: version } = await admin.integration()
        const victim = await worker({ TEST_KILL_AT: point })
        expect(await tokens(victim, admin, callers)).toBeNull()
        expect(victim.child.signalCode).toBe('SIGKILL')
        expect(calls).toContain(refreshes() - before)
        const left = await admin.integration()
        const isStored = left.token_version > version
        expect(isStored, 'what is stored').toBe(
          point === 'R4' ? isStored : point === 'R5' || point === 'R6',
        )
        if (!isStored) expect(left.refresh_token).toBe(old)
        if (point !== 'R0' && !isStored) await endLease(admin)
        const answer = await tokens(heir, admin, 20)
        const isLost = mode === 'rotate' && calls[0] > 0 && !isStored
        if (isLost) await expectLostReply(admin, answer)
        else await expectToken(admin, answer)
        if (isStored) expect(refreshes() - before).toBe(1)
        outcomes[isLost ? 'lost' : 'kept'] += 1
      }
      console.info(
        `crash ${point} (${mode}): ${rounds} kills, ${outcomes.kept} connections kept, ${outcomes.lost} lost with HubSpot's only reply and said so`,
      )
    },
  )
})

describe.each(modes)('a process that lives through trouble (refresh token: %s)', mode => {
  /** What starts processes is done in one of the modes, in turn, by the short form. */
  const isDoneAt = (place: number) => modesAt(place).includes(mode)

  async function often(
    name: string,
    act: (admin: Admin, round: number) => Promise<void>,
  ): Promise<void> {
    const admin = await connected(`${name} ${mode}`, mode)
    for (let round = 0; round < rounds; round++) {
      await app.expire(admin.partnerId)
      await act(admin, round)
    }
    app.hubspot.answer(tokenPath, null)
  }

  test('R2: a reply lost after HubSpot did the work is made good, or said to be lost', async () => {
    await often('Lost reply', async admin => {
      app.hubspot.answer(tokenPath, (request, response, call) => {
        app.hubspot.answer(tokenPath, null)
        const { end } = response
        response.end = (() => {
          response.end = end
          request.socket.destroy()
          return response
        }) as typeof end
        return app.hubspot.usual(tokenPath)(request, response, call)
      })
      expect((await tokens(heir, admin, 5))?.tokens).toEqual(['error hubspot_unavailable'])
      await app.services.database.collections.partners.updateOne(
        { _id: admin.partnerId },
        { $set: { 'hubspot_integration.retry_refresh_at': null } },
      )
      const answer = await tokens(heir, admin, 5)
      if (mode === 'rotate') await expectLostReply(admin, answer)
      else await expectToken(admin, answer)
    })
  })

  test.runIf(isDoneAt(0))(
    'R4 and R15: an acknowledgement that is lost, a database that takes nothing for a while: the token is served and stored, with one call',
    async () => {
      const troubles: Record<string, string>[] = [{ TEST_ACK_LOST: '1' }, { TEST_STORE_FAILS: '4' }]
      for (const env of troubles) {
        await often(`Database ${Object.keys(env).join()}`, async admin => {
          const before = refreshes()
          const one = await worker(env)
          const answer = await tokens(one, admin, 20)
          await vi.waitFor(async () => expectToken(admin, answer), patience)
          await vi.waitFor(
            async () => expect((await admin.integration()).refresh_failures).toBe(0),
            patience,
          )
          const { token_version } = await admin.integration()
          await vi.waitFor(
            async () =>
              expect(present((await admin.integration()).expires_at).getTime()).toBeGreaterThan(
                Date.now() + 60_000,
              ),
            patience,
          )
          expect((await tokens(heir, admin, 1))?.tokens).toEqual(answer?.tokens)
          expect(refreshes() - before).toBe(1)
          expect((await admin.integration()).token_version).toBeGreaterThanOrEqual(token_version)
          one.child.disconnect()
        })
      }
    },
  )

  test
    .runIf(isDoneAt(2))
    .each(['R7: another refresh', 'R8: a disconnect', 'R9: a new grant'] as const)(
    '%s wins over a process that was stopped with its reply',
    async what => {
      await often(what, async admin => {
        const sleeper = await worker({ TEST_STOP_AT: 'refresh_answered' })
        const late = tokens(sleeper, admin, 1)
        await sleeper.stopped
        if (what.startsWith('R8'))
          await app.services.connection.disconnect(admin.partnerId, {
            kind: 'system',
            user_id: null,
            email: null,
          })
        else if (what.startsWith('R9')) await admin.connect()
        else {
          await endLease(admin)
          await tokens(heir, admin, 5)
        }
        const stored = await admin.integration()
        sleeper.child.kill('SIGCONT')
        const answer = await late
        expect(await admin.integration()).toEqual(stored)
        if (what.startsWith('R8')) {
          expect(answer?.tokens).toEqual(['error hubspot_not_connected'])
          expect(stored).toMatchObject({
            status: 'disconnected',
            access_token: null,
            refresh_token: null,
          })
        } else if (stored.status === 'connected') {
          expect(answer?.tokens).toEqual((await tokens(heir, admin, 1))?.tokens)
        }
        if (stored.status !== 'connected') await admin.connect()
        sleeper.child.disconnect()
      })
    },
  )

  test('R11: one mistaken invalid_grant ends nothing', async () => {
    await often('Mistaken', async admin => {
      app.hubspot.answer(tokenPath, (request, response, call) => {
        app.hubspot.answer(tokenPath, null)
        return invalidGrant(request, response, call)
      })
      await expectToken(admin, await tokens(heir, admin, 20))
    })
  })

  test.runIf(isDoneAt(1))(
    'R12: clocks an hour apart never ask at the same time, and end nothing',
    async () => {
      const clocks = await Promise.all(
        ['-3600000', '0', '3600000'].map(ms => worker({ TEST_CLOCK_MS: ms })),
      )
      await often('Clocks', async admin => {
        await app.services.database.collections.partners.updateOne(
          { _id: admin.partnerId },
          { $set: { 'hubspot_integration.expires_at': new Date(0) } },
        )
        let [inFlight, most] = [0, 0]
        app.hubspot.answer(tokenPath, async (request, response, call) => {
          most = Math.max(most, ++inFlight)
          await new Promise(resolve => setTimeout(resolve, 20))
          inFlight -= 1
          return app.hubspot.usual(tokenPath)(request, response, call)
        })
        const answers = await Promise.all(clocks.map(one => tokens(one, admin, 10)))
        expect(most).toBe(1)
        for (const token of answers.flatMap(answer => answer?.tokens ?? []))
          expect(app.hubspot.accessTokens.get(token)).toBe(admin.portalId)
        expect((await admin.integration()).status).toBe('connected')
      })
      for (const one of clocks) one.child.disconnect()
    },
  )

  test.runIf(isDoneAt(3))(
    'R13: without the key HubSpot is not asked, and nothing changes',
    async () => {
      const keyless = await worker({
        NUXT_TOKEN_ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
      })
      await often('Keyless', async admin => {
        const [before, stored] = [refreshes(), await admin.integration()]
        expect((await tokens(keyless, admin, 10))?.tokens).toEqual(['error hubspot_unavailable'])
        expect(refreshes()).toBe(before)
        const { refresh_lease: _, ...kept } = await admin.integration()
        expect(stored).toMatchObject(kept)
        await expectToken(admin, await tokens(heir, admin, 1))
      })
      keyless.child.disconnect()
    },
  )

  test.runIf(isDoneAt(5))(
    'R14: 4 processes with 64 callers each make exactly one call',
    async () => {
      const four = [heir, ...(await Promise.all([1, 2, 3].map(() => worker())))]
      await often('Four', async admin => {
        const before = refreshes()
        const answers = await Promise.all(four.map(one => tokens(one, admin, 64)))
        expect(refreshes() - before).toBe(1)
        expect(answers.map(answer => answer?.answered)).toEqual([64, 64, 64, 64])
        expect(new Set(answers.flatMap(answer => answer?.tokens ?? [])).size).toBe(1)
        await expectToken(admin, answers[0] ?? null)
      })
      for (const one of four.slice(1)) one.child.disconnect()
    },
  )
})
