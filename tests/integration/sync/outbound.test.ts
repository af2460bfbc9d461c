import { describe, expect, test } from 'vitest'
import { useWriteBackBench } from './write-back-bench'

describe('write-back', () => {
  const { bench, partnerId, leads, deals, drain, lead } = useWriteBackBench()
  const writes = async () =>
    (await bench.control.calls({ path: '/batch/', limit: 5000 })).filter(call =>
      /batch\/(create|update)/.test(call.path),
    )

  test('a new lead and a new deal with it are created once, associated, and nothing echoes', async () => {
    const made = await leads().create(partnerId(), {
      email: 'first@example.com',
      firstName: 'First',
      company: 'Acme',
    })
    const deal = await deals().create(partnerId(), {
      name: 'First deal',
      amount: '1200.50',
      stage: 'new',
      leadIds: [made.id],
    })
    const run = await drain()
    expect(run.counts).toMatchObject({ writtenBack: 2, failed: 0 })
    const stored = await lead(made.id)
    expect(stored.sync.state).toBe('in_sync')
    const [contact] = await bench.portal.find('contacts', 'email', 'first@example.com')
    expect(contact).toMatchObject({
      id: stored.hubspotId,
      properties: { firstname: 'First', company: 'Acme' },
    })
    const storedDeal = await deals().get(partnerId(), deal.id)
    expect(await bench.portal.get('deals', storedDeal.hubspotId ?? '')).toMatchObject({
      associations: [contact?.id],
      properties: { dealname: 'First deal' },
    })
    await bench.control.clearCalls()
    // HubSpot gave the new contact its first lifecycle stage: that comes in, and nothing else.
    expect((await bench.run()).counts).toMatchObject({ created: 0, updated: 1, writtenBack: 0 })
    expect((await lead(made.id)).lifecycleStage).toBe('lead')
    expect((await bench.run()).counts).toMatchObject({ created: 0, updated: 0, writtenBack: 0 })
    expect(await writes()).toEqual([])
  })

  test('an edit reaches HubSpot as the changed properties only, and its own webhook writes nothing again', async () => {
    const [contact] = await bench.portal.list('contacts', 1)
    const stored = await bench.leadOf(contact?.id ?? '')
    await bench.control.setWebhooks({ enabled: true })
    await leads().patch(partnerId(), stored?._id.toHexString() ?? '', { firstName: 'Edited here' })
    await drain()
    expect((await bench.portal.get('contacts', contact?.id ?? '')).properties).toMatchObject({
      firstname: 'Edited here',
      lastname: contact?.properties.lastname,
    })
    await bench.webhooksSettled()
    await bench.control.clearCalls()
    for (let round = 0; round < 3; round++) await drain()
    expect(await writes()).toEqual([])
    await bench.control.setWebhooks({ enabled: false })
  })

  test("each record fails on its own account, with HubSpot's reason and correlation id, and an edit makes it try again", async () => {
    const good = await leads().create(partnerId(), { email: 'good@example.com', firstName: 'Good' })
    const bad = await leads().create(partnerId(), { email: 'bad@example.com', firstName: 'Bad' })
    await bench.portal.setRules([
      { type: 'contacts', property: 'company', when: { property: 'firstname', equals: 'Bad' } },
    ])
    const run = await drain()
    expect(run.counts.failed).toBe(1)
    expect((await lead(good.id)).sync.state).toBe('in_sync')
    const failed = await lead(bad.id)
    expect(failed.sync.state).toBe('failed')
    expect(failed.sync.error?.message).toBeTruthy()
    expect(failed.sync.error?.correlationId).toBeTruthy()
    await bench.control.clearCalls()
    await drain()
    expect(await writes()).toEqual([])
    await leads().patch(partnerId(), bad.id, { company: 'Now filled' })
    await drain()
    expect((await lead(bad.id)).sync.state).toBe('in_sync')
    await bench.portal.setRules([])
  })

  test('a lead whose contact exists is linked, not doubled; both sides give what the other lacks', async () => {
    const contact = await bench.portal.create('contacts', {
      email: 'exists@example.com',
      lastname: 'There',
    })
    const made = await leads().create(partnerId(), {
      email: 'exists@example.com',
      firstName: 'Here',
    })
    await drain()
    await drain()
    expect(await lead(made.id)).toMatchObject({
      hubspotId: contact.id,
      firstName: 'Here',
      lastName: 'There',
    })
    expect((await bench.portal.get('contacts', contact.id)).properties).toMatchObject({
      firstname: 'Here',
      lastname: 'There',
    })
    expect(await bench.portal.find('contacts', 'email', 'exists@example.com')).toHaveLength(1)
  })

  test('a change in HubSpot that nobody told of meets its policy instead of being written over', async () => {
    const [, contact] = await bench.portal.list('contacts', 2)
    const stored = await bench.leadOf(contact?.id ?? '')
    await bench.portal.edit('contacts', contact?.id ?? '', { lastname: 'From HubSpot' })
    await leads().patch(partnerId(), stored?._id.toHexString() ?? '', {
      lastName: 'From here',
      jobTitle: 'Only here',
    })
    await drain()
    expect((await bench.leadOf(contact?.id ?? ''))?.values).toMatchObject({
      lastName: 'From HubSpot',
      jobTitle: 'Only here',
    })
    expect((await bench.portal.get('contacts', contact?.id ?? '')).properties).toMatchObject({
      lastname: 'From HubSpot',
      jobtitle: 'Only here',
    })
  })

  test('a deal that is tied to a lead whose contact was deleted is written, and waits for nothing', async () => {
    const contact = await bench.portal.create('contacts', { lastname: 'Gone soon' })
    await bench.run()
    const stored = await bench.leadOf(contact.id)
    await bench.portal.archive('contacts', contact.id)
    await bench.run()
    await expect
      .poll(
        async () =>
          (await bench.collections.leads.findOne({ _id: stored?._id }))?.archived_at ?? null,
      )
      .not.toBeNull()
    const made = await deals().create(partnerId(), {
      name: 'Of somebody gone',
      stage: 'new',
      leadIds: [stored?._id.toHexString() ?? ''],
    })
    await drain()
    await drain()
    expect(await deals().get(partnerId(), made.id)).toMatchObject({
      hubspotId: expect.any(String) as string,
      sync: { state: 'in_sync' },
    })
    expect(
      await bench.collections.deals.countDocuments({ partner_id: partnerId(), dirty: true }),
    ).toBe(0)
  })

  test('an edit of a record that HubSpot archived unlinks it', async () => {
    const [, , contact] = await bench.portal.list('contacts', 3)
    const stored = await bench.leadOf(contact?.id ?? '')
    await bench.portal.archive('contacts', contact?.id ?? '')
    await leads().patch(partnerId(), stored?._id.toHexString() ?? '', { firstName: 'Too late' })
    await drain()
    expect((await lead(stored?._id.toHexString() ?? '')).sync.state).toBe('unlinked')
  })

  test('stage and leads of a deal travel', async () => {
    const person = await leads().create(partnerId(), { email: 'travels@example.com' })
    const deal = await deals().create(partnerId(), { name: 'Travels', stage: 'new' })
    await drain()
    await deals().patch(partnerId(), deal.id, { stage: 'qualified', leadIds: [person.id] })
    await drain()
    const stored = await deals().get(partnerId(), deal.id)
    const remote = await bench.portal.get('deals', stored.hubspotId ?? '')
    const mapping = await bench.collections.stageMappings.findOne({ partner_id: partnerId() })
    expect(remote.properties.dealstage).toBe(mapping?.mapping[2]?.stage_id)
    expect(remote.associations).toEqual([(await lead(person.id)).hubspotId])
    await deals().patch(partnerId(), deal.id, { leadIds: [] })
    await drain()
    expect((await bench.portal.get('deals', stored.hubspotId ?? '')).associations).toEqual([])
    expect((await deals().get(partnerId(), deal.id)).sync.state).toBe('in_sync')
  })

  test('nothing is written while write-back is off or sync is paused (P12)', async () => {
    const made = await leads().create(partnerId(), { email: 'waits@example.com' })
    await bench.control.clearCalls()
    await bench.collections.partners.updateOne(
      { _id: partnerId() },
      { $set: { 'hubspot_integration.write_back': false } },
    )
    await drain()
    await bench.collections.partners.updateOne(
      { _id: partnerId() },
      { $set: { 'hubspot_integration.write_back': true, 'hubspot_integration.paused': true } },
    )
    await expect(drain()).rejects.toThrow('cancelled')
    expect(await writes()).toEqual([])
    await bench.collections.partners.updateOne(
      { _id: partnerId() },
      { $set: { 'hubspot_integration.paused': false } },
    )
    await drain()
    expect((await lead(made.id)).sync.state).toBe('in_sync')
  })
})
