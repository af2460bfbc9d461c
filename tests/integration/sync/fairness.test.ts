import { ObjectId } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { aConnectedPartner, type ConnectedPartner } from '../../support/connected'
import { shortOrWhole } from '../../support/proofs'
import { patience, runsOf, startWorld, type SyncWorld } from './world'

const pending = shortOrWhole(10_000, 100_000)
const presses = 5
const otherPortal = 145_870_330

describe('one process that works for two partners', () => {
  let world: SyncWorld
  let big: ConnectedPartner
  let small: ConnectedPartner
  beforeAll(async () => {
    world = await startWorld({ contacts: 200, deals: 20 })
    big = await aConnectedPartner(world.services)
    small = await aConnectedPartner(world.services, otherPortal)
    for (const { partnerId } of [big, small])
      await runsOf(world.services, partnerId).ended('succeeded')
  }, 120_000)
  afterAll(() => world.stop())

  /**
   * New leads of the big partner that wait to be written, as if they had been made one by one while
   * write-back was off.
   */
  async function seedOutbox(): Promise<void> {
    const { leads } = world.collections
    const { id } = await world.services.leads.create(big.partnerId, {
      email: 'first@example.com',
      lastName: 'First',
    })
    const first = await leads.findOne({ _id: new ObjectId(id) })
    if (!first) throw new Error('The lead is gone')
    for (let from = 0; from < pending; from += 5000) {
      const copies = Array.from({ length: 5000 }, (_, index) => {
        const email = `waiting-${from + index}@example.com`
        return {
          ...first,
          _id: new ObjectId(),
          values: { ...first.values, email },
          local_email: email,
          search: [email],
        }
      })
      await leads.insertMany(copies, { ordered: false, writeConcern: { w: 1, j: false } })
    }
  }

  const callsOf = async ({ portalId }: ConnectedPartner) =>
    (await world.control.calls({ path: '/crm/', limit: 50_000 })).filter(
      call => String(call.portalId) === portalId,
    )

  /**
   * One Sync Now of the small partner. @returns its calls, and those made for the other one from
   * its first to its last: what it had to wait for
   */
  async function syncNow(): Promise<{ own: number; others: number }> {
    await world.control.clearCalls()
    const { id } = await world.services.sync.requestSync(small.partnerId, { trigger: 'manual' })
    const run = await runsOf(world.services, small.partnerId).ended('succeeded')
    expect([run.id, run.trigger]).toEqual([id, 'manual'])
    const [own, others] = [await callsOf(small), await callsOf(big)]
    const [from, until] = [own[0]?.seq ?? 0, own.at(-1)?.seq ?? 0]
    return {
      own: own.length,
      others: others.filter(call => call.seq > from && call.seq < until).length,
    }
  }

  it(`lets one partner's ${pending} waiting changes hold up another one's Sync Now by less than its own work again`, async () => {
    const alone = await syncNow()
    await seedOutbox()
    const { partners, leads } = world.collections
    await partners.updateOne(
      { _id: big.partnerId },
      { $set: { 'hubspot_integration.write_back': true } },
    )
    await world.services.writeBackOpened(big.partnerId)
    const batches = async () =>
      (await callsOf(big)).filter(call => call.path.endsWith('/batch/create')).length
    await vi.waitFor(async () => expect(await batches()).toBeGreaterThanOrEqual(2), patience)

    const beside = { own: 0, others: 0 }
    for (let press = 0; press < presses; press++) {
      const { own, others } = await syncNow()
      expect(own).toBe(alone.own)
      beside.own += own
      beside.others += others
    }
    // In turns of the process that works for both: what was done until it was over, beside what it
    // takes alone.
    const ratio = (beside.own + beside.others) / (presses * alone.own)
    expect(ratio).toBeLessThan(2)
    process.stdout.write(
      `Fairness: Sync Now beside ${pending} waiting changes takes ${ratio.toFixed(2)} times the turns that it takes alone (${presses} presses of ${alone.own} calls, ${beside.others} of the other partner's between)\n`,
    )
    // The other one has hardly begun.
    expect(await leads.countDocuments({ partner_id: big.partnerId, dirty: true })).toBeGreaterThan(
      pending / 2,
    )
    await world.services.sync.cancel(big.partnerId)
  }, 300_000)
})
