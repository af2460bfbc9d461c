import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { Labels } from '#shared/contracts/mapping'
import labelsGet from '../../../server/api/v1/integrations/hubspot/labels.get'
import { mountRoutes, type CallAs } from '../../support/mount-routes'
import { present } from '../../support/present'
import { startSyncBench, type SyncBench } from '../../support/sync'
import { recordRoutes } from '../records/routes'

const hubspot = '/api/v1/integrations/hubspot'
const changes: { reread: boolean }[] = []
let bench: SyncBench
let http: Awaited<ReturnType<typeof mountRoutes>>
let call: CallAs

beforeAll(async () => {
  bench = await startSyncBench({
    triggers: { mappingChanged: async (_, change) => void changes.push(change) },
  })
  http = await mountRoutes(bench.services, [
    ...recordRoutes,
    { method: 'GET', path: `${hubspot}/labels`, handler: labelsGet },
  ])
  call = await http.as('northwind@example.test', 'a long enough password')
})
afterAll(async () => {
  await http.close()
  await bench.stop()
})
beforeEach(() => void (changes.length = 0))

const phone = { name: 'phone', type: 'string' as const, archived: false }
const metadata = (readOnlyValue: boolean) => ({
  modificationMetadata: {
    archivable: true,
    readOnlyDefinition: false,
    readOnlyValue,
  },
})
const pausedFields = async () =>
  (await call<Labels>('GET', `${hubspot}/labels`)).body.fields
    .filter(field => field.paused)
    .map(({ field, paused }) => [field, paused])
const notices = async () => {
  await bench.services.alerts.check()
  const open = await bench.collections.notices
    .find({ kind: 'mapping_drift', resolved_at: null })
    .toArray()
  return open.map(notice => notice.message).join()
}

async function contact(properties: Record<string, string>) {
  const { id } = await bench.portal.create('contacts', properties)
  await bench.run()
  const lead = present(await bench.leadOf(id))
  return {
    id,
    edit: async (values: Record<string, string>) => {
      const answer = await call('PATCH', `/api/v1/leads/${lead._id.toHexString()}`, values)
      expect(answer.status).toBe(200)
    },
    here: async () => present(await bench.leadOf(id)),
    there: async () => (await bench.portal.get('contacts', id)).properties,
  }
}

it.each([
  ['archived', { archived: true }, 'missing'],
  ['made read-only', metadata(true), 'read_only'],
  ['re-typed', { type: 'number' as const, fieldType: 'number' }, 'retyped'],
])('a field whose property was %s pauses alone, and goes on by itself', async (_, change, kind) => {
  const one = await contact({ email: `${kind}@example.com`, firstname: 'Ada', phone: '1' })
  await bench.portal.setProperty('contacts', { ...phone, ...change })
  await one.edit({ firstName: 'Eve', phone: '2' })
  await bench.run()
  // The rest of the record goes out and comes in.
  expect(await one.there()).toMatchObject({ firstname: 'Eve' })
  expect((await one.there()).phone).not.toBe('2')
  await bench.portal.edit('contacts', one.id, { lastname: 'Lovelace' })
  await bench.run()
  const lead = await one.here()
  expect([lead.values.lastName, lead.values.phone, lead.sync.error]).toEqual([
    'Lovelace',
    '2',
    null,
  ])
  expect(await pausedFields()).toEqual([['phone', kind]])
  expect(await notices()).toContain('“phone”')
  const { checks } = await bench.services.doctor.examine(bench.partner.partnerId)
  expect(checks.find(check => check.id === 'field_mapping')).toMatchObject({
    status: 'warn',
    message: expect.stringContaining('“phone”') as string,
  })
  expect(changes).toEqual([{ reread: true }])
  // What else is mapped can still be changed.
  const mapping = (await call<{ fields: object[] }>('GET', `${hubspot}/field-mapping`)).body
  expect((await call('PUT', `${hubspot}/field-mapping`, mapping)).status).toBe(200)
  changes.length = 0

  await bench.portal.setProperty('contacts', {
    ...phone,
    ...metadata(false),
    fieldType: 'phonenumber',
  })
  await bench.services.mapping.checkDrift(bench.partner.partnerId)
  expect([await pausedFields(), changes, await notices()]).toEqual([[], [{ reread: true }], ''])
  await bench.run('reconcile')
  expect((await one.there()).phone).toBe('2')
  expect((await one.here()).sync.state).toBe('in_sync')
})

it('a batch that HubSpot refuses for a property that changed a moment ago is sent again without it', async () => {
  const one = await contact({ email: 'moment@example.com', firstname: 'Ada', phone: '1' })
  const other = await contact({ email: 'beside@example.com', firstname: 'Bob' })
  await bench.services.mapping.properties(bench.partner.partnerId, 'contacts')
  await bench.portal.setProperty('contacts', { ...phone, archived: true })
  await one.edit({ firstName: 'Eve', phone: '2' })
  await other.edit({ firstName: 'Rob' })
  await bench.run('webhook')
  await bench.run('webhook')
  expect([(await one.there()).firstname, (await other.there()).firstname]).toEqual(['Eve', 'Rob'])
  expect([(await one.here()).sync.state, (await other.here()).sync.state]).toEqual([
    'in_sync',
    'in_sync',
  ])
  await bench.portal.setProperty('contacts', phone)
})

it('an account without currencies has deals all the same', async () => {
  await bench.portal.setProperty('deals', { name: 'deal_currency_code', archived: true })
  const { status, body } = await call<{ id: string }>('POST', '/api/v1/deals', {
    name: 'Without currency',
    amount: '12.50',
    currency: 'USD',
  })
  expect(status).toBe(201)
  await bench.run()
  const [deal] = await bench.portal.find('deals', 'dealname', 'Without currency')
  expect(deal?.properties.amount).toBe('12.50')
  expect((await call('GET', `/api/v1/deals/${body.id}`)).body).toMatchObject({
    currency: 'USD',
    sync: { state: 'in_sync' },
  })
  await bench.portal.edit('deals', present(deal).id, { amount: '13' })
  await bench.run()
  expect((await call('GET', `/api/v1/deals/${body.id}`)).body).toMatchObject({
    amount: '13',
    currency: 'USD',
  })
})
