import { BSON, ObjectId } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Deal, HistoryList, Lead } from '#shared/contracts/leads'
import type { Operation, OperationStarted, UndoPreview } from '#shared/contracts/operations'
import { mountRoutes, type CallAs } from '../../support/mount-routes'
import { startSyncBench, type SyncBench } from '../../support/sync'
import { recordRoutes } from './routes'

let bench: SyncBench
let http: Awaited<ReturnType<typeof mountRoutes>>
let call: CallAs

beforeAll(async () => {
  bench = await startSyncBench()
  http = await mountRoutes(bench.services, recordRoutes)
  call = await http.as('northwind@example.test', 'a long enough password')
  await bench.run('initial')
})
afterAll(async () => {
  await http.close()
  await bench.stop()
})

async function carriedOut({ operationId }: OperationStarted): Promise<Operation> {
  await bench.services.operations.execute(new ObjectId(operationId))
  return (await call<Operation>('GET', `/api/v1/operations/${operationId}`)).body
}

/** Leads that stand in HubSpot too. */
async function syncedLeads(count: number, name: string): Promise<Lead[]> {
  const leads = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const values = { email: `${name}${index}@example.com`, company: `Company ${index}` }
      return (await call<Lead>('POST', '/api/v1/leads', values)).body
    }),
  )
  await bench.run('webhook')
  return await Promise.all(leads.map(({ id }) => leadOf(id)))
}
const leadOf = async (id: string) => (await call<Lead>('GET', `/api/v1/leads/${id}`)).body
const remote = async ({ hubspotId }: Lead) =>
  (await bench.portal.get('contacts', hubspotId ?? ''))?.properties

async function bulk(leads: Lead[], patch: object): Promise<string> {
  const { body } = await call<OperationStarted>('POST', '/api/v1/leads/bulk', {
    ids: leads.map(lead => lead.id),
    patch,
  })
  await carriedOut(body)
  return body.operationId
}
const undo = (path: string, body: object = {}) =>
  call<OperationStarted & UndoPreview>('POST', `${path}/undo`, body)

describe('a bulk edit', () => {
  it('is taken back here and in HubSpot; what somebody changed since is left and named', async () => {
    const leads = await syncedLeads(5, 'bulk')
    const [first, second] = leads as [Lead, Lead]
    const id = await bulk(leads, { company: 'Wrong', phone: '+1 555 0100' })
    await bench.run('webhook')
    expect((await remote(first))?.company).toBe('Wrong')
    await call('PATCH', `/api/v1/leads/${second.id}`, { company: 'By hand' })
    const path = `/api/v1/operations/${id}`
    const preview = await undo(path, { dryRun: true })
    expect(preview.status).toBe(200)
    expect(preview.body.total).toBe(9)
    expect(preview.body.changes).toContainEqual({
      object: 'lead',
      id: first.id,
      name: 'bulk0@example.com',
      field: 'company',
      now: 'Wrong',
      after: 'Company 0',
    })
    expect(preview.body.skipped).toEqual([
      {
        object: 'lead',
        id: second.id,
        name: 'bulk1@example.com',
        why: 'company: somebody changed it since.',
      },
    ])
    expect((await leadOf(first.id)).company).toBe('Wrong')
    const started = await undo(path)
    expect(started.status).toBe(202)
    expect(await carriedOut(started.body)).toMatchObject({
      kind: 'undo',
      status: 'succeeded',
      counts: { total: 5, done: 5, failed: 0 },
    })
    expect((await call(`GET`, path)).body).toMatchObject({ undoneBy: started.body.operationId })
    await bench.run('webhook')
    expect(await leadOf(first.id)).toMatchObject({ company: 'Company 0', phone: null })
    expect(await remote(first)).toMatchObject({ company: 'Company 0' })
    expect(await leadOf(second.id)).toMatchObject({ company: 'By hand', phone: null })
    // An undo of the undo.
    const again = await undo(`/api/v1/operations/${started.body.operationId}`)
    await carriedOut(again.body)
    await bench.run('webhook')
    expect(await leadOf(first.id)).toMatchObject({ company: 'Wrong', phone: '+1 555 0100' })
    expect((await remote(first))?.company).toBe('Wrong')
    expect((await call(`GET`, path)).body).toMatchObject({ undoneBy: null })
  })

  it('is taken back once, also when the process is killed before it stored the step', async () => {
    const leads = await syncedLeads(3, 'killed')
    const id = await bulk(leads, { jobTitle: 'Wrong' })
    const { body } = await undo(`/api/v1/operations/${id}`)
    const ended = await carriedOut(body)
    const { operations, leads: stored } = bench.collections
    await operations.updateOne(
      { _id: new ObjectId(body.operationId) },
      {
        $set: {
          status: 'running',
          cursor: null,
          'lease.until': new Date(0),
          counts: { total: 3, done: 0, failed: 0, skipped: 0 },
        },
      },
    )
    expect((await carriedOut(body)).counts).toEqual(ended.counts)
    const record = await stored.findOne({ _id: new ObjectId(leads[0]?.id) })
    const own = record?.history?.filter(entry => String(entry.cause) === body.operationId)
    expect(own).toHaveLength(1)
    // What one change costs to keep.
    const bytes = BSON.calculateObjectSize(own?.[0] ?? {})
    expect(bytes).toBeLessThan(400)
  })
})

describe('a run', () => {
  it('that brought changes from HubSpot is taken back; a contact that it created is archived', async () => {
    const [lead] = (await syncedLeads(1, 'run')) as [Lead]
    await bench.portal.edit('contacts', lead.hubspotId ?? '', { company: 'From HubSpot' })
    const run = await bench.run()
    expect((await leadOf(lead.id)).company).toBe('From HubSpot')
    const { body } = await undo(`/api/v1/integrations/hubspot/runs/${String(run._id)}`)
    expect(await carriedOut(body)).toMatchObject({ counts: { done: 1 } })
    await bench.run('webhook')
    expect(await remote(lead)).toMatchObject({ company: 'Company 0' })

    const made = (await call<Lead>('POST', '/api/v1/leads', { email: 'made@example.com' })).body
    const creating = await bench.run('webhook')
    const linked = await leadOf(made.id)
    const undoing = await undo(`/api/v1/integrations/hubspot/runs/${String(creating._id)}`)
    const ended = await carriedOut(undoing.body)
    expect(ended).toMatchObject({ counts: { done: 1, failed: 0 } })
    expect((await bench.portal.get('contacts', linked.hubspotId ?? ''))?.archived).toBe(true)
    expect((await leadOf(made.id)).sync.state).toBe('unlinked')
    // HubSpot restores nothing for an app: the undo of the undo makes it anew.
    await carriedOut((await undo(`/api/v1/operations/${undoing.body.operationId}`)).body)
    await bench.run('webhook')
    const remade = await leadOf(made.id)
    expect(remade.sync.state).toBe('in_sync')
    expect(remade.hubspotId).not.toBe(linked.hubspotId)
  })
})

describe('an import from HubSpot', () => {
  it('is taken back here: what it brought goes, HubSpot keeps it, and what was edited since stays', async () => {
    // What earlier tests left to read.
    await bench.run()
    const ids = await Promise.all(
      ['left', 'edited'].map(async name =>
        bench.portal.create('contacts', { email: `${name}@imported.example.com` }),
      ),
    )
    const [left = '', edited = ''] = ids.map(one => one.id)
    const run = await bench.run()
    const lead = await bench.leadOf(edited)
    await call('PATCH', `/api/v1/leads/${String(lead?._id)}`, { company: 'By hand' })
    const path = `/api/v1/integrations/hubspot/runs/${String(run._id)}`
    const preview = (await undo(path, { dryRun: true })).body
    expect(preview).toMatchObject({
      total: 1,
      changes: [{ object: 'lead', field: 'record', now: 'exists', after: null }],
      skipped: [{ why: 'Somebody changed it since it was imported.' }],
    })
    const { body } = await undo(path)
    expect(await carriedOut(body)).toMatchObject({ counts: { done: 1, skipped: 1, failed: 0 } })
    expect(await bench.leadOf(left)).toBeNull()
    expect((await bench.leadOf(edited))?.values.company).toBe('By hand')
    // It stands in HubSpot as before, and does not come back by itself.
    await bench.portal.edit('contacts', left, { company: 'Changed there' })
    await bench.run()
    expect(await bench.leadOf(left)).toBeNull()
    expect((await bench.portal.get('contacts', left)).archived).toBe(false)
    // The undo of the undo brings it back, linked to the very same contact.
    const again = (await undo(`/api/v1/operations/${body.operationId}`)).body
    expect(await carriedOut(again)).toMatchObject({ counts: { done: 1, failed: 0 } })
    expect((await bench.leadOf(left))?.values.email).toBe('left@imported.example.com')
    await bench.run('reconcile')
    expect((await bench.leadOf(left))?.values.company).toBe('Changed there')
    // Once more: an imported contact is never archived in HubSpot.
    await carriedOut((await undo(`/api/v1/operations/${again.operationId}`)).body)
    expect(await bench.leadOf(left)).toBeNull()
    expect((await bench.portal.get('contacts', left)).archived).toBe(false)
  })
})

describe('one change', () => {
  it('of a lead, of a deal and the making of a lead are taken back', async () => {
    const [lead] = (await syncedLeads(1, 'entry')) as [Lead]
    await call('PATCH', `/api/v1/leads/${lead.id}`, { company: 'Typed wrong' })
    const history = async () =>
      (await call<HistoryList>('GET', `/api/v1/leads/${lead.id}/history`)).body.items
    const entry = (await history()).find(one => one.kind === 'edited')
    const path = `/api/v1/leads/${lead.id}/history/${entry?.id}`
    expect((await undo(path, { dryRun: true })).body).toEqual({
      changes: [
        {
          object: 'lead',
          id: lead.id,
          name: expect.any(String),
          field: 'company',
          now: 'Typed wrong',
          after: 'Company 0',
        },
      ],
      skipped: [],
      total: 1,
    })
    await carriedOut((await undo(path)).body)
    expect((await leadOf(lead.id)).company).toBe('Company 0')
    expect((await undo(`/api/v1/leads/${lead.id}/history/${lead.id}`)).status).toBe(404)
    expect((await undo(`/api/v1/deals/${lead.id}/history/${entry?.id}`)).status).toBe(404)

    const deal = (await call<Deal>('POST', '/api/v1/deals', { name: 'Undone' })).body
    await call('PATCH', `/api/v1/deals/${deal.id}`, { stage: 'won', leadIds: [lead.id] })
    const stored = await bench.collections.deals.findOne({ _id: new ObjectId(deal.id) })
    const edited = stored?.history?.find(one => one.kind === 'edited')
    await carriedOut((await undo(`/api/v1/deals/${deal.id}/history/${String(edited?._id)}`)).body)
    expect((await call<Deal>('GET', `/api/v1/deals/${deal.id}`)).body).toMatchObject({
      stage: null,
      leadIds: [],
    })

    const making = (await history()).find(one => one.kind === 'created')
    const { body } = await undo(`/api/v1/leads/${lead.id}/history/${making?.id}`)
    // It was edited since it was made.
    expect(await carriedOut(body)).toMatchObject({ counts: { done: 0, skipped: 1 } })
    const [fresh] = (await syncedLeads(1, 'fresh')) as [Lead]
    const freshHistory = (await call<HistoryList>('GET', `/api/v1/leads/${fresh.id}/history`)).body
    const made = freshHistory.items.find(one => one.kind === 'created')
    const removal = await undo(`/api/v1/leads/${fresh.id}/history/${made?.id}`)
    expect(await carriedOut(removal.body)).toMatchObject({ counts: { done: 1 } })
    expect((await call('GET', `/api/v1/leads/${fresh.id}`)).status).toBe(404)
    expect((await bench.portal.get('contacts', fresh.hubspotId ?? ''))?.archived).toBe(true)
    await carriedOut((await undo(`/api/v1/operations/${removal.body.operationId}`)).body)
    expect(await leadOf(fresh.id)).toMatchObject({ email: fresh.email, hubspotId: null })
  })
})

describe('a lead or deal that is deleted', () => {
  it('here only stays in HubSpot, and does not come back with a sync', async () => {
    const [lead] = (await syncedLeads(1, 'dismissed')) as [Lead]
    const deal = await call<Deal>('POST', '/api/v1/deals', { name: 'Kept', leadIds: [lead.id] })
    expect((await call('DELETE', `/api/v1/leads/${lead.id}`)).status).toBe(204)
    expect((await call('GET', `/api/v1/leads/${lead.id}`)).status).toBe(404)
    expect((await call('DELETE', `/api/v1/leads/${lead.id}`)).status).toBe(404)
    expect((await call<Deal>('GET', `/api/v1/deals/${deal.body.id}`)).body.leadIds).toEqual([])
    await bench.portal.edit('contacts', lead.hubspotId ?? '', { company: 'Changed' })
    await bench.run()
    await bench.run('reconcile')
    expect(await bench.leadOf(lead.hubspotId ?? '')).toBeNull()
    expect((await bench.portal.get('contacts', lead.hubspotId ?? '')).archived).toBe(false)
    // A new lead with its address is linked to it again, and synced.
    const again = await call<Lead>('POST', '/api/v1/leads', { email: lead.email })
    await bench.run('webhook')
    expect((await leadOf(again.body.id)).hubspotId).toBe(lead.hubspotId)
    await bench.portal.edit('contacts', lead.hubspotId ?? '', { company: 'Synced again' })
    await bench.run()
    expect((await leadOf(again.body.id)).company).toBe('Synced again')
  })

  it('in HubSpot too is archived there; while nothing may be written, nothing is deleted', async () => {
    const [lead] = (await syncedLeads(1, 'deleted')) as [Lead]
    const path = `/api/v1/leads/${lead.id}?inHubspot=true`
    const setWriteBack = (on: boolean) =>
      bench.collections.partners.updateOne(
        { _id: bench.partner.partnerId },
        { $set: { 'hubspot_integration.write_back': on } },
      )
    await setWriteBack(false)
    expect((await call('DELETE', path)).status).toBe(409)
    expect((await leadOf(lead.id)).id).toBe(lead.id)
    await setWriteBack(true)
    expect((await call('DELETE', path)).status).toBe(204)
    expect((await bench.portal.get('contacts', lead.hubspotId ?? '')).archived).toBe(true)
    expect((await call('DELETE', '/api/v1/leads/x?inHubspot=perhaps')).status).toBe(404)
  })
})
