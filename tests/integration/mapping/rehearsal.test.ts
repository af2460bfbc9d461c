import { BSON } from 'mongodb'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Lead } from '#shared/contracts/leads'
import type { FieldMapping } from '#shared/contracts/mapping'
import type { RecordRehearsal, Rehearsal } from '#shared/contracts/rehearsal'
import { allRoutes } from '../../support/all-routes'
import { mountRoutes, type CallAs } from '../../support/mount-routes'
import { startSyncBench, type SyncBench } from '../../support/sync'

let bench: SyncBench
let http: Awaited<ReturnType<typeof mountRoutes>>
let call: CallAs
const base = '/api/v1/integrations/hubspot'

beforeAll(async () => {
  bench = await startSyncBench()
  http = await mountRoutes(bench.services, await allRoutes())
  call = await http.as('northwind@example.test', 'a long enough password')
  await bench.portal.create('contacts', { email: 'one@example.com', company: 'One' })
  await bench.run('initial')
})
afterAll(async () => {
  await http.close()
  await bench.stop()
})

const leadOf = async (q: string) =>
  (await call<{ items: Lead[] }>('GET', `/api/v1/leads?q=${q}`)).body.items[0]

/** All records and mappings as they are stored, and how often HubSpot was asked. */
async function everything(): Promise<string> {
  const { leads, deals, fieldMappings, stageMappings } = bench.collections
  const stored = await Promise.all(
    [leads, deals, fieldMappings, stageMappings].map(one =>
      one.find({}).sort({ _id: 1 }).toArray(),
    ),
  )
  return BSON.EJSON.stringify([stored, (await bench.control.calls({ limit: 5000 })).length])
}

it('says what a mapping would have done, and touches nothing, here or in HubSpot', async () => {
  const lead = await leadOf('one@example.com')
  await call('PATCH', `/api/v1/leads/${lead?.id}`, { company: 'By hand' })
  const [contact] = await bench.portal.find('contacts', 'email', 'one@example.com')
  await bench.portal.edit('contacts', contact?.id ?? '', { company: 'From HubSpot' })
  await bench.run()
  expect((await leadOf('one@example.com'))?.company).toBe('From HubSpot')
  const { fields } = (await call<FieldMapping>('GET', `${base}/field-mapping`)).body
  const before = await everything()
  const same = await call<Rehearsal>('POST', `${base}/rehearsal`, { fields })
  expect([same.status, same.body.sentences, same.body.complete]).toEqual([200, [], true])
  const changed = fields.map(entry =>
    entry.field === 'company' ? { ...entry, policy: 'local_wins' as const } : entry,
  )
  const { body } = await call<Rehearsal>('POST', `${base}/rehearsal`, { fields: changed })
  expect(body.sentences).toMatchObject([
    {
      object: 'lead',
      effect: 'replayed_here',
      field: 'company',
      count: 1,
      message: 'With the changes of the last 30 days, 1 lead would now have another Company here.',
      byHand: expect.stringContaining('1 by northwind@example.test'),
      records: [{ id: lead?.id, from: 'From HubSpot', to: 'By hand' }],
    },
    { effect: 'replayed_there', field: 'company' },
  ])
  const one = await call<RecordRehearsal>('POST', `${base}/rehearsal/record`, {
    object: 'lead',
    id: lead?.id,
    fields: changed,
  })
  expect(one.body.fields.find(row => row.field === 'company')).toMatchObject({
    hubspot: 'From HubSpot',
    isRead: true,
    ours: 'From HubSpot',
    decision: 'equal',
  })
  expect(await everything()).toBe(before)
})

it('refuses what could not be stored, and records that are not there', async () => {
  const entry = { object: 'lead', field: 'company', direction: 'both', policy: 'hubspot_wins' }
  const answers = await Promise.all([
    call('POST', `${base}/rehearsal`, { fields: [{ ...entry, property: 'no_such_property' }] }),
    call('POST', `${base}/rehearsal`, { unknown: true }),
    call('POST', `${base}/rehearsal/record`, { object: 'lead', id: '0'.repeat(24) }),
  ])
  expect(answers.map(answer => answer.status)).toEqual([422, 422, 404])
})
