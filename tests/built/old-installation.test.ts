import { readFileSync } from 'node:fs'
import { BSON, MongoClient, type Document, type IndexDescriptionInfo } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  startSimulatorProcess,
  type SimulatorProcess,
} from '../../modules/hubspot-simulator/process'
import { createDatabase } from '../../server/database/client'
import { createControlClient, type ControlClient } from '../../simulator/control-client'
import { createClient, type Client } from '../support/client'
import { testDatabase } from '../support/mongo'
import { present } from '../support/present'
import { startStack, type Stack } from '../support/stack'
import { until } from '../support/until'

type Shown = Record<string, unknown> & { id: string }

/**
 * The database of an installation of commit b19d0b1, written by that commit's production build: it
 * imported a simulator's records, wrote one edit to HubSpot, saw one contact archived, and was
 * stopped while HubSpot was away, with two edits and a new lead that wait. People and companies are
 * the simulator's inventions. `hubspot` says what that simulator had that a new one has not.
 */
interface OldInstallation {
  encryptionKeys: string
  simulator: { contacts: number; deals: number; seed: number }
  admin: { email: string; password: string }
  hubspot: { edited: { id: string; properties: Record<string, string> }; archived: string }
  /** What its lists showed */
  shown: { leads: Shown[]; deals: Shown[] }
  collections: Record<string, { indexes: IndexDescriptionInfo[]; documents: Document[] }>
}
const old = BSON.EJSON.parse(
  readFileSync(new URL('data/old-installation.json', import.meta.url), 'utf8'),
) as OldInstallation
const base = '/api/v1/integrations/hubspot'

describe('a new version on the database of an older one', () => {
  let simulator: SimulatorProcess
  let control: ControlClient
  let stack: Stack
  let mongo: MongoClient
  let client: Client

  beforeAll(async () => {
    const database = await testDatabase()
    mongo = await new MongoClient(database.uri).connect()
    for (const [name, { indexes, documents }] of Object.entries(old.collections)) {
      const collection = await mongo.db(database.database).createCollection(name)
      if (indexes.length > 0) await collection.createIndexes(indexes)
      if (documents.length > 0) await collection.insertMany(documents)
    }
    simulator = await startSimulatorProcess({ port: 0, ...old.simulator })
    control = createControlClient(simulator.url)
    const { edited, archived } = old.hubspot
    await control.portal().edit('contacts', edited.id, edited.properties)
    await control.portal().archive('contacts', archived)
    stack = await startStack({
      database,
      simulator,
      env: { NUXT_TOKEN_ENCRYPTION_KEYS: old.encryptionKeys, NUXT_HUBSPOT_SYNC_INTERVAL: '3600' },
    })
    client = createClient(stack.app.url)
  })
  afterAll(async () => {
    await stack.stop()
    await simulator.stop()
    await mongo.close()
  })

  const lead = (email: string) => present(old.shown.leads.find(one => one.email === email))
  const find = (field: string, value: string, list: Shown[]) =>
    present(list.find(one => one[field] === value))
  const get = async (path: string) => (await client.get(path)).json as Shown

  it('lets its people sign in with their passwords, still connected', async () => {
    expect((await client.signIn(old.admin.email, old.admin.password)).status).toBe(200)
    expect(await get(base)).toMatchObject({ status: 'connected', writeBack: true })
  })

  it('shows every record as before', async () => {
    for (const list of ['leads', 'deals'] as const) {
      const { items } = (await client.get(`/api/v1/${list}?limit=50`)).json as { items: Shown[] }
      const byId = new Map(items.map(one => [one.id, one]))
      expect(items).toHaveLength(old.shown[list].length)
      for (const { sync: _, updatedAt, revision, hubspotId, ...shown } of old.shown[list])
        expect(byId.get(shown.id)).toMatchObject(shown)
    }
  })

  it('writes to HubSpot what was left to write, and creates the new lead once', async () => {
    const company = find('company', 'Waits To Be Written', old.shown.leads)
    const deal = find('name', 'Deal that waits', old.shown.deals)
    const created = lead('new@example.com')
    const state = async (path: string, id: string) =>
      ((await get(`/api/v1/${path}/${id}`)).sync as { state: string }).state === 'in_sync'
    await until(() => state('leads', company.id), 'the edit of a lead is written')
    await until(() => state('deals', deal.id), 'the edit of a deal is written')
    await until(() => state('leads', created.id), 'the new lead is created')
    const portal = control.portal()
    expect(await portal.get('contacts', String(company.hubspotId))).toMatchObject({
      properties: { company: 'Waits To Be Written' },
    })
    expect(await portal.get('deals', String(deal.hubspotId))).toMatchObject({
      properties: { dealname: 'Deal that waits' },
    })
    expect(await portal.find('contacts', 'email', 'new@example.com')).toHaveLength(1)
  })

  it('syncs: what changes in HubSpot arrives, and nothing else', async () => {
    const [first] = old.shown.deals.filter(deal => deal.name !== 'Deal that waits')
    await control.portal().edit('deals', String(first?.hubspotId), { amount: '4711' })
    // A run that is under way is answered as it is, and may have passed the deal already.
    await until(async () => {
      const started = await client.post(`${base}/sync`)
      expect(started.status).toBe(202)
      const { runId } = started.json as { runId: string }
      await until(
        async () => (await get(`${base}/runs/${runId}`)).status === 'succeeded',
        'the sync has succeeded',
      )
      return (await get(`/api/v1/deals/${first?.id}`)).amount === '4711'
    }, 'the new amount has arrived')
    expect((await get('/api/v1/leads?limit=50')).items).toHaveLength(old.shown.leads.length)
  })

  it('has every index that a new database has', async () => {
    const fresh = await testDatabase()
    const made = createDatabase({ uri: fresh.uri, database: fresh.database })
    await made.prepare()
    const indexesOf = async (name: string) => {
      const db = mongo.db(name)
      const found: Record<string, IndexDescriptionInfo[]> = {}
      for (const collection of await db.listCollections({}, { nameOnly: true }).toArray())
        found[collection.name] = await db.collection(collection.name).indexes()
      return found
    }
    const wanted = await indexesOf(fresh.database)
    const have = await indexesOf(stack.database.database)
    await made.close()
    await fresh.drop()
    expect(Object.keys(wanted).length).toBeGreaterThan(10)
    for (const [name, indexes] of Object.entries(wanted))
      expect(have[name], name).toEqual(expect.arrayContaining(indexes))
  })
})
