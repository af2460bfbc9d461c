import { Client } from '@hubspot/api-client'
import { parse } from 'csv-parse/sync'
import { inflateRawSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Simulator } from '../../../simulator/index'
import { present } from '../../support/present'
import { startSimulator } from '../../support/simulator'
import { apiOf, type Answer } from './connect'
import { published } from './published-shapes'

let simulator: Simulator
let api: (method: string, path: string, body?: unknown) => Promise<Answer>
let accessToken: string
const exports = '/crm/exports/2026-09/export'
const scopes = ['crm.export', 'crm.objects.contacts.read', 'crm.objects.deals.read']

beforeEach(async () => {
  simulator = await startSimulator({ contacts: 12, deals: 6, webhookUrl: null })
  accessToken = (await simulator.control.tokens(undefined, scopes)).accessToken
  api = apiOf(simulator, accessToken)
})
afterEach(() => simulator.stop())

const view = (changes: object = {}) => ({
  exportType: 'VIEW',
  format: 'CSV',
  exportName: 'All of them',
  objectType: 'CONTACT',
  objectProperties: ['email', 'lifecyclestage'],
  associatedObjectType: ['deals'],
  exportInternalValuesOptions: [],
  language: 'EN',
  includeLabeledAssociations: false,
  includePrimaryDisplayPropertyForAssociatedObjects: false,
  overrideAssociatedObjectsPerDefinitionPerRowLimit: false,
  ...changes,
})
const start = async (changes: object = {}) => {
  const { status, body } = await api('POST', `${exports}/async`, view(changes))
  expect(status).toBe(202)
  return published.exportTask.parse(body).id
}
const statusOf = async (id: string) =>
  published.exportStatus.parse((await api('GET', `${exports}/async/tasks/${id}/status`)).body)
const stateOf = async (id: string) =>
  published.export.parse((await api('GET', `${exports}/${id}`)).body).exportState
async function rowsOf(id: string): Promise<Record<string, string>[]> {
  const file = await fetch(present((await statusOf(id)).result))
  return parse(await file.text(), { columns: true })
}

test('a view is exported with labels or internal names, and opened without a token', async () => {
  const labelled = await rowsOf(await start())
  expect(labelled).toHaveLength(12)
  expect(Object.keys(present(labelled[0]))).toEqual([
    'Record ID',
    'Email',
    'Lifecycle Stage',
    'Associated deal IDs',
  ])
  const filters = [
    { propertyName: 'hs_object_id', operator: 'EQ', value: labelled[3]?.['Record ID'] },
  ]
  const [row, ...more] = await rowsOf(
    await start({
      exportInternalValuesOptions: ['NAMES', 'VALUES'],
      publicCrmSearchRequest: { filters, filterGroups: [], sorts: [] },
    }),
  )
  const contact = await simulator.control.portal().get('contacts', present(row)['Record ID'] ?? '')
  expect(more).toEqual([])
  expect(row).toEqual({
    'Record ID': contact.id,
    email: contact.properties.email ?? '',
    lifecyclestage: contact.properties.lifecyclestage,
    'Associated deal IDs': contact.associations.join(';'),
  })
})

test('the SDK exports a list, whose file holds the records of the list', async () => {
  const limiterOptions = { minTime: 0, maxConcurrent: 10 }
  const sdk = new Client({ accessToken, basePath: simulator.url, limiterOptions })
  const { publicExportsApi } = sdk.crm.exports
  const [list] = await simulator.control.portal().lists()
  const body = view({ exportType: 'LIST', listId: present(list).listId })
  // Its own `start` throws before it sends anything (docs/hubspot-platform.md#sdk).
  await expect(
    publicExportsApi.start(body as unknown as Parameters<typeof publicExportsApi.start>[0]),
  ).rejects.toThrow(TypeError)
  const started = await sdk.apiRequest({ method: 'POST', path: `${exports}/async`, body })
  const { id } = published.exportTask.parse(await started.json())
  const { status, result } = await publicExportsApi.getStatus(Number(id))
  expect(status).toBe('COMPLETE')
  const rows = parse<Record<string, string>>(await (await fetch(present(result))).text(), {
    columns: true,
  })
  expect(rows.map(row => row['Record ID'])).toEqual(present(list).members)
})

test('a file is open for five minutes, and the next look at the task opens it anew', async () => {
  const id = await start()
  const url = present((await statusOf(id)).result)
  await simulator.control.advanceClock(299_000)
  expect((await fetch(url)).status).toBe(200)
  await simulator.control.advanceClock(2_000)
  expect((await fetch(url)).status).toBe(403)
  await simulator.control.expireAccessTokens()
  api = apiOf(simulator, (await simulator.control.tokens(undefined, scopes)).accessToken)
  expect((await fetch(present((await statusOf(id)).result))).status).toBe(200)
  const { accessToken: other } = await simulator.control.tokens(48_210_002, scopes)
  expect((await apiOf(simulator, other)('GET', `${exports}/${id}`)).status).toBe(404)
})

test('one is worked on at a time, and thirty may be asked for in a day', async () => {
  await simulator.control.set({ exportMs: 60_000, rateLimits: false, accessTokenSeconds: 1e6 })
  api = apiOf(simulator, (await simulator.control.tokens(undefined, scopes)).accessToken)
  const [first, second] = [await start(), await start()]
  expect([await stateOf(first), await stateOf(second)]).toEqual(['PROCESSING', 'ENQUEUED'])
  expect((await statusOf(second)).status).toBe('PENDING')
  await simulator.control.advanceClock(60_000)
  expect([await stateOf(first), await stateOf(second)]).toEqual(['DONE', 'PROCESSING'])
  for (let count = 2; count < 30; count++) await start()
  expect((await api('POST', `${exports}/async`, view())).status).toBe(429)
  await simulator.control.advanceClock(86_400_000)
  await start()
})

test('an export waits for an approval where the account wants one', async () => {
  await simulator.control.set({ exportsNeedApproval: true })
  const [yes, no] = [await start(), await start()]
  expect([await stateOf(yes), (await statusOf(yes)).status]).toEqual([
    'PENDING_APPROVAL',
    'PENDING',
  ])
  await simulator.control.portal().decideExport(yes, true)
  await simulator.control.portal().decideExport(no, false)
  expect([await stateOf(yes), await stateOf(no)]).toEqual(['DONE', 'CANCELED'])
  expect((await simulator.control.portal().exports()).map(({ state }) => state)).toEqual([
    'DONE',
    'CANCELED',
  ])
})

test('many rows come as an archive of several files', async () => {
  await simulator.control.set({ exportRowsPerFile: 5 })
  const file = await fetch(present((await statusOf(await start())).result))
  expect(file.headers.get('content-type')).toBe('application/zip')
  const texts = unzipped(Buffer.from(await file.arrayBuffer()))
  expect(texts.map(text => parse(text, { columns: true }).length)).toEqual([5, 5, 2])
})

test('what cannot be exported is refused', async () => {
  const refusal = async (changes: object) =>
    (await api('POST', `${exports}/async`, view(changes))).status
  expect(await refusal({ objectType: 'nonsense' })).toBe(400)
  expect(await refusal({ objectProperties: ['nonsense'] })).toBe(400)
  expect(await refusal({ exportType: 'LIST', listId: '1' })).toBe(400)
  expect(await refusal({ format: 'XLSX' })).toBe(400)
  expect(await refusal({ objectType: 'COMPANY' })).toBe(403)
  const { accessToken: other } = await simulator.control.tokens()
  expect((await apiOf(simulator, other)('POST', `${exports}/async`, view())).status).toBe(403)
})

/** The files of an archive, by its local headers. */
function unzipped(archive: Buffer): string[] {
  const texts: string[] = []
  for (let at = 0; archive.readUInt32LE(at) === 0x04034b50;) {
    const from = at + 30 + archive.readUInt16LE(at + 26) + archive.readUInt16LE(at + 28)
    at = from + archive.readUInt32LE(at + 18)
    texts.push(inflateRawSync(archive.subarray(from, at)).toString())
  }
  return texts
}
