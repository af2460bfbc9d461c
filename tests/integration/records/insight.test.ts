import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Explain, Preview } from '#shared/contracts/insight'
import type { Deal, Lead } from '#shared/contracts/leads'
import { mountRoutes, type CallAs } from '../../support/mount-routes'
import { startSyncBench, type SyncBench } from '../../support/sync'
import { recordRoutes } from './routes'
import { present } from '../../support/present'
import { aUser } from '../../support/users'

let bench: SyncBench
let http: Awaited<ReturnType<typeof mountRoutes>>
let call: CallAs
let other: CallAs
let linkedId: string
let ids: { ada: string; grace: string }
const base = '/api/v1/integrations/hubspot'
const password = 'a long enough password'

beforeAll(async () => {
  bench = await startSyncBench({ writeBack: false })
  await aUser(bench.services.database.collections, {
    partnerName: 'Contoso',
    email: 'contoso@example.test',
    password,
    role: 'admin',
  })
  http = await mountRoutes(bench.services, recordRoutes)
  call = await http.as('northwind@example.test', password)
  other = await http.as('contoso@example.test', password)
  const { portal, partner } = bench
  const ada = await portal.create('contacts', { email: 'ada@example.com', firstname: 'Ada' })
  const grace = await portal.create('contacts', { email: 'grace@example.com', firstname: 'Grace' })
  ids = { ada: ada.id, grace: grace.id }
  const crm = bench.services.crm.forPartner(partner.partnerId)
  const page = await crm.listPage('contacts', {
    properties: await bench.services.mapping.propertiesToRead(partner.partnerId, 'contacts'),
  })
  await bench.services.sync.inbound.apply({
    ...partner,
    type: 'contacts',
    records: page.results,
    runId: null,
  })
  linkedId = (await bench.leadOf(ada.id))?._id.toHexString() ?? ''
})
afterAll(async () => {
  await http.close()
  await bench.stop()
})

describe('the preview', () => {
  it('counts what would happen each way, shows examples, and writes nothing', async () => {
    const { portal } = bench
    await portal.edit('contacts', ids.grace, { firstname: 'Grace B.' })
    await call('PATCH', `/api/v1/leads/${linkedId}`, { firstName: 'Augusta', company: 'Engines' })
    await portal.edit('contacts', ids.ada, { firstname: 'Adele' })
    await portal.create('contacts', { email: 'new@example.com', firstname: 'New' })
    await portal.create('contacts', { email: 'both@example.com', firstname: 'Both' })
    await call('POST', '/api/v1/leads', { email: 'both@example.com', jobTitle: 'Engineer' })
    await call('POST', '/api/v1/leads', { email: 'ours@example.com' })
    await call('POST', '/api/v1/deals', { name: 'Unplaced', stage: 'won' })
    const before = JSON.stringify([
      await bench.collections.leads.find().toArray(),
      await bench.collections.deals.find().toArray(),
    ])
    await bench.control.clearCalls()
    const { status, body } = await call<Preview>('POST', `${base}/preview`)
    expect(status).toBe(200)
    expect(body.contacts.inbound).toEqual({
      link: 1,
      create: 1,
      update: 1,
      unchanged: 0,
      skip: 0,
      conflict: 1,
    })
    // Ada's company, the linked lead's job title; the lead that only we have.
    expect(body.contacts.outbound).toMatchObject({ create: 1, update: 2 })
    expect(body.deals.outbound).toMatchObject({ create: 0, skip: 1 })
    expect([body.contacts.examined, body.contacts.complete]).toEqual([4, true])
    expect(body.contacts.samples).toContainEqual({
      direction: 'inbound',
      action: 'update',
      label: 'Grace B.',
      hubspotId: ids.grace,
      changes: [{ field: 'firstName', from: 'Grace', to: 'Grace B.' }],
      why: null,
    })
    expect(body.contacts.samples.find(sample => sample.action === 'conflict')).toMatchObject({
      hubspotId: ids.ada,
      changes: [{ field: 'firstName', from: 'Augusta', to: 'Adele' }],
    })
    const csv = await call('GET', `${base}/preview/export`)
    expect(csv.status).toBe(200)
    expect(csv.headers.get('content-disposition')).toMatch(/"preview-\d{4}-\d\d-\d\d\.csv"/)
    const { isWhole, lines } = await bench.services.previewCsv(bench.partner.partnerId)
    expect(isWhole).toBe(true)
    const written: string[] = []
    for await (const line of lines) written.push(line)
    expect(written).toContain(
      `Lead,From HubSpot,Change,Grace B.,${ids.grace},First name,Grace,Grace B.,\r\n`,
    )
    expect(
      JSON.stringify([
        await bench.collections.leads.find().toArray(),
        await bench.collections.deals.find().toArray(),
      ]),
    ).toBe(before)
    expect(
      (await bench.control.calls()).filter(
        one => one.method !== 'GET' && !one.path.includes('oauth'),
      ),
    ).toEqual([])
  })

  it('says so when HubSpot is not connected or away', async () => {
    expect(
      (await other<{ data: { code: string } }>('POST', `${base}/preview`)).body.data.code,
    ).toBe('hubspot_not_connected')
    await bench.control.inject({
      path: '/crm/',
      times: null,
      action: { kind: 'status', status: 503 },
    })
    const answer = await call<{ data: { code: string } }>('POST', `${base}/preview`)
    expect([
      answer.status,
      answer.body.data.code,
      Number(answer.headers.get('retry-after')) > 0,
    ]).toEqual([503, 'hubspot_unavailable', true])
    await bench.control.clearFaults()
  })
})

describe('the explanation', () => {
  it('finds a record by its id, its HubSpot id or its e-mail address, and says what holds each field back', async () => {
    for (const [q, matchedBy] of [
      [linkedId, 'id'],
      [ids.ada, 'hubspot_id'],
      ['ADA@example.com', 'email'],
    ]) {
      const { body } = await call<Explain>('GET', `${base}/explain?q=${q}`)
      expect([q, body.matchedBy, body.record?.object === 'lead' && body.record.lead.id]).toEqual([
        q,
        matchedBy,
        linkedId,
      ])
    }
    const { body } = await call<Explain>('GET', `${base}/explain?q=${linkedId}`)
    expect(body.fields.find(field => field.field === 'company')).toEqual({
      field: 'company',
      property: 'company',
      base: null,
      local: 'Engines',
      remote: null,
      decision: 'kept',
      rule: 'write_back_off',
    })
    expect(body.fields.find(field => field.field === 'email')).toMatchObject({
      base: 'ada@example.com',
      local: 'ada@example.com',
      remote: 'ada@example.com',
      decision: 'equal',
    })
    await bench.collections.partners.updateOne(
      { _id: bench.partner.partnerId },
      { $set: { 'hubspot_integration.write_back': true } },
    )
    expect(
      (await call<Explain>('GET', `${base}/explain?q=${linkedId}`)).body.fields.find(
        field => field.field === 'company',
      ),
    ).toMatchObject({ decision: 'took_local', rule: 'only_local_changed' })
  })

  it("shows a deal's stage, the last error and the next try", async () => {
    const deal = (await call<Deal>('POST', '/api/v1/deals', { name: 'Stuck', stage: 'won' })).body
    const error = { code: 'validation_error', message: 'No', correlationId: 'c-9' }
    await bench.services.deals.markFailed(
      bench.partner.partnerId,
      present(await bench.collections.deals.findOne({ 'values.name': 'Stuck' }))._id,
      { revision: 0, error, retryAt: new Date('2027-01-01T00:00:00.000Z') },
    )
    const { body } = await call<Explain>('GET', `${base}/explain?q=${deal.id}`)
    expect([body.lastError, body.nextTryAt]).toEqual([error, '2027-01-01T00:00:00.000Z'])
    expect(body.fields.find(field => field.field === 'stage')).toMatchObject({
      local: 'won',
      decision: 'refused',
      rule: 'stage_not_mapped',
    })
  })

  it("knows nothing of another partner's records and of what does not exist", async () => {
    const nothing = { record: null, matchedBy: null, fields: [], lastError: null, nextTryAt: null }
    for (const q of [linkedId, ids.ada, 'ada@example.com'])
      expect((await other('GET', `${base}/explain?q=${q}`)).body).toEqual(nothing)
    for (const q of ['nobody@example.com', '{"$ne":""}', '.*', '0'.repeat(24), '99999999999'])
      expect((await call('GET', `${base}/explain?q=${encodeURIComponent(q)}`)).body).toEqual(
        nothing,
      )
    for (const query of ['', 'q=', 'q[$ne]=x', `q=${'a'.repeat(300)}`, 'q=a&x=1'])
      expect((await call('GET', `${base}/explain?${query}`)).status).toBe(422)
  })

  it('keeps what decided a conflict after it is settled', async () => {
    const crm = bench.services.crm.forPartner(bench.partner.partnerId)
    const { results } = await crm.batchRead(
      'contacts',
      [ids.ada],
      await bench.services.mapping.propertiesToRead(bench.partner.partnerId, 'contacts'),
    )
    await bench.services.sync.inbound.apply({
      ...bench.partner,
      type: 'contacts',
      records: results,
      runId: null,
    })
    const lead = (await call<Lead>('GET', `/api/v1/leads/${linkedId}`)).body
    expect(lead.firstName).toBe('Adele')
    expect(
      (await call<Explain>('GET', `${base}/explain?q=${linkedId}`)).body.fields.find(
        field => field.field === 'firstName',
      ),
    ).toMatchObject({ decision: 'took_hubspot', rule: 'hubspot_wins' })
  })
})
