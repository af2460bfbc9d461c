import { ObjectId } from 'mongodb'
import { describe, expect, test } from 'vitest'
import { event, useWebhookBench } from './webhook-bench'

describe('webhooks', () => {
  const { bench, deliver, stored, clear } = useWebhookBench()
  const { stringify } = JSON
  const contactIds = async () =>
    (await bench.portal.list('contacts', 60))
      .filter(contact => !contact.archived)
      .map(contact => contact.id)

  test('what a forged event says is never taken: the record is read', async () => {
    await clear()
    const [id = ''] = await contactIds()
    const before = await bench.leadOf(id)
    await deliver(stringify([event({ objectId: Number(id) })]))
    await bench.run('webhook')
    expect((await bench.leadOf(id))?.values).toEqual(before?.values)
  })

  test('a storm of events about one object costs one read', async () => {
    await clear()
    const [id = ''] = await contactIds()
    for (let batch = 0; batch < 10; batch++)
      await deliver(
        stringify(
          Array.from({ length: 100 }, (_, index) =>
            event({ objectId: Number(id), eventId: batch * 100 + index }),
          ),
        ),
      )
    expect(await stored()).toBe(1000)
    await bench.control.clearCalls()
    await bench.run('webhook')
    const calls = await bench.control.calls({ path: '/crm/' })
    expect(calls).toHaveLength(1)
    expect(await bench.collections.webhookEvents.countDocuments({ status: 'pending' })).toBe(0)
  })

  test('edits, deletion, restore, merge and associations arrive, however webhooks come', async () => {
    await clear()
    await bench.control.setWebhooks({
      reorder: true,
      duplicatePercent: 50,
      mixPortals: true,
      eventsPerBatch: 7,
    })
    const [edited = '', archived = '', restored = '', winner = '', loser = ''] = await contactIds()
    const [deal] = await bench.portal.list('deals', 1)
    if (!deal) throw new Error('no deal')
    await bench.portal.edit('contacts', edited, { firstname: 'By webhook' })
    await bench.portal.archive('contacts', archived)
    await bench.portal.archive('contacts', restored)
    await bench.portal.restore('contacts', restored)
    await bench.portal.merge('contacts', winner, loser)
    await bench.portal.associate(edited, deal.id)
    const created = await bench.portal.create('contacts', {
      email: 'webhook-new@example.com',
      firstname: 'New',
    })
    await bench.webhooksSettled()
    await bench.run('webhook')
    expect((await bench.leadOf(edited))?.values.firstName).toBe('By webhook')
    expect((await bench.leadOf(archived))?.archived_at).not.toBeNull()
    expect((await bench.leadOf(restored))?.archived_at).toBeNull()
    expect(await bench.leadOf(loser)).toBeNull()
    expect(await bench.leadOf(winner)).not.toBeNull()
    expect((await bench.dealOf(deal.id))?.hubspot_contact_ids).toContain(edited)
    expect((await bench.leadOf(created.id))?.values.email).toBe('webhook-new@example.com')
    await bench.control.setWebhooks({
      reorder: false,
      duplicatePercent: 0,
      mixPortals: false,
      eventsPerBatch: 100,
    })
  })

  test('an erased contact is gone from every collection, stays gone, and leaves an audit line', async () => {
    await clear()
    const canary = 'canary-person@example.com'
    const created = await bench.portal.create('contacts', { email: canary, firstname: 'Canaria' })
    await bench.webhooksSettled()
    await bench.run('webhook')
    expect(await bench.leadOf(created.id)).not.toBeNull()
    await bench.portal.erase(created.id)
    await bench.webhooksSettled()
    await bench.run('webhook')
    // A late page that still carries the person, and a full pass.
    await bench.services.sync.inbound.apply({
      partnerId: bench.partner.partnerId,
      portalId: bench.partner.portalId,
      type: 'contacts',
      runId: null,
      records: [
        {
          id: created.id,
          properties: { email: canary, firstname: 'Canaria' },
          createdAt: created.createdAt,
          updatedAt: new Date().toISOString(),
          archived: false,
        },
      ],
    })
    await bench.run()
    for (const collection of await bench.services.database.db.collections()) {
      const text = stringify(await collection.find({}).toArray())
      expect(
        text.includes('canary-person') || text.includes('Canaria'),
        collection.collectionName,
      ).toBe(false)
    }
    expect(
      await bench.collections.auditLog.findOne({
        partner_id: bench.partner.partnerId,
        action: 'contact_erased',
      }),
    ).not.toBeNull()
  })

  test('a privacy deletion of a contact that still answers erases nobody, and is asked about again', async () => {
    await clear()
    const { auditLog, webhookEvents } = bench.collections
    await auditLog.deleteMany({ action: 'contact_erased' })
    const [there = '', leaves = ''] = (await contactIds()).slice(-2)
    const deletion = (objectId: string, eventId: number) =>
      event({ objectId, eventId, subscriptionType: 'contact.privacyDeletion' })
    expect((await deliver(stringify([deletion(there, 1), deletion(leaves, 2)]))).status).toBe(200)
    await bench.run('webhook')
    expect(await bench.leadOf(there)).not.toBeNull()
    expect(await bench.leadOf(leaves)).not.toBeNull()
    const waiting = await webhookEvents.find({ status: 'pending' }).toArray()
    expect(
      waiting.map(one => [one.attempts, (one.not_before ?? new Date(0)) > new Date()]),
    ).toEqual([
      [1, true],
      [1, true],
    ])
    // Nothing is asked before its time; then who is gone by now is erased.
    await bench.control.setWebhooks({ enabled: false })
    await bench.portal.erase(leaves)
    await bench.run('webhook')
    expect(await bench.leadOf(leaves)).not.toBeNull()
    await webhookEvents.updateMany({}, { $set: { not_before: new Date() } })
    await bench.run('webhook')
    expect(await bench.leadOf(leaves)).toBeNull()
    expect(await bench.leadOf(there)).not.toBeNull()
    // Asked six times over a day, it stays, and the audit log says so.
    await webhookEvents.updateMany({}, { $set: { not_before: new Date(), attempts: 6 } })
    await bench.run('webhook')
    expect(await webhookEvents.countDocuments({ status: 'pending' })).toBe(0)
    expect(await auditLog.findOne({ action: 'contact_erasure_not_confirmed' })).toMatchObject({
      partner_id: bench.partner.partnerId,
      target: there,
    })
    await bench.control.setWebhooks({ enabled: true })
  })

  test('a wish to be forgotten does not wait while sync is paused', async () => {
    await clear()
    const created = await bench.portal.create('contacts', { email: 'paused-canary@example.com' })
    await bench.webhooksSettled()
    await bench.run('webhook')
    await bench.collections.partners.updateOne(
      { _id: bench.partner.partnerId },
      { $set: { 'hubspot_integration.paused': true } },
    )
    await bench.portal.erase(created.id)
    await bench.webhooksSettled()
    await bench.until(async () => (await bench.leadOf(created.id)) === null)
    await bench.collections.partners.updateOne(
      { _id: bench.partner.partnerId },
      { $set: { 'hubspot_integration.paused': false } },
    )
  })

  test('a delivery larger than 1 MiB is refused, and the next sync brings what it was about', async () => {
    await clear()
    await bench.control.setWebhooks({
      eventsPerBatch: 100,
      duplicatePercent: 0,
      mixPortals: false,
      retryDelaysMs: [10],
    })
    const company = `Long ${'x'.repeat(50_000)}`
    const { edited } = await bench.portal.bulkEdit('contacts', {
      count: 40,
      properties: { company, jobtitle: 'In a long delivery' },
    })
    await bench.webhooksSettled()
    const { deliveries } = await bench.control.webhooks()
    expect(deliveries.at(-1)?.status).toBe(413)
    expect(await stored()).toBe(0)
    await bench.run()
    expect(
      await bench.collections.leads.countDocuments({
        partner_id: bench.partner.partnerId,
        'values.jobTitle': 'In a long delivery',
      }),
    ).toBe(edited)
  })

  test('an import in HubSpot becomes one pass over what was modified', async () => {
    await clear()
    const now = new Date()
    const [id = ''] = await contactIds()
    const { ids } = await bench.portal.bulkEdit('contacts', {
      count: 30,
      properties: { company: 'Imported $n' },
    })
    expect(ids).not.toBeNull()
    await bench.webhooksSettled()
    await clear()
    await bench.collections.webhookEvents.insertMany(
      Array.from({ length: 10_050 }, (_, index) => ({
        _id: `storm-${index}`,
        partner_id: bench.partner.partnerId,
        portal_id: bench.partner.portalId,
        subscription_type: 'contact.creation',
        object_type: 'contacts' as const,
        object_id: String(Number(id) + index),
        occurred_at: now,
        received_at: new Date(now.getTime() - 1000),
        related: null,
        status: 'pending' as const,
        attempts: 0,
        processed_at: null,
      })),
    )
    await bench.control.clearCalls()
    await bench.run('webhook')
    expect(await bench.collections.webhookEvents.countDocuments({ status: 'pending' })).toBe(0)
    expect((await bench.control.calls({ path: '/crm/' })).length).toBeLessThan(10)
    expect(
      await bench.collections.leads.countDocuments({
        partner_id: bench.partner.partnerId,
        'values.company': /^Imported/,
      }),
    ).toBeGreaterThan(25)
  }, 60_000)

  test('after a disconnect events are acknowledged and not kept, and what waited is not worked off for anybody else', async () => {
    await clear()
    await bench.collections.webhookEvents.insertOne({
      _id: 'left-over',
      partner_id: new ObjectId(),
      portal_id: bench.partner.portalId,
      subscription_type: 'contact.creation',
      object_type: 'contacts',
      object_id: '1',
      occurred_at: new Date(),
      received_at: new Date(),
      related: null,
      status: 'pending',
      attempts: 0,
      processed_at: null,
    })
    await bench.run('webhook')
    expect((await bench.collections.webhookEvents.findOne({ _id: 'left-over' }))?.status).toBe(
      'pending',
    )
    bench.time.offsetMs = 8 * 24 * 60 * 60_000
    expect(await bench.services.webhooks.purge()).toBe(1)
    bench.time.offsetMs = 0
    await bench.services.connection.disconnect(bench.partner.partnerId, {
      kind: 'system',
      user_id: null,
      email: null,
    })
    expect((await deliver(stringify([event()]))).status).toBe(200)
    expect(await stored()).toBe(0)
  })
})
