import type { ObjectId } from 'mongodb'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { userActor } from '../../../server/database/audit'
import { present } from '../../support/present'
import { startSyncBench, type SyncBench } from '../../support/sync'
import { refusesByChance } from '../../support/strange'

describe('the latest edit of a field wins', () => {
  const minuteMs = 60_000
  let bench: SyncBench
  let asked: string[][] = []
  beforeAll(async () => {
    bench = await startSyncBench({
      simulator: { contacts: 8, deals: 2 },
      sync: { indexLagMs: 0 },
      fetch: noting,
    })
    await bench.control.setWebhooks({ enabled: false })
    const { partnerId, signedIn } = bench.partner
    const { fields } = await bench.services.mapping.fieldMapping(partnerId)
    await bench.services.mapping.putFieldMapping(
      partnerId,
      fields.map(field =>
        field.direction === 'both' ? { ...field, policy: 'latest_wins' } : field,
      ),
      userActor(signedIn),
    )
    await bench.run()
  }, 120_000)
  beforeEach(() => {
    asked = []
  })
  afterEach(() => bench.control.clearFaults())
  afterAll(() => bench.stop())

  /** Notes each question about the history of single values, then asks HubSpot. */
  const noting: typeof fetch = async (input, init) => {
    const url = input instanceof Request ? input.url : String(input)
    const type = /\/objects\/[^/]+\/(contacts|deals)\/batch\/read/.exec(url)?.[1]
    if (type && typeof init?.body === 'string') {
      const { propertiesWithHistory, inputs } = JSON.parse(init.body) as {
        propertiesWithHistory?: string[]
        inputs: { id: string }[]
      }
      if (propertiesWithHistory)
        asked.push([type, ...inputs.map(({ id }) => id), ...propertiesWithHistory])
    }
    return await fetch(input, init)
  }
  const run = (kind: 'incremental' | 'webhook' = 'incremental') => bench.run(kind)
  let place = 0
  async function aLead(): Promise<{ contact: string; id: string; _id: ObjectId }> {
    const contact = (await bench.portal.list('contacts', 8))[place++]?.id ?? ''
    const lead = await bench.leadOf(contact)
    if (!lead) throw new Error(`Contact ${contact} was not imported`)
    return { contact, id: lead._id.toHexString(), _id: lead._id }
  }
  const patch = (id: string, values: object) =>
    bench.services.leads.patch(bench.partner.partnerId, id, values)
  const ago = (ms: number) => ({ at: Date.now() - ms })

  test("an older value of HubSpot's does not win because another field was edited there later", async () => {
    const { contact, id } = await aLead()
    await bench.portal.edit('contacts', contact, { phone: '111' }, ago(minuteMs))
    await patch(id, { phone: '222' })
    await bench.portal.edit('contacts', contact, { company: 'Later Ltd' }, { at: Date.now() + 1 })
    await run()
    expect(asked).toEqual([['contacts', contact, 'phone']])
    expect((await bench.portal.get('contacts', contact)).properties).toMatchObject({
      phone: '222',
      company: 'Later Ltd',
    })
    const lead = await bench.leadOf(contact)
    expect(lead).toMatchObject({
      values: { phone: '222', company: 'Later Ltd' },
      sync: { state: 'in_sync' },
    })
    expect(lead?.decisions).toMatchObject([
      { field: 'phone', decision: 'took_local', rule: 'latest_wins' },
    ])
    expect(lead?.history?.map(entry => entry.kind)).toEqual([
      'edited',
      'received',
      'kept',
      'written',
    ])
    // What was settled stays settled.
    asked = []
    await run()
    expect(asked).toEqual([])
    const { values, base, decisions, history, revision } = present(lead)
    expect(await bench.leadOf(contact)).toMatchObject({
      values,
      base,
      decisions,
      history,
      revision,
      last_outcome: 'unchanged',
    })
  })

  test("a later value of HubSpot's does, whatever else was edited", async () => {
    const { contact, id } = await aLead()
    await patch(id, { phone: '222', jobTitle: 'Only ours' })
    await bench.portal.edit('contacts', contact, { phone: '333' }, { at: Date.now() + 1 })
    await bench.portal.edit('contacts', contact, { company: 'Later Ltd' }, { at: Date.now() + 2 })
    await run()
    expect((await bench.portal.get('contacts', contact)).properties).toMatchObject({
      phone: '333',
      jobtitle: 'Only ours',
    })
    expect(await bench.leadOf(contact)).toMatchObject({
      values: { phone: '333', jobTitle: 'Only ours' },
      decisions: [{ field: 'phone', decision: 'took_hubspot', rule: 'latest_wins' }],
    })
  })

  test('each field of a record is judged by itself, for deals as well, and found out before a write too', async () => {
    const deal = (await bench.portal.list('deals', 1))[0]?.id ?? ''
    const stored = await bench.dealOf(deal)
    await bench.portal.edit('deals', deal, { amount: '100' }, ago(minuteMs))
    await bench.services.deals.patch(bench.partner.partnerId, stored?._id.toHexString() ?? '', {
      amount: '200',
      name: 'Ours',
    })
    await bench.portal.edit('deals', deal, { dealname: 'Theirs' }, { at: Date.now() + 1 })
    // No search has shown it yet: the look before the write does.
    await run('webhook')
    expect(asked).toEqual([['deals', deal, 'dealname', 'amount']])
    expect((await bench.portal.get('deals', deal)).properties).toMatchObject({
      amount: '200',
      dealname: 'Theirs',
    })
    expect((await bench.dealOf(deal))?.values).toMatchObject({ amount: '200', name: 'Theirs' })
  })

  test.each([false, true])(
    'a lead whose create lost its reply is judged field by field as well (came in before: %s)',
    async hasCopy => {
      const lastName = hasCopy ? 'Copied' : 'Found'
      await bench.control.inject({
        path: '/contacts/',
        times: null,
        action: { kind: 'reset', afterWork: true },
      })
      const partnerId = bench.partner.partnerId
      const { id } = await bench.services.leads.create(partnerId, { lastName, phone: '111' })
      await expect(run('webhook')).rejects.toThrow()
      await bench.control.clearFaults()
      const [contact] = await bench.portal.find('contacts', 'lastname', lastName)
      const contactId = contact?.id ?? ''
      await bench.portal.edit('contacts', contactId, { phone: '333' }, { at: Date.now() })
      await patch(id, { phone: '222' })
      await bench.portal.edit('contacts', contactId, { company: 'X' }, { at: Date.now() + 1 })
      const { collections } = bench
      const writesBack = async (isOn: boolean) =>
        await collections.partners.updateOne(
          { _id: partnerId },
          { $set: { 'hubspot_integration.write_back': isOn } },
        )
      if (hasCopy) await writesBack(false)
      if (hasCopy) await run()
      await writesBack(true)
      await run('webhook')
      expect((await bench.portal.get('contacts', contactId)).properties).toMatchObject({
        phone: '222',
        company: 'X',
      })
      expect(await bench.leadOf(contactId)).toMatchObject({
        values: { phone: '222', company: 'X' },
        sync: { state: 'in_sync' },
      })
    },
  )

  test.skipIf(refusesByChance)('nothing is asked where nothing hangs on it', async () => {
    const [one, other] = [await aLead(), await aLead()]
    await bench.portal.edit('contacts', one.contact, { phone: '111' }, ago(minuteMs))
    await patch(one.id, { phone: '222' })
    await bench.portal.edit('contacts', other.contact, { phone: '111' })
    await patch(other.id, { company: 'Another field' })
    await run()
    expect(asked).toEqual([])
    expect((await bench.portal.get('contacts', one.contact)).properties.phone).toBe('222')
    expect((await bench.portal.get('contacts', other.contact)).properties).toMatchObject({
      phone: '111',
      company: 'Another field',
    })
  })

  test("where HubSpot keeps no history, the record's date stands in", async () => {
    const { contact, id } = await aLead()
    await bench.portal.edit('contacts', contact, { phone: '111' }, ago(minuteMs))
    await patch(id, { phone: '222' })
    await bench.portal.edit('contacts', contact, { company: 'Later Ltd' }, { at: Date.now() + 1 })
    await bench.control.inject({
      path: '/contacts/batch/read',
      action: {
        kind: 'status',
        status: 400,
        body: { status: 'error', category: 'VALIDATION_ERROR', message: 'no' },
      },
    })
    await run()
    expect(await bench.leadOf(contact)).toMatchObject({
      values: { phone: '111' },
      decisions: [{ decision: 'took_hubspot', rule: 'latest_wins' }],
    })
  })
})
