import { ObjectId } from 'mongodb'
import { describe, expect, it } from 'vitest'
import type { Lead, LeadList } from '#shared/contracts/leads'
import type {
  ImportPreview,
  Operation,
  OperationResultList,
  OperationStarted,
} from '#shared/contracts/operations'
import { createErasureRepository } from '../../../server/sync/inbound/privacy-deletion-repository'
import type { CallAs } from '../../support/mount-routes'
import { useRecordsApi } from './records-api'

const api = useRecordsApi()
const { call, other, anotherPartner } = api
const path = '/api/v1/leads/import'
const csv = { 'content-type': 'text/csv; charset=utf-8' }

const start = async (as: CallAs, file: string) => {
  const { status, body } = await as<OperationStarted>('POST', path, file, csv)
  expect(status).toBe(202)
  return body.operationId
}
const execute = (id: string) => api.bench.services.operations.execute(new ObjectId(id))
const operation = async (as: CallAs, id: string) =>
  (await as<Operation>('GET', `/api/v1/operations/${id}`)).body
const waiting = (id: string) =>
  api.bench.collections.importRows.countDocuments({ operation_id: new ObjectId(id) })
const leadsOf = async (as: CallAs, query = '') =>
  (await as<LeadList>('GET', `/api/v1/leads?limit=100&${query}`)).body

async function takeBack(as: CallAs, id: string): Promise<void> {
  const { body } = await as<OperationStarted>('POST', `/api/v1/operations/${id}/undo`, {})
  await execute(body.operationId)
}

describe('an import of leads', () => {
  it('says what it would do, does it, and can be undone', async () => {
    const mine = await anotherPartner('Import')
    const known = { email: 'known@import.test', firstName: 'Kim', company: 'Mills' }
    const same = { email: 'same@import.test', firstName: 'Sam' }
    const { body: kept } = await mine<Lead>('POST', '/api/v1/leads', known)
    await mine('POST', '/api/v1/leads', same)
    const file = [
      'E-mail;First name;company;colour',
      'KNOWN@import.test;;Engines;red',
      'same@import.test;Sam;;red',
      'new@import.test;=1+1;Engines;red',
      'not an address;Nobody;;red',
      ';;Engines;red',
      'new@import.test;Again;;red',
    ].join('\r\n')

    const dry = await mine<ImportPreview>('POST', `${path}?dryRun=true`, file, csv)
    expect(dry.status).toBe(200)
    expect(dry.body).toEqual({
      create: 1,
      update: 1,
      unchanged: 1,
      skip: [
        { line: 1, why: 'Unknown columns, not imported: colour.' },
        { line: 5, why: 'email: Invalid email address.' },
        { line: 6, why: 'email: an e-mail address or a name is needed.' },
        { line: 7, why: 'Line 4 has the same e-mail address.' },
      ],
    })
    expect((await leadsOf(mine)).total).toBe(2)

    const id = await start(mine, file)
    expect(await operation(mine, id)).toMatchObject({ kind: 'import', status: 'queued' })
    expect((await other('GET', `/api/v1/operations/${id}`)).status).toBe(404)
    await execute(id)
    expect(await operation(mine, id)).toMatchObject({
      status: 'succeeded',
      counts: { total: 6, done: 2, failed: 0, skipped: 4 },
      by: { email: 'import@example.test' },
    })
    expect(await waiting(id)).toBe(0)
    const results = await mine<OperationResultList>('GET', `/api/v1/operations/${id}/results`)
    expect(
      results.body.items.map(({ line }) => line).sort((a, b) => Number(a) - Number(b)),
    ).toEqual([1, 3, 5, 6, 7])
    expect((await mine<Lead>('GET', `/api/v1/leads/${kept.id}`)).body).toMatchObject({
      ...known,
      company: 'Engines',
    })
    const made = (await leadsOf(mine, 'q=new')).items
    expect(made).toMatchObject([{ email: 'new@import.test', firstName: '=1+1' }])

    await takeBack(mine, id)
    expect((await leadsOf(mine)).items.map(({ email }) => email).sort()).toEqual([
      known.email,
      same.email,
    ])
    expect((await mine<Lead>('GET', `/api/v1/leads/${kept.id}`)).body.company).toBe('Mills')
  })

  it('leaves a lead as it is whose line says the same in another way, dry or not', async () => {
    const field = async (body: object) =>
      (await call<{ key: string }>('POST', '/api/v1/fields', { object: 'lead', ...body })).body.key
    const size = await field({ label: 'Size', type: 'number' })
    const isKey = await field({ label: 'Key account', type: 'boolean' })
    const seen = await field({ label: 'Seen', type: 'datetime' })
    const options = [
      { value: 'r1', label: 'North' },
      { value: 'r2', label: 'South' },
    ]
    const regions = await field({ label: 'Regions', type: 'choices', options })
    const { status } = await call('POST', '/api/v1/leads', {
      email: 'alike@import.test',
      phone: '555 0100',
      fields: {
        [size]: '1200.50',
        [isKey]: true,
        [seen]: '2026-11-24T10:00:00.000Z',
        [regions]: ['r1', 'r2'],
      },
    })
    expect(status).toBe(201)
    const header = `email;phone;${size};${isKey};${seen};${regions}`
    const same = 'ALIKE@import.test;555 0100;1200.5;Yes;2026-11-24T11:00:00+01:00;"South;north"'
    const file = (line: string) => `${header}\n${line}\n`
    const dry = async (line: string) =>
      (await call<ImportPreview>('POST', `${path}?dryRun=true`, file(line), csv)).body
    expect(await dry(same)).toEqual({ create: 0, update: 0, unchanged: 1, skip: [] })
    // How a number is written is the person's own choice; the rest of the line stays the same.
    const other = same.replace('555 0100', '(555) 0100')
    expect(await dry(other)).toMatchObject({ update: 1, unchanged: 0 })

    const before = (await leadsOf(call, 'q=alike')).items[0]
    const id = await start(call, file(same))
    await execute(id)
    expect(await operation(call, id)).toMatchObject({ counts: { done: 0, skipped: 1 } })
    expect((await leadsOf(call, 'q=alike')).items[0]).toEqual(before)
    await execute(await start(call, file(other)))
    expect((await leadsOf(call, 'q=alike')).items[0]).toMatchObject({
      phone: '(555) 0100',
      fields: before?.fields,
    })
  })

  it('makes nothing twice when a step is done again, with or without an address', async () => {
    const mine = await anotherPartner('Resumed')
    const lines = Array.from({ length: 130 }, (_, index) =>
      index % 2 === 0 ? `n${index}@resumed.test,N${index}` : `,N${index}`,
    )
    const id = await start(mine, ['email,firstName', ...lines].join('\n'))
    const { importRows, operations, leads } = api.bench.collections
    const rows = await importRows.find({ operation_id: new ObjectId(id) }).toArray()
    expect(rows.map(chunk => chunk.rows.length)).toEqual([100, 30])
    await execute(id)
    const counts = { total: 130, done: 130, failed: 0, skipped: 0 }
    expect(await operation(mine, id)).toMatchObject({ counts })

    // As if the process had been killed before it stored the second step.
    await importRows.insertMany(rows)
    await operations.updateOne(
      { _id: new ObjectId(id) },
      {
        $set: {
          status: 'running',
          cursor: { chunk: 1 },
          finished_at: null,
          'lease.until': new Date(0),
          'counts.done': 100,
        },
      },
    )
    await execute(id)
    expect(await operation(mine, id)).toMatchObject({ status: 'succeeded', counts })
    expect(await leads.countDocuments({ 'history.cause': new ObjectId(id) })).toBe(130)
    expect((await leadsOf(mine)).total).toBe(130)
  })

  it('whose lines are gone has failed', async () => {
    const id = await start(call, 'email\ngone@import.test\n')
    await api.bench.collections.importRows.deleteMany({})
    await execute(id)
    expect(await operation(call, id)).toMatchObject({
      status: 'failed',
      error: { code: 'not_found' },
    })
  })

  it('forgets the lines of somebody who is erased in HubSpot', async () => {
    const { collections, services } = api.bench
    const lead = await api.lead({ email: 'erased@import.test' })
    const id = await start(call, 'email\nerased@import.test\nstays@import.test\n')
    const repository = createErasureRepository(collections, () => new Date(), {
      seal: text => text,
      open: text => text,
    })
    const northwind = await services.database.collections.leads.findOne({
      _id: new ObjectId(lead.id),
    })
    if (!northwind) throw new Error('The lead is not there')
    await repository.deleteWaitingRows(northwind.partner_id, [northwind._id])
    const [chunk] = await collections.importRows.find({ operation_id: new ObjectId(id) }).toArray()
    expect(chunk?.rows).toMatchObject([{ line: 3, input: { email: 'stays@import.test' } }])
    await execute(id)
    expect(await operation(call, id)).toMatchObject({ counts: { total: 1, done: 1 } })
  })

  it('takes CSV of at most 10 MB, and nothing else', async () => {
    const file = 'email,company\na@import.test,x\n'
    for (const type of ['application/json', 'text/plain', 'text/csv; charset=utf-16', 'text/csvx'])
      expect((await call('POST', path, file, { 'content-type': type })).status, type).toBe(415)
    const tooLarge = `email\n${'a\n'.repeat(5 * 1024 * 1024)}`
    const refused = await call('POST', `${path}?dryRun=true`, tooLarge, csv)
    expect(refused).toMatchObject({
      status: 413,
      body: { data: { code: 'payload_too_large' } },
    })
    const large = `email\n${`${'x'.repeat(4999)}\n`.repeat(2000)}`
    const taken = await call<ImportPreview>('POST', `${path}?dryRun=true`, large, csv)
    expect(taken.status).toBe(200)
    expect(taken.body.skip).toHaveLength(2000)
    for (const wrong of ['', 'colour\nred\n', 'email\n"a@import.test'])
      expect((await call('POST', path, wrong, csv)).status, wrong).toBe(422)
    expect((await call('POST', `${path}?dryRun=maybe`, file, csv)).status).toBe(422)
    expect(await api.bench.collections.importRows.countDocuments({})).toBe(0)
  })
})
