import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Deal, HistoryEntry, HistoryList, Lead } from '#shared/contracts/leads'
import dealHistory from '../../../server/api/v1/deals/[id]/history.get'
import leadHistory from '../../../server/api/v1/leads/[id]/history.get'
import { mountRoutes, type CallAs } from '../../support/mount-routes'
import { startSyncBench, type SyncBench } from '../../support/sync'
import { recordRoutes } from './routes'
import { aUser } from '../../support/users'

let bench: SyncBench
let http: Awaited<ReturnType<typeof mountRoutes>>
let call: CallAs
let other: CallAs
const password = 'a long enough password'
const who = { email: 'northwind@example.test' }

beforeAll(async () => {
  bench = await startSyncBench()
  await bench.control.setWebhooks({ enabled: false })
  await aUser(bench.services.database.collections, {
    partnerName: 'Contoso',
    email: 'contoso@example.test',
    password,
    role: 'member',
  })
  http = await mountRoutes(bench.services, [
    ...recordRoutes,
    { method: 'GET', path: '/api/v1/leads/:id/history', handler: leadHistory },
    { method: 'GET', path: '/api/v1/deals/:id/history', handler: dealHistory },
  ])
  call = await http.as(who.email, password)
  other = await http.as('contoso@example.test', password)
})
afterAll(async () => {
  await http.close()
  await bench.stop()
})

const pathOf = (id: string, kind = 'leads') => `/api/v1/${kind}/${id}/history`
async function historyOf(id: string, kind = 'leads'): Promise<Omit<HistoryEntry, 'id' | 'at'>[]> {
  const { body } = await call<HistoryList>('GET', `${pathOf(id, kind)}?limit=100`)
  return body.items.map(({ side, kind: what, by, fields }) => ({ side, kind: what, by, fields }))
}
const idOf = async (hubspotId: string) => (await bench.leadOf(hubspotId))?._id.toHexString() ?? ''

test('a lead made here: by whom, what was written, what HubSpot changed and what a conflict came to', async () => {
  const { body: lead } = await call<Lead>('POST', '/api/v1/leads', {
    email: 'ada@example.com',
    firstName: 'Ada',
  })
  await bench.run()
  await call('PATCH', `/api/v1/leads/${lead.id}`, { company: 'Engines', phone: '1' })
  await bench.run()
  const hubspotId = (await bench.portal.find('contacts', 'email', 'ada@example.com'))[0]?.id ?? ''
  await bench.portal.edit('contacts', hubspotId, { phone: '2' })
  await call('PATCH', `/api/v1/leads/${lead.id}`, { phone: '3' })
  await bench.run()
  expect(await historyOf(lead.id)).toEqual([
    {
      side: 'hubspot',
      kind: 'received',
      by: null,
      fields: [{ field: 'phone', from: '3', to: '2', rule: 'hubspot_wins' }],
    },
    {
      side: 'ours',
      kind: 'edited',
      by: who,
      fields: [{ field: 'phone', from: '1', to: '3', rule: null }],
    },
    {
      side: 'ours',
      kind: 'written',
      by: null,
      fields: [
        { field: 'phone', from: null, to: '1', rule: null },
        { field: 'company', from: null, to: 'Engines', rule: null },
      ],
    },
    // HubSpot gave the new contact its first stage.
    {
      side: 'hubspot',
      kind: 'received',
      by: null,
      fields: [{ field: 'lifecycleStage', from: null, to: 'lead', rule: 'only_hubspot_changed' }],
    },
    {
      side: 'ours',
      kind: 'edited',
      by: who,
      fields: [
        { field: 'phone', from: null, to: '1', rule: null },
        { field: 'company', from: null, to: 'Engines', rule: null },
      ],
    },
    { side: 'ours', kind: 'written', by: null, fields: [] },
    { side: 'ours', kind: 'created', by: who, fields: [] },
  ])
})

test('a lead from HubSpot: arrived, changed, gone and back; the same page again adds nothing', async () => {
  const contact = await bench.portal.create('contacts', {
    email: 'there@example.com',
    firstname: 'x'.repeat(300),
  })
  await bench.run()
  await bench.portal.edit('contacts', contact.id, { firstname: 'There' })
  await bench.run()
  await bench.run('reconcile')
  await bench.portal.archive('contacts', contact.id)
  await bench.run()
  const entries = await historyOf(await idOf(contact.id))
  expect(entries.map(({ side, kind }) => [side, kind])).toEqual([
    ['hubspot', 'archived'],
    ['hubspot', 'received'],
    ['hubspot', 'created'],
  ])
  expect(entries[1]?.fields).toEqual([
    { field: 'firstName', from: `${'x'.repeat(119)}…`, to: 'There', rule: 'only_hubspot_changed' },
  ])
})

test('a deal has a history as well', async () => {
  const { body: deal } = await call<Deal>('POST', '/api/v1/deals', { name: 'Big', amount: '10' })
  await call('PATCH', `/api/v1/deals/${deal.id}`, { stage: 'qualified' })
  expect(await historyOf(deal.id, 'deals')).toEqual([
    {
      side: 'ours',
      kind: 'edited',
      by: who,
      fields: [{ field: 'stage', from: null, to: 'qualified', rule: null }],
    },
    { side: 'ours', kind: 'created', by: who, fields: [] },
  ])
})

test('the last hundred changes of a year are kept, in pages', async () => {
  const { body: lead } = await call<Lead>('POST', '/api/v1/leads', { firstName: 'Often' })
  for (let i = 0; i < 105; i++)
    await bench.services.leads.patch(bench.partner.partnerId, lead.id, { lastName: `Name ${i}` })
  const seen: HistoryEntry[] = []
  let cursor = ''
  do {
    const { body } = await call<HistoryList>('GET', `${pathOf(lead.id)}?limit=30${cursor}`)
    expect(body.total).toBe(100)
    seen.push(...body.items)
    cursor = body.nextCursor === null ? '' : `&cursor=${body.nextCursor}`
  } while (cursor)
  expect(seen.map(entry => entry.fields[0]?.to)).toEqual(
    Array.from({ length: 100 }, (_, index) => `Name ${104 - index}`),
  )
  bench.time.offsetMs = 366 * 86_400_000
  expect(
    await bench.services.history(bench.partner.partnerId, 'lead', lead.id, { limit: 10 }),
  ).toMatchObject({ items: [], total: 0 })
  bench.time.offsetMs = 0
})

test("another partner's does not exist, and it goes with the person", async () => {
  const contact = await bench.portal.create('contacts', {
    email: 'private@example.com',
    firstname: 'Private',
  })
  await bench.run()
  await bench.portal.edit('contacts', contact.id, { firstname: 'Privately' })
  await bench.run()
  const id = await idOf(contact.id)
  expect((await call('GET', pathOf(id))).status).toBe(200)
  expect((await other('GET', pathOf(id))).status).toBe(404)
  expect(
    await bench.collections.runResults.countDocuments({ hubspot_id: contact.id }),
  ).toBeGreaterThan(0)
  await bench.services.sync.inbound.erase({
    partnerId: bench.partner.partnerId,
    portalId: bench.partner.portalId,
    contactIds: [contact.id],
  })
  expect((await call('GET', pathOf(id))).status).toBe(404)
  expect(await bench.collections.runResults.countDocuments({ hubspot_id: contact.id })).toBe(0)
})
