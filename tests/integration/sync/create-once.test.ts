import { describe, expect, test } from 'vitest'
import { useWriteBackBench } from './write-back-bench'
import { refusesByChance } from '../../support/strange'

describe('what is created in HubSpot is created once', () => {
  const { bench, partnerId, leads, deals, drain, lead } = useWriteBackBench()
  const writeBack = (on: boolean) =>
    bench.collections.partners.updateOne(
      { _id: partnerId() },
      { $set: { 'hubspot_integration.write_back': on } },
    )
  /** HubSpot does what is sent to these paths, and no reply comes through. */
  async function createWithLostReplies<T>(path: string, create: () => Promise<T>): Promise<T> {
    await bench.control.inject({ path, times: null, action: { kind: 'reset', afterWork: true } })
    const made = await create()
    await expect(drain()).rejects.toThrow()
    await bench.control.clearFaults()
    return made
  }

  test('replies lost after the work was done make no duplicate: contacts with and without e-mail, deals with and without contact', async () => {
    const before = {
      contacts: (await bench.portal.count('contacts')).live,
      deals: (await bench.portal.count('deals')).live,
    }
    const rounds = 8
    for (let round = 0; round < rounds; round++) {
      await bench.control.inject({
        path: '/contacts/batch/create',
        times: 1,
        action: { kind: 'reset', afterWork: true },
      })
      await bench.control.inject({
        path: '/batch/create',
        skip: 1,
        times: 1,
        action: { kind: 'malformed' },
      })
      const person = await leads().create(partnerId(), {
        email: `lost${round}@example.com`,
        firstName: `Lost ${round}`,
      })
      await leads().create(partnerId(), { firstName: `Nameless ${round}`, lastName: 'Person' })
      await deals().create(partnerId(), {
        name: `Lost deal ${round}`,
        stage: 'new',
        leadIds: [person.id],
      })
      await deals().create(partnerId(), { name: `Lonely deal ${round}`, stage: 'contacted' })
      await drain()
      await drain()
    }
    await bench.run()
    expect(await bench.portal.duplicates('contacts', 'email')).toEqual([])
    // What was refused by chance waits for its next attempt.
    if (refusesByChance) return
    expect(
      await bench.collections.leads.countDocuments({ partner_id: partnerId(), dirty: true }),
    ).toBe(0)
    expect(
      await bench.collections.deals.countDocuments({ partner_id: partnerId(), dirty: true }),
    ).toBe(0)
    expect((await bench.portal.count('contacts')).live).toBe(before.contacts + 2 * rounds)
    expect((await bench.portal.count('deals')).live).toBe(before.deals + 2 * rounds)
  }, 120_000)

  test('a lead that is edited after the reply to its create was lost is found again, and the edit goes out', async () => {
    await bench.control.inject({
      path: '/contacts/batch/',
      // The look for its address goes through.
      skip: 1,
      times: null,
      action: { kind: 'reset', afterWork: true },
    })
    const made = await leads().create(partnerId(), {
      email: 'before@example.com',
      firstName: 'Before',
    })
    await expect(drain()).rejects.toThrow()
    await bench.control.clearFaults()
    expect(await bench.portal.find('contacts', 'email', 'before@example.com')).toHaveLength(1)
    await leads().patch(partnerId(), made.id, { email: 'after@example.com' })
    await drain()
    await drain()
    expect(await bench.portal.find('contacts', 'email', 'before@example.com')).toEqual([])
    expect(await bench.portal.find('contacts', 'email', 'after@example.com')).toHaveLength(1)
  })

  test('a contact whose create lost its reply, that came in and was edited on both sides by then, is still the lead it was made from', async () => {
    await createWithLostReplies('/contacts/', () =>
      leads().create(partnerId(), {
        firstName: 'Twice',
        lastName: 'Known',
        phone: '+1 202 555 0101',
      }),
    )
    const [contact] = await bench.portal.find('contacts', 'lastname', 'Known')
    await writeBack(false)
    await bench.run()
    const copy = await bench.leadOf(contact?.id ?? '')
    await leads().patch(partnerId(), copy?._id.toHexString() ?? '', { jobTitle: 'Edited here' })
    await bench.portal.edit('contacts', contact?.id ?? '', { phone: '+1 202 555 0202' })
    await writeBack(true)
    await bench.run()
    await drain()
    expect(await bench.portal.find('contacts', 'lastname', 'Known')).toHaveLength(1)
    expect(
      (
        await bench.collections.leads
          .find({ partner_id: partnerId(), 'values.lastName': 'Known' })
          .toArray()
      ).map(({ values }) => values),
    ).toMatchObject([{ jobTitle: 'Edited here', phone: '+1 202 555 0202' }])
    expect((await bench.portal.get('contacts', contact?.id ?? '')).properties).toMatchObject({
      jobtitle: 'Edited here',
      phone: '+1 202 555 0202',
    })
  })

  test('of two edits of a lead and of the copy that its create came in as, both waiting to be written, only the later one is written', async () => {
    const made = await createWithLostReplies('/contacts/', () =>
      leads().create(partnerId(), { firstName: 'Edited', lastName: 'Twofold' }),
    )
    const [contact] = await bench.portal.find('contacts', 'lastname', 'Twofold')
    await writeBack(false)
    await bench.run()
    const copy = await bench.leadOf(contact?.id ?? '')
    await leads().patch(partnerId(), copy?._id.toHexString() ?? '', { jobTitle: 'Of the copy' })
    await leads().patch(partnerId(), made.id, { jobTitle: 'Of the lead' })
    await writeBack(true)
    await drain()
    await bench.run()
    expect((await lead(made.id)).jobTitle).toBe('Of the lead')
    // What was claimed of the copy is not sent: the lead had taken it over by then.
    expect(
      (await bench.leadOf(contact?.id ?? ''))?.history?.flatMap(({ kind, fields }) =>
        kind === 'written' ? fields.map(({ to }) => to) : [],
      ),
    ).toEqual(['Of the lead'])
    expect((await bench.portal.get('contacts', contact?.id ?? '')).properties.jobtitle).toBe(
      'Of the lead',
    )
  })

  test('a deal whose create lost its reply, that came in and was edited on both sides by then, is still one deal', async () => {
    await createWithLostReplies('/deals/', () =>
      deals().create(partnerId(), { name: 'Twice known', amount: '100', stage: 'new' }),
    )
    const [made] = await bench.portal.find('deals', 'dealname', 'Twice known')
    await writeBack(false)
    await bench.run()
    const copy = await bench.collections.deals.findOne({
      partner_id: partnerId(),
      hubspot_id: made?.id,
    })
    await deals().patch(partnerId(), copy?._id.toHexString() ?? '', { closeDate: '2027-05-05' })
    await bench.portal.edit('deals', made?.id ?? '', { amount: '200' })
    await writeBack(true)
    await bench.run()
    await drain()
    expect(await bench.portal.find('deals', 'dealname', 'Twice known')).toHaveLength(1)
    expect(
      (
        await bench.collections.deals
          .find({ partner_id: partnerId(), 'values.name': 'Twice known' })
          .toArray()
      ).map(({ values }) => values),
    ).toMatchObject([{ amount: '200', closeDate: '2027-05-05' }])
    expect((await bench.portal.get('deals', made?.id ?? '')).properties).toMatchObject({
      amount: '200',
      closedate: expect.stringContaining('2027-05-05') as string,
    })
  })

  test.skipIf(refusesByChance)(
    'two drains at once create nothing twice, and a turn whose holder died is taken over',
    async () => {
      const before = (await bench.portal.count('contacts')).live
      await Promise.all(
        Array.from({ length: 40 }, (_, index) =>
          leads().create(partnerId(), { firstName: `Race ${index}`, lastName: 'Person' }),
        ),
      )
      const alongside = () =>
        bench.services.sync.executor.alongside(partnerId(), bench.partner.portalId, 'write_back')
      await Promise.all([bench.run('webhook'), alongside(), alongside()])
      expect((await bench.portal.count('contacts')).live).toBe(before + 40)
      await bench.collections.meta.updateOne(
        { _id: `write_back:${partnerId().toHexString()}` },
        { $set: { owner: 'dead', until: new Date(Date.now() + 700) } },
      )
      const made = await leads().create(partnerId(), { email: 'takeover@example.com' })
      await drain()
      expect((await lead(made.id)).sync.state).toBe('in_sync')
    },
    60_000,
  )
})
