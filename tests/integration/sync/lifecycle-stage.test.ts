import { describe, expect, test } from 'vitest'
import { systemActor } from '../../../server/database/audit'
import { present } from '../../support/present'
import { useWriteBackBench } from './write-back-bench'

describe('a life cycle stage that is mapped outwards', () => {
  const { bench, partnerId, leads, drain, lead } = useWriteBackBench()

  /** A contact that is a customer on both sides. @returns both ids */
  async function customer(): Promise<{ id: string; hubspotId: string }> {
    const { fields } = await bench.services.mapping.fieldMapping(partnerId())
    await bench.services.mapping.putFieldMapping(
      partnerId(),
      fields.map(entry =>
        entry.field === 'lifecycleStage' ? { ...entry, direction: 'both' } : entry,
      ),
      systemActor,
    )
    const made = await bench.portal.create('contacts', {
      lastname: 'Customer',
      lifecyclestage: 'customer',
    })
    await bench.run()
    const stored = present(await bench.leadOf(made.id))
    expect(stored.values.lifecycleStage).toBe('customer')
    return { id: stored._id.toHexString(), hubspotId: made.id }
  }
  const stageOf = async (id: string) =>
    (await bench.portal.get('contacts', id)).properties.lifecyclestage
  const written = async (id: string) =>
    (
      await bench.services.history(partnerId(), 'lead', id, { limit: 50, cursor: undefined })
    ).items.filter(({ kind }) => kind === 'written')

  test('goes back: it is cleared first, then set, and nothing of that comes back as an edit', async () => {
    const { id, hubspotId } = await customer()
    await leads().patch(partnerId(), id, { lifecycleStage: 'lead', company: 'With it' })
    expect((await drain()).counts).toMatchObject({ writtenBack: 1, failed: 0 })
    expect(await stageOf(hubspotId)).toBe('lead')
    expect(await lead(id)).toMatchObject({
      lifecycleStage: 'lead',
      company: 'With it',
      sync: { state: 'in_sync' },
    })
    await bench.run()
    expect(await lead(id)).toMatchObject({ lifecycleStage: 'lead', sync: { state: 'in_sync' } })
    expect(await written(id)).toHaveLength(1)
  })

  test('a stop between the two requests loses nothing', async () => {
    const { id, hubspotId } = await customer()
    await leads().patch(partnerId(), id, { lifecycleStage: 'lead' })
    // The first request is answered, the second clears; the third does not get through.
    await bench.control.inject({
      path: '/contacts/batch/update',
      skip: 2,
      times: null,
      action: { kind: 'status', status: 500 },
    })
    await drain().catch(() => null)
    await bench.control.clearFaults()
    await bench.run('incremental')
    await drain()
    expect(await stageOf(hubspotId)).toBe('lead')
    expect(await lead(id)).toMatchObject({ lifecycleStage: 'lead', sync: { state: 'in_sync' } })
  })
})
