import { ObjectId } from 'mongodb'
import { describe, expect, it } from 'vitest'
import { aDealObject } from '../inbound/records'
import { answeredAt, portalId, useOutboxBench } from './outbox-bench'

const bench = useOutboxBench()
const { account, claim, arrive, leadOf } = bench

describe('a write that HubSpot answers late', () => {
  const link = async () => {
    const { id } = await bench.records.leads.create(bench.partnerId, { firstName: 'Ada' })
    await bench.records.leads.markWritten(bench.partnerId, new ObjectId(id), {
      portalId,
      sent: { firstname: 'Ada' },
      object: { id: '7', properties: {}, updatedAt: answeredAt },
    })
    await bench.records.leads.patch(bench.partnerId, id, { firstName: 'Grace' })
    return { id, write: (await claim())[0] }
  }
  const late = {
    id: '7',
    properties: { firstname: 'Grace' },
    updatedAt: '2026-06-01T12:00:06.000Z',
  }

  it('does not take the link back to a contact that was merged meanwhile', async () => {
    const { id, write } = await link()
    await bench.inbound.merged({ ...account(), type: 'contacts', winnerId: '8', loserIds: ['7'] })
    await bench.records.leads.markWritten(bench.partnerId, new ObjectId(id), {
      portalId,
      sent: write?.properties ?? {},
      object: late,
    })
    expect(await leadOf(id)).toMatchObject({ hubspotId: '8', sync: { state: 'pending' } })
    expect((await claim()).map(({ action, properties }) => [action, properties])).toEqual([
      ['update', { firstname: 'Grace' }],
    ])
  })

  it('does not bring back a contact that was archived meanwhile', async () => {
    const { id, write } = await link()
    await bench.inbound.archive({ ...account(), type: 'contacts', ids: ['7'] })
    await bench.records.leads.markWritten(bench.partnerId, new ObjectId(id), {
      portalId,
      sent: write?.properties ?? {},
      object: late,
    })
    expect(await leadOf(id)).toMatchObject({ hubspotId: '7', sync: { state: 'unlinked' } })
    expect(await claim()).toEqual([])
  })
})

describe('the leads of a deal', () => {
  it('stay parted, though their create is found only then', async () => {
    const { id } = await bench.records.leads.create(bench.partnerId, { firstName: 'Ada' })
    const sent = { firstname: 'Ada' }
    const _id = new ObjectId(id)
    await bench.records.leads.setCreateIntent(bench.partnerId, _id, 'one', { sent, contacts: [] })
    await arrive('7', sent)
    const list = { limit: 1, sort: '-updatedAt' } as const
    await bench.inbound.apply({
      ...account(),
      type: 'deals',
      records: [aDealObject('90', { dealname: 'D' }, ['7'])],
      runId: null,
    })
    const deal = (await bench.records.deals.list(bench.partnerId, list)).items[0]
    expect(deal?.leadIds).toHaveLength(1)
    await bench.records.deals.patch(bench.partnerId, deal?.id ?? '', { leadIds: [] })
    const copy = { ...account(), hubspotId: '7', recordId: _id, since: bench.now }
    await bench.records.leads.takeCopy(copy, async () => await Promise.resolve({}))
    await bench.records.leads.markWritten(bench.partnerId, _id, {
      portalId,
      sent,
      object: { id: '7', properties: sent, updatedAt: answeredAt },
    })
    expect((await bench.records.deals.get(bench.partnerId, deal?.id ?? '')).leadIds).toEqual([])
    expect((await claim('deals')).map(write => write.associations)).toEqual([
      { add: [], remove: ['7'] },
    ])
  })

  it('are written as associations, once their contacts exist', async () => {
    await arrive('1', {})
    const {
      items: [known],
    } = await bench.records.leads.list(bench.partnerId, { limit: 1, sort: '-updatedAt' })
    await bench.inbound.apply({
      ...account(),
      type: 'deals',
      records: [aDealObject('90', { dealname: 'D' }, ['1'])],
      runId: null,
    })
    const deal = (await bench.records.deals.list(bench.partnerId, { sort: '-updatedAt', limit: 1 }))
      .items[0]
    const fresh = await bench.records.leads.create(bench.partnerId, { firstName: 'Fresh' })
    await bench.records.deals.patch(bench.partnerId, deal?.id ?? '', { leadIds: [fresh.id] })
    const [write] = await claim('deals')
    expect(write).toMatchObject({
      action: 'update',
      properties: {},
      associations: { add: [], remove: ['1'] },
    })
    await bench.records.deals.markWritten(bench.partnerId, new ObjectId(deal?.id), {
      portalId,
      sent: {},
      object: { id: '90', properties: {}, updatedAt: answeredAt },
      associations: { added: [], removed: ['1'] },
    })
    expect(await claim('deals')).toEqual([])
    await bench.records.leads.markWritten(bench.partnerId, new ObjectId(fresh.id), {
      portalId,
      sent: { firstname: 'Fresh' },
      object: { id: '2', properties: {}, updatedAt: answeredAt },
    })
    const [second] = await claim('deals')
    expect(second?.associations).toEqual({ add: ['2'], remove: [] })
    await bench.records.deals.markWritten(bench.partnerId, new ObjectId(deal?.id), {
      portalId,
      sent: {},
      object: { id: '90', properties: {}, updatedAt: answeredAt },
      associations: { added: ['2'], removed: [] },
    })
    expect(await bench.records.deals.get(bench.partnerId, deal?.id ?? '')).toMatchObject({
      leadIds: [fresh.id],
      sync: { state: 'in_sync' },
    })
    expect(known).toBeDefined()
    // HubSpot takes it away again: so do we.
    await bench.inbound.apply({
      ...account(),
      type: 'deals',
      records: [aDealObject('90', { dealname: 'D' }, [], '2026-06-03T00:00:00.000Z')],
      runId: null,
    })
    expect((await bench.records.deals.get(bench.partnerId, deal?.id ?? '')).leadIds).toEqual([])
  })
})
