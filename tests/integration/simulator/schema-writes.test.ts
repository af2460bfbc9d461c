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

test('batches make and archive several', async () => {
  const names = ['one', 'two']
  const inputs = names.map(name => ({ ...colour, name }))
  const made = await api('POST', `${path}/batch/create`, { inputs })
  expect([made.status, made.body.results.map(({ name }) => name)]).toEqual([201, names])
  const gone = { inputs: names.map(name => ({ name })) }
  expect((await api('POST', `${path}/batch/archive`, gone)).status).toBe(204)
})
