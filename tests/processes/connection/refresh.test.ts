import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startConnectionApp, type ConnectionApp } from '../../support/connection'
import { tokenPath, uninstallPath } from '../../support/scripted-hubspot'
import { createWorkers, type Worker } from './pool'
import { present } from '../../support/present'

let app: ConnectionApp
const { start: worker, kill } = createWorkers(() => app.environment)
beforeAll(async () => {
  app = await startConnectionApp()
})
afterAll(async () => {
  kill()
  await app.stop()
})

let portal = 5000
async function connected(name: string) {
  const admin = await app.person(name)
  expect(await app.connect(admin.browser, ++portal)).toBe('/settings/hubspot?success=true')
  return { ...admin, portalId: portal, id: admin.partnerId.toHexString() }
}
const refreshes = () => app.hubspot.count(tokenPath, 'refresh_token')

describe('at most one token request per partner is in flight, over all processes (P3)', () => {
  let four: Worker[]
  beforeAll(async () => {
    four = await Promise.all(Array.from({ length: 4 }, () => worker()))
  })
  afterAll(() => {
    for (const { child } of four) child.disconnect()
  })

  test.each(['same', 'rotate', 'omit'] as const)(
    '4 processes with 50 callers each make exactly one (refresh token: %s)',
    async mode => {
      const admin = await connected(`Four ${mode}`)
      app.hubspot.state.mode = mode
      for (let round = 0; round < 5; round++) {
        await app.expire(admin.partnerId)
        const before = refreshes()
        const answers = await Promise.all(
          four.map(one => one.order({ do: 'tokens', partnerId: admin.id, callers: 50 })),
        )
        expect(refreshes() - before).toBe(1)
        expect(answers.map(answer => answer?.answered)).toEqual([50, 50, 50, 50])
        const tokens = new Set(answers.flatMap(answer => answer?.tokens ?? []))
        expect(tokens.size).toBe(1)
        expect(app.hubspot.accessTokens.get(present([...tokens][0]))).toBe(admin.portalId)
      }
      app.hubspot.state.mode = 'same'
    },
  )
})

/** Kills at each point of a callback; `npm run test:soak` asks for twenty */
const rounds = Number(process.env.CRASH_ROUNDS ?? 2)

describe('a process killed during a callback', () => {
  test.each(['attempt_consumed', 'code_exchanged', 'grant_stored'] as const)(
    'at %s leaves a connection or none, and Connect works again',
    async step => {
      const admin = await app.person(`Callback ${step}`)
      const session = present(
        await app.services.database.collections.sessions.findOne({
          user_id: admin.userId,
        }),
      )
      const ids = {
        do: 'callback' as const,
        partnerId: admin.partnerId.toHexString(),
        userId: admin.userId.toHexString(),
        sessionId: session._id.toHexString(),
      }
      for (let round = 0; round < rounds; round++) {
        await app.forgetStarts()
        const victim = await worker({ TEST_KILL_AT: step })
        const started = await victim.order({ ...ids, start: true })
        const query = {
          code: app.hubspot.code(6000),
          state: present(started).state,
          secret: present(started).secret,
        }
        expect(await victim.order({ ...ids, ...query })).toBeNull()
        const status = (await app.integration(admin.partnerId))?.status ?? 'not_connected'
        expect(status).toBe(step === 'grant_stored' || round > 0 ? 'connected' : 'not_connected')
        const before = app.hubspot.count(tokenPath)
        app.time.offsetMs = 31_000
        const reload = await app.services.connection.callback({
          query: { code: query.code, state: query.state },
          takeBrowserSecret: () => query.secret,
          signedIn: {
            sessionId: session._id,
            user: { id: admin.userId, email: admin.email, role: 'admin' },
            partner: { id: admin.partnerId, name: 'x' },
          },
        })
        app.time.offsetMs = 0
        expect(reload.location).toBe(
          step === 'grant_stored'
            ? '/settings/hubspot?success=true'
            : '/settings/hubspot?error=token_exchange_failed',
        )
        expect(app.hubspot.count(tokenPath)).toBe(before)
        expect(await app.connect(admin.browser, 6000)).toBe('/settings/hubspot?success=true')
      }
      await app.services.connection.disconnect(admin.partnerId, {
        kind: 'system',
        user_id: null,
        email: null,
      })
    },
    60_000 + rounds * 15_000,
  )
})

describe('a process killed during a disconnect', () => {
  test('has disconnected, and the upkeep finishes at HubSpot', async () => {
    const admin = await connected('Killed disconnect')
    const victim = await worker({ TEST_KILL_AT: 'grant_forgotten' })
    expect(await victim.order({ do: 'disconnect', partnerId: admin.id })).toBeNull()
    expect(await app.integration(admin.partnerId)).toMatchObject({
      status: 'disconnected',
      access_token: null,
      refresh_token: null,
    })
    const before = app.hubspot.count(uninstallPath)
    app.time.offsetMs = 2 * 60 * 1000
    await app.services.connection.maintain()
    expect(app.hubspot.count(uninstallPath) - before).toBe(1)
    expect(await app.integration(admin.partnerId)).toMatchObject({
      portal_id: null,
      remote_cleanup: null,
    })
    const other = await app.person('Takes over')
    // A grant that HubSpot gave about when the clean-up ended would be asked about first.
    app.time.offsetMs += 60 * 1000
    expect(await app.connect(other.browser, admin.portalId)).toBe('/settings/hubspot?success=true')
    app.time.offsetMs = 0
  })
})
