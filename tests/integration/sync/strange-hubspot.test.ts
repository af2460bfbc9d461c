import { afterEach, describe, expect, test } from 'vitest'
import { defaultSettings } from '../../../simulator/settings'
import { strangeness } from '../../../simulator/strangeness'
import { present } from '../../support/present'
import { useWriteBackBench } from './write-back-bench'

/**
 * A sample of HubSpot's strangeness (docs/hubspot-platform.md#strangeness); the whole suite under
 * each of them is `npm run test:soak -- strange`.
 */
describe('a strange HubSpot', () => {
  const { bench, partnerId, leads, deals, drain, lead } = useWriteBackBench()
  afterEach(async () => {
    await bench.control.set({ ...defaultSettings, strictBodies: true })
  })
  let round = 0

  /** A lead and a deal of ours go out, and a deal of two contacts comes in. */
  async function bothWays() {
    const email = `strange-${++round}@example.com`
    const made = await leads().create(partnerId(), { email, firstName: 'Strange' })
    const deal = await deals().create(partnerId(), {
      name: `Strange ${round}`,
      stage: 'new',
      leadIds: [made.id],
    })
    const contacts = await bench.portal.list('contacts', 2)
    const theirs = await bench.portal.create(
      'deals',
      { dealname: `Theirs ${round}` },
      { associations: contacts.map(({ id }) => id) },
    )
    return { email, made, deal, contacts, theirs }
  }

  test.each([
    'opaque_cursors',
    'association_pages',
    'uneven_lag',
    'close_date',
    'rotated_tokens',
    'batch_status',
    'other_app',
  ] as const)('with %s both sides come in step, and nothing is made twice', async name => {
    await bench.control.set(strangeness[name])
    const { email, made, deal, contacts, theirs } = await bothWays()
    await drain()
    await expect
      .poll(
        async () => {
          await bench.run()
          const stored = await bench.collections.deals.findOne({
            partner_id: partnerId(),
            hubspot_id: theirs.id,
          })
          return stored?.lead_ids.length ?? 0
        },
        { timeout: 30_000, interval: 100 },
      )
      .toBe(contacts.length)
    expect((await lead(made.id)).sync.state).toBe('in_sync')
    const found = await bench.portal.find('contacts', 'email', email)
    expect(found).toHaveLength(1)
    const stored = await deals().get(partnerId(), deal.id)
    expect((await bench.portal.get('deals', present(stored.hubspotId))).associations).toEqual([
      present(found[0]).id,
    ])
    expect(await bench.portal.duplicates('contacts')).toEqual([])
  })

  test.each(['partial_text', 'partial_object'] as const)(
    'with %s each lead arrives once, or says why it did not',
    async name => {
      const { batchRefusals } = strangeness[name]
      await bench.control.set({ batchRefusals: { ...batchRefusals, percent: 50 } })
      const made = []
      for (let number = 0; number < 10; number++)
        made.push(
          await leads().create(partnerId(), {
            email: `${name}-${number}@example.com`.replace('_', '-'),
          }),
        )
      for (let turn = 0; turn < 3; turn++) await drain()
      for (const { id, email } of made) {
        const { sync } = await lead(id)
        const there = await bench.portal.find('contacts', 'email', present(email))
        expect(there.length).toBe(sync.state === 'in_sync' ? 1 : 0)
        if (sync.state === 'failed') expect(sync.error?.message).toBeTruthy()
      }
    },
  )
})
