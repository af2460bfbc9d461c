import type { ObjectId } from 'mongodb'
import { beforeEach, describe, expect, it } from 'vitest'
import { createCursors } from '../../../server/database/cursor'
import type { Crm, CrmObject } from '../../../server/hubspot/crm-types'
import { createRecords } from '../../../server/leads/index'
import { createAccountChange } from '../../../server/sync/readers/account-change'
import { present } from '../../support/present'
import { clock, later, useLinkedRecords } from './linked-records'
import { aContact, aDealObject, mappingOf } from './records'

const bench = useLinkedRecords()
const { apply, target, leads, deals } = bench
const another = '222'

function records() {
  const { collections } = bench.database
  return createRecords({
    collections,
    clock,
    mapping: mappingOf(collections, clock),
    cursors: createCursors({ secret: Buffer.from('of this test') }),
    onLocalChange: async () => {},
  })
}
const edit = (id: ObjectId | undefined, patch: object) =>
  records().leads.patch(bench.partnerId, present(id).toHexString(), patch)
const follow = (portalId: string) => {
  const { collections } = bench.database
  const mapping = mappingOf(collections, clock)
  return createAccountChange({ collections, clock, mapping })({
    partnerId: bench.partnerId,
    portalId,
  })
}
const applyTo = (portalId: string, contacts: CrmObject[]) =>
  bench.inbound.apply({ ...target(), portalId, records: contacts, runId: null })
const liveWith = async (email: string) =>
  (await leads()).filter(
    lead => lead.values.email === email && lead.archived_at === null && !lead.detached_at,
  )
const kindsOf = ({ history = [] }: { history?: { kind: string }[] }) => history.map(one => one.kind)

describe('deleted in HubSpot and imported again', () => {
  it('the same lead is linked again, with its history, its edits and its deals', async () => {
    const [one] = await leads()
    await edit(one?._id, { company: 'Edited here', phone: '1' })
    await bench.inbound.archive({ ...target(), ids: ['1'] })
    await apply('contacts', [
      aContact('7', { email: 'ONE@example.com', firstname: 'Renamed' }, later),
    ])
    const all = await leads()
    expect(all.map(lead => lead.hubspot_id)).toEqual(['7', '2'])
    expect(all[0]).toMatchObject({
      _id: one?._id,
      archived_at: null,
      dirty: true,
      values: { firstName: 'Renamed', company: 'Edited here', phone: '1' },
      sync: { state: 'pending' },
    })
    expect(kindsOf(present(all[0]))).toEqual(['edited', 'archived', 'restored', 'merged'])
    await apply('deals', [aDealObject('90', { dealname: 'First' }, ['7', '2'], later)])
    expect((await deals())[0]?.lead_ids.map(String)).toContain(String(one?._id))
  })

  it('before we heard of the deletion: HubSpot is asked, and no two live leads have one address', async () => {
    const [one] = await leads()
    const crm = { batchRead: async () => ({ results: [], missing: ['1'] }) } as unknown as Crm
    await bench.inbound.apply({
      ...target(),
      records: [aContact('7', { email: 'one@example.com' }, later)],
      runId: null,
      crm,
    })
    expect((await leads()).map(lead => [String(lead._id), lead.hubspot_id])).toEqual([
      [String(one?._id), '7'],
      [String((await leads())[1]?._id), '2'],
    ])
  })

  it('an address that moves to another contact stays with that one', async () => {
    const [one, two] = await leads()
    const moved = aContact('1', { email: 'new@example.com', firstname: 'One' }, later)
    const crm = { batchRead: async () => ({ results: [moved], missing: [] }) } as unknown as Crm
    await bench.inbound.apply({
      ...target(),
      records: [aContact('7', { email: 'one@example.com' }, later)],
      runId: null,
      crm,
    })
    const all = await leads()
    expect(all.map(lead => [lead.hubspot_id, lead.values.email])).toEqual([
      ['1', 'new@example.com'],
      ['2', 'two@example.com'],
      ['7', 'one@example.com'],
    ])
    expect(all.slice(0, 2).map(lead => lead._id)).toEqual([one?._id, two?._id])
  })

  it('a merge into a third contact keeps an edit that waits, whatever is heard first', async () => {
    const [one] = await leads()
    await edit(one?._id, { company: 'Edited here' })
    await bench.inbound.archive({ ...target(), ids: ['1', '2'] })
    const merged = aContact(
      '8',
      { email: 'one@example.com', firstname: 'One', hs_merged_object_ids: '1;2' },
      later,
    )
    await apply('contacts', [merged])
    const all = await leads()
    expect(all).toHaveLength(1)
    expect(all[0]).toMatchObject({
      _id: one?._id,
      hubspot_id: '8',
      archived_at: null,
      dirty: true,
      values: { company: 'Edited here' },
    })
  })

  it.each([
    ['a lead that is made here with its address', { email: 'one@example.com', lastName: 'New' }],
    ['one whose fields are given otherwise', { email: 'one@example.com', firstName: null }],
  ])('%s takes it up: its id, its history, and what is not given', async (_, input) => {
    const [one] = await leads()
    await bench.inbound.archive({ ...target(), ids: ['1'] })
    const made = await records().leads.create(bench.partnerId, input)
    expect(made).toMatchObject({ id: String(one?._id), firstName: 'One', hubspotId: null })
    expect(kindsOf(present((await leads())[0]))).toEqual(['archived', 'restored'])
    expect((await leads())[0]).toMatchObject({ dirty: true, archived_at: null, hubspot_id: null })
    await expect(records().leads.create(bench.partnerId, input)).rejects.toThrow()
  })

  it('the key of a request that took one up answers it again', async () => {
    const [one] = await leads()
    await bench.inbound.archive({ ...target(), ids: ['1'] })
    const once = () =>
      records().leads.createOnce(
        bench.partnerId,
        'a-key',
        { email: 'one@example.com' },
        { id: bench.partnerId, email: 'x@example.com' },
      )
    expect((await once()).record.id).toBe(String(one?._id))
    expect(await once()).toMatchObject({ isRepeat: true, record: { id: String(one?._id) } })
  })

  it('its address can be given to another lead', async () => {
    const [, two] = await leads()
    await bench.inbound.archive({ ...target(), ids: ['1'] })
    expect(await edit(two?._id, { email: 'one@example.com' })).toMatchObject({
      email: 'one@example.com',
    })
  })
})

describe('another account is connected', () => {
  beforeEach(async () => {
    await follow(another)
  })

  it('records of the former one are unlinked, name no ids of it, and wait for nothing', async () => {
    const [one] = await leads()
    const edited = await edit(one?._id, { company: 'Edited meanwhile' })
    expect(edited).toMatchObject({ hubspotId: null, sync: { state: 'unlinked' } })
    const deal = await records().deals.patch(
      bench.partnerId,
      present((await deals())[0])._id.toHexString(),
      { name: 'Edited meanwhile' },
    )
    expect(deal).toMatchObject({
      hubspotId: null,
      hubspotStageId: null,
      sync: { state: 'unlinked' },
    })
    expect([...(await leads()), ...(await deals())].map(({ dirty }) => dirty)).toEqual(
      Array.from({ length: 4 }, () => false),
    )
  })

  it('one is linked by its address, its unedited values give way', async () => {
    const [one] = await leads()
    await edit(one?._id, { company: 'Edited meanwhile' })
    await applyTo(another, [
      aContact('1', { email: 'two@example.com', lastname: 'Zwei' }),
      aContact('5', { email: 'one@example.com', firstname: 'Eins' }),
    ])
    const all = await leads()
    expect(all.map(lead => [lead.portal_id, lead.hubspot_id])).toEqual([
      [another, '5'],
      [another, '1'],
    ])
    expect(all[0]).toMatchObject({
      values: { firstName: 'Eins', company: 'Edited meanwhile' },
      sync: { state: 'pending' },
    })
    expect(all[1]).toMatchObject({ values: { lastName: 'Zwei' }, sync: { state: 'in_sync' } })
    expect(await liveWith('one@example.com')).toHaveLength(1)
  })

  it('the former one again: edits made meanwhile are written', async () => {
    const [one] = await leads()
    await edit(one?._id, { company: 'Edited meanwhile' })
    await follow(target().portalId)
    expect((await leads()).map(lead => [lead.dirty, lead.sync.state, lead.detached_at])).toEqual([
      [true, 'pending', null],
      [false, 'in_sync', null],
    ])
    expect((await deals()).map(deal => deal.sync.state)).toEqual(['in_sync', 'in_sync'])
  })
})

it('a deal that somebody deleted here only, and that a search finds, is counted once: when it is read', async () => {
  const { partnerId, portalId } = target()
  await bench.database.collections.dismissedRecords.insertOne({
    _id: `${partnerId.toHexString()}:${portalId}:deals:95`,
    partner_id: partnerId,
    at: clock(),
  })
  const records = [aDealObject('95', { dealname: 'Dismissed' })]
  expect(
    await bench.inbound.applyPage({
      ...target(),
      type: 'deals',
      records,
      runId: null,
      leave: 'not_live',
    }),
  ).toMatchObject({ counts: { seen: 0, unchanged: 0 }, left: ['95'] })
  expect(await apply('deals', records)).toMatchObject({ seen: 1, unchanged: 1 })
})
