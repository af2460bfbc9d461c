import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Simulator } from '../../../simulator/index'
import { startSimulator } from '../../support/simulator'
import { apiOf, type Answer } from './connect'

let simulator: Simulator
let api: (method: string, path: string, body?: unknown) => Promise<Answer>
const path = '/crm/properties/2026-09/contacts'
const colour = {
  name: 'colour',
  label: 'Colour',
  type: 'enumeration',
  fieldType: 'select',
  groupName: 'contactinformation',
  options: [{ label: 'Red', value: 'red' }],
}

beforeAll(async () => {
  simulator = await startSimulator({ contacts: 3, deals: 0, webhookUrl: null })
  await simulator.control.setApp({ optionalScopes: ['crm.schemas.contacts.write'] })
  const { accessToken } = await simulator.control.tokens()
  api = apiOf(simulator, accessToken)
})
afterAll(() => simulator.stop())

test('a property is made, used, changed and archived', async () => {
  const made = await api('POST', path, colour)
  expect([made.status, made.body.options]).toMatchObject([201, [{ value: 'red' }]])
  const write = (value: string) =>
    api('POST', '/crm/objects/2026-09/contacts', { properties: { colour: value } })
  expect((await write('red')).status).toBe(201)
  expect((await write('blue')).status).toBe(400)
  const options = [{ label: 'Blue', value: 'blue' }]
  expect((await api('PATCH', `${path}/colour`, { options })).status).toBe(200)
  expect((await write('blue')).status).toBe(201)
  expect((await api('DELETE', `${path}/colour`)).status).toBe(204)
  expect((await api('GET', `${path}/colour`)).status).toBe(404)
  const archived = await api('GET', `${path}?archived=true`)
  expect(archived.body.results.map(({ name }) => name)).toEqual(['colour'])
})

test('a name that is taken, a definition of HubSpot, and a missing scope are refused', async () => {
  expect((await api('POST', path, { ...colour, name: 'email' })).status).toBe(409)
  expect((await api('PATCH', `${path}/email`, { label: 'Mail' })).status).toBe(400)
  expect((await api('DELETE', `${path}/email`)).status).toBe(400)
  expect((await api('POST', path, { ...colour, name: 'Big Name' })).status).toBe(400)
  expect((await api('POST', path.replace('contacts', 'deals'), colour)).status).toBe(403)
})

test('batches make, read and archive several', async () => {
  const names = ['one', 'two']
  const inputs = names.map(name => ({ ...colour, name }))
  const made = await api('POST', `${path}/batch/create`, { inputs })
  expect([made.status, made.body.results.map(({ name }) => name)]).toEqual([200, names])
  const before = await api('POST', '/crm/v3/properties/contacts/batch/create', {
    inputs: [{ ...colour, name: 'before' }],
  })
  expect(before.status).toBe(201)
  const asked = [...names, 'nobody'].map(name => ({ name }))
  const read = await api('POST', `${path}/batch/read`, { inputs: asked, archived: false })
  expect([read.status, read.body.results.map(({ name }) => name)]).toEqual([200, names])
  expect(read.body.errors).toMatchObject([{ category: 'OBJECT_NOT_FOUND' }])
  const gone = { inputs: names.map(name => ({ name })) }
  expect((await api('POST', `${path}/batch/archive`, gone)).status).toBe(204)
})

test('property groups are made, listed, renamed and archived', async () => {
  const groups = `${path}/groups`
  const made = await api('POST', groups, { name: 'partner', label: 'Partner' })
  const partner = { name: 'partner', label: 'Partner', displayOrder: -1, archived: false }
  expect([made.status, made.body]).toEqual([201, partner])
  expect((await api('POST', groups, { name: 'partner', label: 'Again' })).status).toBe(409)
  const renamed = await api('PATCH', `${groups}/partner`, { label: 'Our partner' })
  expect(renamed.body).toEqual({ ...partner, label: 'Our partner' })
  const names = async () => (await api('GET', groups)).body.results.map(({ name }) => name)
  expect(await names()).toEqual(['contactinformation', 'partner'])

  const saved = await simulator.control.snapshot()
  expect((await api('DELETE', `${groups}/partner`)).status).toBe(204)
  expect((await api('GET', `${groups}/partner`)).status).toBe(404)
  expect(await names()).toEqual(['contactinformation'])
  await simulator.control.restore(saved)
  expect(await names()).toEqual(['contactinformation', 'partner'])

  const denied = await api('POST', groups.replace('contacts', 'deals'), { name: 'x', label: 'X' })
  expect(denied.status).toBe(403)
})

test('a property made unique keeps its values apart, and finds records by them', async () => {
  const contacts = '/crm/objects/2026-09/contacts'
  const unique = { name: 'member_no', label: 'Member', type: 'string', fieldType: 'text' }
  await api('POST', path, { ...unique, groupName: 'contactinformation', hasUniqueValue: true })
  const write = (member_no: string, id?: string) =>
    id === undefined
      ? api('POST', contacts, { properties: { firstname: 'Ada', member_no } })
      : api('PATCH', `${contacts}/${id}`, { properties: { member_no } })
  const first = await write('M-1')
  const second = await write('M-1')
  expect([first.status, second.status]).toEqual([201, 400])
  expect(second.body.errors).toMatchObject([{ code: 'CONFLICTING_UNIQUE_VALUE' }])
  expect(second.body.message).toContain(first.body.id)
  const other = await write('M-2')
  expect((await write('M-1', other.body.id)).status).toBe(400)
  expect((await write('M-2', other.body.id)).status).toBe(200)
  const read = await api('GET', `${contacts}/M-1?idProperty=member_no`)
  expect(read.body.id).toBe(first.body.id)
  const inputs = [{ id: 'M-1' }, { id: 'M-2' }, { id: 'M-3' }]
  const batch = await api('POST', `${contacts}/batch/read`, { inputs, idProperty: 'member_no' })
  expect(batch.body.results.map(({ id }) => id)).toEqual([first.body.id, other.body.id])
  const upsert = { id: 'M-1', idProperty: 'member_no', properties: { firstname: 'Ida' } }
  const upserted = await api('POST', `${contacts}/batch/upsert`, { inputs: [upsert] })
  expect(upserted.body.results).toMatchObject([{ id: first.body.id, new: false }])
  // A value that its record gave up, or took to the bin with it, is free again.
  expect((await write('M-9', first.body.id)).status).toBe(200)
  expect((await write('M-1', other.body.id)).status).toBe(200)
  await api('DELETE', `${contacts}/${other.body.id}`)
  expect((await write('M-1')).status).toBe(201)
  expect((await api('GET', `${contacts}/Ada?idProperty=firstname`)).status).toBe(400)
})

test('values written before a property became unique are known', async () => {
  const portal = simulator.control.portal()
  await portal.setProperty('contacts', { name: 'badge' })
  const early = await portal.create('contacts', { firstname: 'Early', badge: 'B-1' })
  await portal.setProperty('contacts', { name: 'badge', hasUniqueValue: true })
  const refused = await api('POST', '/crm/objects/2026-09/contacts', {
    properties: { firstname: 'Late', badge: 'B-1' },
  })
  expect([refused.status, refused.body.message.includes(early.id)]).toEqual([400, true])
})
