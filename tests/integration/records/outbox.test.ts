import { ObjectId } from 'mongodb'
import { describe, expect, it } from 'vitest'
import { present } from '../../support/present'
import { answeredAt, portalId, useOutboxBench } from './outbox-bench'

const bench = useOutboxBench()
const { account, claim, arrive, leadOf } = bench
const failure = { code: 'validation_error', message: 'HubSpot says no', correlationId: 'c-1' }

describe('a new lead', () => {
  it('is claimed, created with what may go out, and in sync once HubSpot took it', async () => {
    const { id } = await bench.records.leads.create(bench.partnerId, {
      email: 'ada@example.com',
      firstName: 'Ada',
    })
    // Nobody can give it one here; a lead that was unlinked keeps the one from HubSpot.
    await bench.database.collections.leads.updateOne(
      { _id: new ObjectId(id) },
      { $set: { 'values.lifecycleStage': 'lead' } },
    )
    const [write, ...others] = await claim()
    expect(others).toEqual([])
    expect(write).toMatchObject({
      action: 'create',
      properties: { email: 'ada@example.com', firstname: 'Ada' },
    })
    expect(write?.properties).not.toHaveProperty('lifecyclestage')
    await bench.records.leads.markWritten(bench.partnerId, new ObjectId(id), {
      portalId,
      sent: write?.properties ?? {},
      object: { id: '7', properties: { email: 'ada@example.com' }, updatedAt: answeredAt },
    })
    expect(await leadOf(id)).toMatchObject({ hubspotId: '7', sync: { state: 'in_sync' } })
    expect(await claim()).toEqual([])
    // No echo: what HubSpot reports of our own write changes nothing.
    expect(
      await arrive('7', { email: 'ada@example.com', firstname: 'Ada' }, answeredAt),
    ).toMatchObject({ unchanged: 1, updated: 0 })
    expect(await claim()).toEqual([])
  })

  it('made while write-back is off waits unlinked, and shows as pending once it is on', async () => {
    const { id, sync } = await bench.records.leads.create(bench.partnerId, { firstName: 'Early' })
    expect([sync.state, await bench.records.leads.hasDirty(bench.partnerId)]).toEqual([
      'unlinked',
      true,
    ])
    await bench.records.leads.openOutbox(bench.partnerId)
    expect((await leadOf(id)).sync.state).toBe('pending')
  })

  it('that got its contact after it was claimed is not created again', async () => {
    const { id } = await bench.records.leads.create(bench.partnerId, { firstName: 'Ada' })
    const lead = new ObjectId(id)
    const intend = (intent: string) =>
      bench.records.leads.setCreateIntent(bench.partnerId, lead, intent, {
        sent: { firstname: 'Ada' },
        contacts: [],
      })
    expect(await intend('first')).toBe(true)
    await bench.records.leads.markWritten(bench.partnerId, lead, {
      portalId,
      sent: { firstname: 'Ada' },
      object: { id: '7', properties: { firstname: 'Ada' }, updatedAt: answeredAt },
    })
    expect(await intend('second')).toBe(false)
    expect(await claim()).toEqual([])
  })

  it("that turns out to be another lead's contact is folded into that one, with its deals", async () => {
    await arrive('7', { email: 'ada@example.com', firstname: 'Ada' })
    const { id } = await bench.records.leads.create(bench.partnerId, {
      firstName: 'Ada',
      company: 'Engines',
    })
    const deal = await bench.records.deals.create(bench.partnerId, { name: 'Both', leadIds: [id] })
    await bench.records.leads.markWritten(bench.partnerId, new ObjectId(id), {
      portalId,
      sent: { firstname: 'Ada', company: 'Engines' },
      object: { id: '7', properties: {}, updatedAt: answeredAt },
    })
    const { items } = await bench.records.leads.list(bench.partnerId, {
      limit: 25,
      sort: '-updatedAt',
    })
    expect(items.map(lead => [lead.hubspotId, lead.company])).toEqual([['7', 'Engines']])
    expect((await bench.records.deals.get(bench.partnerId, deal.id)).leadIds).toEqual([
      items[0]?.id,
    ])
  })
})

describe('a claim', () => {
  it('goes past leads that have nothing to write', async () => {
    const linked = async (id: string, firstname: string) => {
      await arrive(id, { email: `${firstname}@example.com`, firstname })
      const { items } = await bench.records.leads.list(bench.partnerId, {
        limit: 25,
        sort: '-updatedAt',
      })
      return present(items.find(lead => lead.hubspotId === id)).id
    }
    const [unchanged, changed] = [await linked('7', 'ada'), await linked('8', 'grace')]
    const edit = (id: string, firstName: string) =>
      bench.records.leads.patch(bench.partnerId, id, { firstName })
    await edit(unchanged, 'Edda')
    await edit(unchanged, 'ada')
    await edit(changed, 'Hopper')
    // One after the other is due, each after a failed try
    const { leads } = bench.database.collections
    for (const [place, id] of [unchanged, changed].entries())
      await leads.updateOne(
        { _id: new ObjectId(id) },
        { $set: { dirty: true, 'sync.next_try_at': new Date(bench.now.getTime() - 9000 + place) } },
      )
    const writes = await bench.records.leads.claimDirty(bench.partnerId, { portalId, limit: 1 })
    expect(writes).toMatchObject([{ hubspotId: '8', properties: { firstname: 'Hopper' } }])
    expect((await leadOf(unchanged)).sync.state).toBe('in_sync')
  })
})

describe('a lead whose last write was refused', () => {
  it('is tried again when another lead is folded into it', async () => {
    await arrive('7', { email: 'ada@example.com', firstname: 'Ada' })
    const [linked] = (
      await bench.records.leads.list(bench.partnerId, { limit: 1, sort: '-updatedAt' })
    ).items
    const keeper = present(linked)
    const { revision } = await bench.records.leads.patch(bench.partnerId, keeper.id, {
      phone: 'not a number',
    })
    await claim()
    await bench.records.leads.markFailed(bench.partnerId, new ObjectId(keeper.id), {
      revision,
      error: failure,
      retryAt: null,
    })
    expect(await claim()).toEqual([])

    const { id } = await bench.records.leads.create(bench.partnerId, { company: 'Engines' })
    await bench.records.leads.markWritten(bench.partnerId, new ObjectId(id), {
      portalId,
      sent: { company: 'Engines' },
      object: { id: '7', properties: {}, updatedAt: answeredAt },
    })
    expect((await leadOf(keeper.id)).sync).toMatchObject({ state: 'pending', error: null })
    expect(await claim()).toMatchObject([{ properties: { phone: 'not a number' } }])
  })
})

describe('an edit', () => {
  const linked = async () => {
    await arrive('7', { email: 'ada@example.com', firstname: 'Ada', phone: '+1 555 0100' })
    const {
      items: [lead],
    } = await bench.records.leads.list(bench.partnerId, { limit: 1, sort: '-updatedAt' })
    return lead?.id ?? ''
  }

  it('writes only what changed, and an edit back writes nothing', async () => {
    const id = await linked()
    await bench.records.leads.patch(bench.partnerId, id, { firstName: 'Augusta' })
    expect((await leadOf(id)).sync.state).toBe('pending')
    expect((await claim()).map(write => [write.action, write.properties])).toEqual([
      ['update', { firstname: 'Augusta' }],
    ])
    await bench.records.leads.patch(bench.partnerId, id, { firstName: 'Ada', phone: '+1-555-0100' })
    expect(await claim()).toEqual([])
    expect((await leadOf(id)).sync.state).toBe('in_sync')
    await bench.records.leads.patch(bench.partnerId, id, { phone: null })
    expect((await claim()).map(write => write.properties)).toEqual([{ phone: '' }])
  })

  it('made while the write is under way is written next', async () => {
    const id = await linked()
    await bench.records.leads.patch(bench.partnerId, id, { firstName: 'First' })
    const [write] = await claim()
    await bench.records.leads.patch(bench.partnerId, id, { firstName: 'Second' })
    await bench.records.leads.markWritten(bench.partnerId, new ObjectId(id), {
      portalId,
      sent: write?.properties ?? {},
      object: { id: '7', properties: { firstname: 'First' }, updatedAt: answeredAt },
    })
    expect(await leadOf(id)).toMatchObject({ firstName: 'Second', sync: { state: 'pending' } })
    expect((await claim()).map(one => one.properties)).toEqual([{ firstname: 'Second' }])
  })

  it('takes over the form that HubSpot gives a value, without writing it again', async () => {
    const id = await linked()
    await bench.records.leads.patch(bench.partnerId, id, {
      email: 'ada@new.example',
      company: 'engines ltd',
    })
    const [write] = await claim()
    await bench.records.leads.markWritten(bench.partnerId, new ObjectId(id), {
      portalId,
      sent: write?.properties ?? {},
      object: {
        id: '7',
        properties: { email: 'ada@new.example', company: 'Engines Ltd' },
        updatedAt: answeredAt,
      },
    })
    expect(await leadOf(id)).toMatchObject({ company: 'Engines Ltd', sync: { state: 'in_sync' } })
    expect(await claim()).toEqual([])
  })

  it('that HubSpot refuses is shown with its reason and waits for a change or its time', async () => {
    const id = await linked()
    await bench.records.leads.patch(bench.partnerId, id, { firstName: 'Bad' })
    const [write] = await claim()
    await bench.records.leads.markFailed(bench.partnerId, new ObjectId(id), {
      revision: write?.record.revision ?? -1,
      error: failure,
      retryAt: new Date(bench.now.getTime() + 60_000),
    })
    expect((await leadOf(id)).sync).toMatchObject({ state: 'failed', error: failure })
    expect(await claim()).toEqual([])
    bench.now = new Date(bench.now.getTime() + 61_000)
    const [again] = await claim()
    await bench.records.leads.markFailed(bench.partnerId, new ObjectId(id), {
      revision: again?.record.revision ?? -1,
      error: failure,
      retryAt: null,
    })
    bench.now = new Date(bench.now.getTime() + 1e9)
    expect([await claim(), await bench.records.leads.hasDirty(bench.partnerId)]).toEqual([
      [],
      false,
    ])
    await bench.records.leads.patch(bench.partnerId, id, { firstName: 'Better' })
    expect((await leadOf(id)).sync).toMatchObject({ state: 'pending', error: null })
    expect(await claim()).toHaveLength(1)
  })

  it('loses to a change in HubSpot where HubSpot wins, and the decision is kept', async () => {
    const id = await linked()
    await bench.records.leads.patch(bench.partnerId, id, {
      firstName: 'Ours',
      lastName: 'Only ours',
    })
    await arrive(
      '7',
      { email: 'ada@example.com', firstname: 'Theirs', phone: '+1 555 0100' },
      answeredAt,
    )
    expect(await leadOf(id)).toMatchObject({
      firstName: 'Theirs',
      lastName: 'Only ours',
      sync: { state: 'pending' },
    })
    const stored = await bench.database.collections.leads.findOne({ _id: new ObjectId(id) })
    expect(stored?.decisions).toEqual([
      { field: 'firstName', decision: 'took_hubspot', rule: 'hubspot_wins', at: bench.now },
    ])
    expect((await claim()).map(write => write.properties)).toEqual([{ lastname: 'Only ours' }])
  })

  it('of an archived record stays here', async () => {
    const id = await linked()
    await bench.inbound.archive({ ...account(), type: 'contacts', ids: ['7'] })
    await bench.records.leads.patch(bench.partnerId, id, { firstName: 'Here only' })
    expect([await claim(), (await leadOf(id)).sync.state]).toEqual([[], 'unlinked'])
  })
})
