import type { Document } from 'mongodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createErasureList, ErasureList } from '../../../server/sync/inbound/erasure-list'
import { createErasure } from '../../../server/sync/inbound/privacy-deletion'
import { startSyncBench, type SyncBench } from '../../support/sync'

let bench: SyncBench
beforeAll(async () => {
  bench = await startSyncBench({
    simulator: { contacts: 6, deals: 2 },
    sync: { indexLagMs: 100 },
  })
  await bench.control.setWebhooks({ enabled: false })
  await bench.run('initial')
}, 120_000)
afterAll(() => bench.stop())

async function backUp(): Promise<Map<string, Document[]>> {
  const { db } = bench.services.database
  const copy = new Map<string, Document[]>()
  for (const { name } of await db.listCollections().toArray())
    copy.set(name, await db.collection(name).find().toArray())
  return copy
}

async function restore(copy: Map<string, Document[]>): Promise<void> {
  const { db } = bench.services.database
  for (const { name } of await db.listCollections().toArray()) {
    await db.collection(name).deleteMany({})
    const documents = copy.get(name) ?? []
    if (documents.length > 0) await db.collection(name).insertMany(documents)
  }
}

test('after a restore of an older backup, erased people stay erased and nothing is created twice', async () => {
  const { collections, services, partner, portal } = bench
  const { cipher, clock, audit } = services
  const { partnerId, portalId } = partner
  const erasure = () => createErasure({ collections, clock, audit, cipher })
  const list = () => createErasureList({ collections, cipher, erasure: erasure() })
  const [someone] = await portal.list('contacts')
  const id = someone?.id ?? ''
  await services.leads.create(partnerId, { firstName: 'Mary', lastName: 'Somerville' })
  await services.deals.create(partnerId, { name: 'A telescope', amount: '12' })
  const backup = await backUp()

  await bench.run('webhook')
  await erasure().erase({ partnerId, portalId, contactIds: [id] })
  const kept = JSON.stringify(await list().save())
  expect(kept).not.toContain(`"${id}"`)
  await restore(backup)
  expect(await bench.leadOf(id)).not.toBeNull()

  const saved = ErasureList.parse(JSON.parse(kept))
  expect(await list().apply(saved)).toBe(1)
  expect(await list().markPossiblyCreated()).toBe(2)
  expect(await list().apply(saved)).toBe(0)

  const waiting = { partner_id: partnerId, dirty: true }
  await expect
    .poll(
      async () => {
        await bench.run('reconcile')
        return (
          (await collections.leads.countDocuments(waiting)) +
          (await collections.deals.countDocuments(waiting))
        )
      },
      { timeout: 30_000, interval: 250 },
    )
    .toBe(0)
  expect(await bench.leadOf(id)).toBeNull()
  const [contacts, deals] = [
    await portal.find('contacts', 'lastname', 'Somerville'),
    await portal.find('deals', 'dealname', 'A telescope'),
  ]
  expect([contacts.length, deals.length]).toEqual([1, 1])
  expect(
    await collections.leads.countDocuments({
      partner_id: partnerId,
      'values.lastName': 'Somerville',
    }),
  ).toBe(1)
  expect(await bench.dealOf(deals[0]?.id ?? '')).not.toBeNull()
  expect(
    await collections.deals.countDocuments({ partner_id: partnerId, 'values.name': 'A telescope' }),
  ).toBe(1)
}, 90_000)
