import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Services } from '../../../server/services'
import { aConnectedPartner, connectPartner } from '../../support/connected'
import { patience, startWorld, type SyncWorld } from './world'
import { present } from '../../support/present'

/** `npm run test:soak -- crash` asks for two hundred. */
const rounds = Number(process.env.RACE_ROUNDS ?? 12)

let world: SyncWorld
let other: Services
beforeAll(async () => {
  world = await startWorld({ contacts: 1500, deals: 300, latencyMs: 15 })
  // Two workers: mostly the run is carried out by one and the disconnect comes in at the other.
  other = await world.another()
  await other.sync.worker.start()
})
afterAll(() => world.stop())

test(
  'a disconnect at any moment of a running sync is the end of the calls, in every process (A31)',
  async () => {
    const partner = await aConnectedPartner(world.services)
    const { partners, connectStarts, syncRuns, syncCursors } = world.collections
    let running = 0
    let late = 0
    let calls = 0
    const moments: number[] = []
    for (let round = 0; round < rounds; round++) {
      // Somewhere in the import: after so many of its calls, which are twenty.
      const after = 1 + Math.floor(Math.random() * 20)
      moments.push(after)
      await vi.waitFor(
        async () => {
          const made = (await world.control.calls({ path: '/crm/' })).length
          if (made < after) throw new Error(`Not that far yet: ${made} of ${after} calls`)
        },
        { ...patience, interval: 5 },
      )
      const active = await syncRuns.findOne({ partner_id: partner.partnerId, active: true })
      if (active) running += 1
      const { status } = await (round % 2 === 0 ? world.services : other).connection.disconnect(
        partner.partnerId,
        { kind: 'system', user_id: null, email: null },
      )
      expect(status).toBe('disconnected')
      await vi.waitFor(
        async () =>
          expect(
            await syncRuns.countDocuments({ partner_id: partner.partnerId, active: true }),
          ).toBe(0),
        patience,
      )
      const seen = await world.control.calls({ limit: 5000 })
      const uninstalledAt = present(
        seen.findLast(call => call.path.includes('external-install')),
      ).at
      const crm = seen.filter(call => call.path.startsWith('/crm/'))
      calls += crm.length
      late += crm.filter(call => call.at > uninstalledAt).length
      expect(
        (await partners.findOne({ _id: partner.partnerId }))?.hubspot_integration,
      ).toMatchObject({
        status: 'disconnected',
        access_token: null,
        refresh_token: null,
        remote_cleanup: null,
      })
      await world.control.clearCalls()
      await syncCursors.deleteMany({ partner_id: partner.partnerId })
      await syncRuns.deleteMany({ partner_id: partner.partnerId })
      // Nobody may begin to connect as often as this.
      await connectStarts.deleteMany({})
      await connectPartner(world.services, partner)
    }
    console.info(
      `A31: ${rounds} disconnects, ${running} during a run (after ${moments.join()} calls), ${calls} CRM calls before, ${late} after`,
    )
    expect(running).toBeGreaterThan(rounds / 2)
    expect(late).toBe(0)
  },
  120_000 + rounds * 10_000,
)
