import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { mainPortalId } from '../../../simulator/control-client'
import type { Simulator } from '../../../simulator/index'
import { present } from '../../support/present'
import { startSimulator } from '../../support/simulator'
import { apiOf, postToken, type Answer } from './connect'
import { published } from './published-shapes'

/** The webhooks journal: subscriptions of an account, their filters, the files, and snapshots. */
let simulator: Simulator
let api: (method: string, path: string, body?: unknown) => Promise<Answer>
const journal = '/webhooks-journal/journal/2026-03'
const subscriptions = '/webhooks-journal/subscriptions/2026-03'
const scopes = [
  'developer.webhooks_journal.read',
  'developer.webhooks_journal.subscriptions.read',
  'developer.webhooks_journal.subscriptions.write',
  'developer.webhooks_journal.snapshots.read',
  'developer.webhooks_journal.snapshots.write',
]
const File = z.strictObject({
  offset: z.uuid(),
  publishedAt: z.iso.datetime(),
  journalEvents: z.array(z.looseObject({ action: z.string(), objectId: z.int() })),
})

async function appApi(wanted = scopes) {
  const answer = await postToken(simulator, {
    grant_type: 'client_credentials',
    scope: wanted.join(' '),
  })
  expect(answer.status).toBe(200)
  return apiOf(simulator, ((await answer.json()) as { access_token: string }).access_token)
}

beforeEach(async () => {
  simulator = await startSimulator({ contacts: 8, deals: 2, webhookUrl: null })
  await simulator.control.tokens()
  api = await appApi()
})
afterEach(() => simulator.stop())

const portal = () => simulator.control.portal()
const subscribe = async (changes: object = {}) => {
  const { body } = await api('POST', subscriptions, {
    subscriptionType: 'OBJECT',
    portalId: mainPortalId,
    objectTypeId: '0-1',
    actions: ['CREATE', 'UPDATE', 'DELETE'],
    properties: ['city'],
    objectIds: [],
    ...changes,
  })
  return published.journalSubscription.parse(body).id
}
const eventsOf = async (url: string) => File.parse(await (await fetch(url)).json()).journalEvents
const entryAt = async (path: string) =>
  published.journalEntry.parse((await api('GET', `${journal}/${path}`)).body)
const actions = (events: { action: string }[]) => events.map(({ action }) => action)

test('tells what a subscription of the account asks for, file by file', async () => {
  expect((await api('GET', `${journal}/earliest`)).status).toBe(204)
  await subscribe()
  const { id } = await portal().create('contacts', { firstname: 'Ada', city: 'Graz' })
  const first = await entryAt('earliest')
  expect(await eventsOf(first.url)).toMatchObject([
    { action: 'CREATE', type: 'OBJECT', objectTypeId: '0-1', objectId: Number(id) },
    { action: 'UPDATE', propertyChanges: { city: 'Graz' } },
  ])
  expect((await api('GET', `${journal}/offset/${first.currentOffset}/next`)).status).toBe(204)
  await portal().edit('contacts', id, { jobtitle: 'Not asked for' })
  await portal().create('deals', { dealname: 'Not asked for' })
  await portal().archive('contacts', id)
  await simulator.control.portal(48_210_777).create('contacts', { city: 'Another account' })
  const second = await entryAt(`offset/${first.currentOffset}/next`)
  expect(actions(await eventsOf(second.url))).toEqual(['DELETE'])
  expect((await entryAt('latest')).currentOffset).toBe(second.currentOffset)

  const offsets = [first, second].map(({ currentOffset }) => currentOffset)
  const batch = async (path: string) =>
    published.journalBatch
      .parse((await api('GET', `${journal}/batch/${path}`)).body)
      .results.map(({ currentOffset }) => currentOffset)
  expect(await batch('earliest/100')).toEqual(offsets)
  expect(await batch('latest/1')).toEqual(offsets.slice(1))
  expect(await batch(`${offsets[0]}/next/5`)).toEqual(offsets.slice(1))
  const gone = crypto.randomUUID()
  const read = await api('POST', `${journal}/batch/read`, { inputs: [offsets[0], gone] })
  expect([read.status, published.journalBatch.parse(read.body).numErrors]).toEqual([207, 1])
  const local = `${journal.replace('/journal/', '/journal-local/')}/earliest?installPortalId=`
  expect((await api('GET', `${local}${mainPortalId}`)).status).toBe(200)
  expect((await api('GET', `${local}48210777`)).status).toBe(204)
})

test('keeps three days, and a file is open for a while only', async () => {
  await subscribe()
  await portal().create('contacts', { city: 'Graz' })
  const { url } = await entryAt('earliest')
  await simulator.control.advanceClock(16 * 60_000)
  expect((await fetch(url)).status).toBe(403)
  await simulator.control.advanceClock(3 * 86_400_000)
  api = await appApi()
  expect((await api('GET', `${journal}/earliest`)).status).toBe(204)
})

test('passes over records that a filter does not let through', async () => {
  const subscriptionId = await subscribe()
  const conditions = [
    { filterType: 'CRM_OBJECT_PROPERTY', property: 'country', operator: 'EQ', value: 'Austria' },
  ]
  const { body } = await api('POST', `${subscriptions}/filters`, {
    subscriptionId,
    filter: { conditions },
  })
  const { filterId } = body as unknown as { filterId: number }
  const one = await api('GET', `${subscriptions}/filters/${filterId}`)
  expect(published.journalFilter.parse(one.body).filter.conditions).toEqual(conditions)
  const inside = await portal().create('contacts', { country: 'Austria' })
  await portal().create('contacts', { country: 'Norway' })
  const objectIds = async () =>
    (await eventsOf((await entryAt('latest')).url)).map(({ objectId }) => String(objectId))
  expect(await objectIds()).toEqual([inside.id])
  expect((await api('DELETE', `${subscriptions}/filters/${filterId}`)).status).toBe(204)
  const outside = await portal().create('contacts', { country: 'Norway' })
  expect(await objectIds()).toEqual([outside.id])
})

test('tells associations, lists and privacy deletions to those who subscribe to them', async () => {
  const [contact, deal] = [
    await portal().create('contacts', { firstname: 'Ada' }),
    await portal().create('deals', { dealname: 'Engine' }),
  ]
  await subscribe({
    subscriptionType: 'ASSOCIATION',
    actions: ['ASSOCIATION_ADDED', 'ASSOCIATION_REMOVED'],
    associatedObjectTypeIds: ['0-3'],
  })
  const list = present((await portal().lists())[0])
  await subscribe({
    subscriptionType: 'LIST_MEMBERSHIP',
    actions: ['ADDED_TO_LIST'],
    listIds: [Number(list.listId)],
  })
  await subscribe({ subscriptionType: 'GDPR_PRIVACY_DELETION', actions: ['GDPR_DELETE'] })
  await portal().associate(contact.id, deal.id)
  await portal().dissociate(contact.id, deal.id)
  await portal().editList(list.listId, { add: [contact.id] })
  await portal().editList(list.listId, { remove: [contact.id] })
  await portal().erase(contact.id)
  const events = await eventsOf((await entryAt('latest')).url)
  expect(actions(events)).toEqual([
    'ASSOCIATION_ADDED',
    'ASSOCIATION_REMOVED',
    'ADDED_TO_LIST',
    'GDPR_DELETE',
  ])
  expect(events[0]).toMatchObject({
    associatedObjectId: Number(deal.id),
    associatedObjectTypeId: '0-3',
  })
})

test('takes snapshots of records, and says how they went', async () => {
  const { id } = await portal().create('contacts', { city: 'Graz' })
  const request = (objectId: number) => ({
    portalId: mainPortalId,
    objectId,
    objectTypeId: '0-1',
    properties: ['city'],
  })
  const { body } = await api('POST', '/webhooks-journal/snapshots/2026-03/crm', {
    snapshotRequests: [request(Number(id)), request(1)],
  })
  const states = []
  for (const { snapshotStatusId } of published.snapshots.parse(body).snapshotResponses) {
    const status = await api('GET', `${journal}/status/${snapshotStatusId}`)
    states.push(published.snapshotStatus.parse(status.body).status)
  }
  expect(states).toEqual(['SUCCESS', 'FAILED'])
  const [event, ...more] = await eventsOf((await entryAt('latest')).url)
  expect([event, more]).toMatchObject([
    { action: 'SNAPSHOT', propertyChanges: { city: 'Graz' } },
    [],
  ])
})

test('subscriptions are listed, replaced and removed, and other tokens open nothing', async () => {
  const id = await subscribe()
  expect(await subscribe({ properties: ['country'] })).toBe(id)
  const listed = published.journalSubscriptions.parse((await api('GET', subscriptions)).body)
  expect(listed.results).toMatchObject([{ id, properties: ['country'] }])
  expect((await api('DELETE', `${subscriptions}/portals/${mainPortalId}`)).status).toBe(204)
  expect((await api('GET', `${subscriptions}/${id}`)).status).toBe(404)
  const body = { subscriptionType: 'OBJECT', objectTypeId: '0-1', actions: ['CREATE'] }
  const absent = await api('POST', subscriptions, { ...body, portalId: 48_210_002 })
  expect(absent.status).toBe(400)
  const reader = await appApi(scopes.slice(0, 1))
  expect((await reader('GET', subscriptions)).status).toBe(403)
  const { accessToken } = await simulator.control.tokens()
  expect((await apiOf(simulator, accessToken)('GET', `${journal}/latest`)).status).toBe(401)
  expect((await api('GET', '/crm/v3/objects/contacts')).status).toBe(401)
})
