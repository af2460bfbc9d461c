import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Lead, LeadList } from '#shared/contracts/leads'
import { systemActor } from '../../../server/database/audit'
import { mountRoutes, type CallAs } from '../../support/mount-routes'
import { startSyncBench, type SyncBench } from '../../support/sync'
import { aUser } from '../../support/users'
import { recordRoutes } from './routes'

let bench: SyncBench
let http: Awaited<ReturnType<typeof mountRoutes>>
let call: CallAs
const password = 'a long enough password'
const email = 'member@example.test'

beforeAll(async () => {
  bench = await startSyncBench()
  await bench.control.setWebhooks({ enabled: false })
  for (const name of ['one', 'two', 'three'])
    await bench.portal.create('contacts', { email: `${name}@example.com` })
  await bench.run()
  await aUser(bench.services.database.collections, {
    partnerName: 'Northwind',
    email,
    password,
    role: 'member',
  })
  http = await mountRoutes(bench.services, recordRoutes)
  call = await http.as(email, password)
})
afterAll(async () => {
  await http.close()
  await bench.stop()
})

const list = async (query = '') =>
  (await call<LeadList>('GET', `/api/v1/leads${query}`)).body.items.map(({ sync }) => sync.state)
async function exported(): Promise<string> {
  let text = ''
  for await (const piece of bench.services.exports.leads(bench.partner.partnerId)) text += piece
  return text
}
const setStatus = (status: 'connected' | 'revoked') =>
  bench.collections.partners.updateOne(
    { _id: bench.partner.partnerId },
    { $set: { 'hubspot_integration.status': status } },
  )

async function expectUnlinked(): Promise<void> {
  expect(await list()).toEqual(['unlinked', 'unlinked', 'unlinked'])
  expect(await list('?syncState=unlinked')).toHaveLength(3)
  expect(await list('?syncState=in_sync')).toEqual([])
  expect(await exported()).not.toContain('in_sync')
}

test('no record is called in sync while the grant is lost or HubSpot is disconnected', async () => {
  expect(await list()).toEqual(['in_sync', 'in_sync', 'in_sync'])
  await setStatus('revoked')
  await expectUnlinked()
  const made = await call<Lead>('POST', '/api/v1/leads', { firstName: 'Made meanwhile' })
  expect(made.body.sync.state).toBe('unlinked')
  await bench.collections.leads.deleteOne({ 'values.firstName': 'Made meanwhile' })
  await setStatus('connected')
  expect(await list('?syncState=in_sync')).toHaveLength(3)
  expect(await exported()).toContain('in_sync')

  await bench.services.connection.disconnect(bench.partner.partnerId, systemActor)
  await expectUnlinked()
  const { items } = (await call<LeadList>('GET', '/api/v1/leads?limit=1')).body
  const path = `/api/v1/leads/${items[0]?.id}`
  expect((await call<Lead>('GET', path)).body.sync).toMatchObject({
    state: 'unlinked',
    error: null,
  })
  const edited = await call<Lead>('PATCH', path, { company: 'Kept for later' })
  expect(edited.body).toMatchObject({ company: 'Kept for later', sync: { state: 'unlinked' } })
  const stale = await call<{ data: { current: Lead } }>('PATCH', path, { phone: '1', revision: 0 })
  expect(stale.status).toBe(409)
  expect(stale.body.data.current.sync.state).toBe('unlinked')
})
