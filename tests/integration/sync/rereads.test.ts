import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { burstEvents } from '../../../server/sync/webhooks/handle'
import { shortOrWhole } from '../../support/proofs'
import { startSyncBench, type SyncBench } from '../../support/sync'

const minuteMs = 60_000
const page = 200
/** Some pages of one instant */
const count = shortOrWhole(3, 5) * page

describe('records that were edited once, all together', () => {
  let bench: SyncBench
  beforeAll(async () => {
    bench = await startSyncBench({ simulator: { contacts: count + 500, deals: 30 } })
    await bench.control.setWebhooks({ enabled: false })
    await bench.run()
  }, 120_000)
  afterAll(() => bench.stop())

  /** Both clocks move on together, as they do. */
  async function later(ms: number): Promise<void> {
    bench.time.offsetMs += ms
    await bench.control.advanceClock(ms)
  }

  const searches = async () => (await bench.control.calls({ path: '/contacts/search' })).length

  /**
   * Runs every five minutes for an hour. @returns the minutes in which the records were read again,
   * and the searches for contacts each time
   */
  async function readAgain(): Promise<{ minutes: number[]; searches: number[] }> {
    const rounds: { minute: number; seen: number; searches: number }[] = []
    for (let minute = 0; minute <= 60; minute += 5) {
      await bench.control.clearCalls()
      const { counts } = await bench.run()
      rounds.push({ minute, seen: counts.seen, searches: await searches() })
      await later(5 * minuteMs)
    }
    const full = rounds.filter(({ seen }) => seen >= count)
    return {
      minutes: full.map(({ minute }) => minute),
      searches: full.map(round => round.searches),
    }
  }

  /** What was there before is long past, for the delayed pass as well. */
  async function aQuietHour(): Promise<void> {
    for (let i = 0; i < 8; i++) {
      await later(10 * minuteMs)
      await bench.run()
    }
  }

  test('are read three times by the schedule: at once, within the overlap, and once they are complete', async () => {
    await aQuietHour()
    await bench.portal.bulkEdit('contacts', { count, properties: { company: 'Bulk $n' } })
    await later(minuteMs / 2)
    const { minutes, searches } = await readAgain()
    expect(minutes).toEqual([0, 5, 20])
    // One search finds the instant crowded, one for each page brings it by id, one looks at what follows; a page
    // more beside the delayed pass.
    expect(Math.max(...searches)).toBeLessThanOrEqual(count / page + 4)
  }, 240_000)

  test('are not read again by the runs after the storm of webhooks that brought them', async () => {
    await aQuietHour()
    await bench.portal.bulkEdit('contacts', { count, properties: { company: 'Storm $n' } })
    await later(3 * minuteMs)
    // The last edit, once the index has the others: the overlap begins after them.
    const [one] = await bench.portal.list('contacts', 1)
    await bench.portal.edit('contacts', one?.id ?? '', { city: 'Later' })
    expect(await aStorm()).toBe(count)
    expect(await aStorm()).toBe(1)
    expect((await bench.run()).counts.seen).toBe(1)
  }, 240_000)

  /**
   * More events wait at once than are read by name, and one webhook run takes them up. @returns how
   * many records it read
   */
  async function aStorm(): Promise<number> {
    const now = new Date(Date.now() + bench.time.offsetMs - 1)
    await bench.collections.webhookEvents.insertMany(
      Array.from({ length: burstEvents + 1 }, (_, index) => ({
        _id: `storm-${now.getTime()}-${index}`,
        partner_id: bench.partner.partnerId,
        portal_id: bench.partner.portalId,
        subscription_type: 'contact.propertyChange',
        object_type: 'contacts' as const,
        object_id: String(index),
        occurred_at: now,
        received_at: now,
        related: null,
        status: 'pending' as const,
        attempts: 0,
        processed_at: null,
      })),
    )
    return (await bench.run('webhook')).counts.seen
  }
})
