import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Preview } from '#shared/contracts/insight'
import type { Connection } from '#shared/contracts/connection'
import type { Lead } from '#shared/contracts/leads'
import type { ScopeSaved, ScopeView } from '#shared/contracts/scope'
import { listScope, optionalScopes } from '#shared/hubspot/scopes'
import { systemActor } from '../../../server/database/audit'
import { allRoutes } from '../../support/all-routes'
import { createClient, type Client } from '../../support/client'
import { connectPartner, type ConnectedPartner } from '../../support/connected'
import { mountRoutes, type CallAs } from '../../support/mount-routes'
import { aUser } from '../../support/users'
import { signDelivery, webhookEvent } from '../../support/webhooks'
import { mainPortalId } from '../../../simulator/control-client'
import { patience, runsOf, startWorld, type SyncWorld } from './world'

const base = '/api/v1/integrations/hubspot'
const withLists = [...optionalScopes, listScope]
/** Stands in every value of contacts and deals that are never inside */
const canary = 'outsidecanary'
const [contactCount, dealCount] = [30, 12]

let world: SyncWorld
let partner: ConnectedPartner
let http: Awaited<ReturnType<typeof mountRoutes>>
let admin: CallAs
let client: Client
let listId: string
let onList: string[]
let dealOutside: string

const portal = () => world.control.portal()
const runs = () => runsOf(world.services, partner.partnerId)
const connection = async () => (await admin<Connection>('GET', base)).body
const put = (scope: object) => admin<ScopeSaved>('PUT', `${base}/scope`, scope)
const leadOf = async (hubspotId: string) =>
  await world.collections.leads.findOne({
    partner_id: partner.partnerId,
    hubspot_id: hubspotId,
  })
async function settled(): Promise<void> {
  await vi.waitFor(async () => {
    await runs().ended('succeeded')
    const { body } = await admin<ScopeView>('GET', `${base}/scope`)
    if (body.applying) throw new Error('The scope is still being applied')
  }, patience)
}

/** HubSpot says that a contact changed. */
let eventId = 0
async function hint(hubspotId: string): Promise<void> {
  const { clientSecret, webhookUrl } = world.services.configuration.hubspot
  const delivery = signDelivery(webhookUrl, clientSecret, [
    webhookEvent(++eventId, {
      objectId: Number(hubspotId),
      occurredAt: Date.now(),
      propertyValue: canary,
    }),
  ])
  await world.services.webhooks.accept({
    ...delivery,
    method: 'POST',
    body: Buffer.from(delivery.body),
  })
}

beforeAll(async () => {
  world = await startWorld({
    contacts: contactCount,
    deals: dealCount,
    settings: { searchLagMs: 0 },
  })
  const email = 'first-scope@partner.test'
  const password = 'a long enough password'
  const ids = await aUser(world.collections, {
    partnerName: 'First scope',
    email,
    password,
    role: 'admin',
  })
  partner = { ...ids, portalId: String(mainPortalId), email, password }
  onList = (await portal().list('contacts', 10)).map(({ id }) => id)
  ;({ listId } = await portal().addList({ name: 'Partners', members: onList }))
  const outside = await portal().create('contacts', {
    email: `${canary}@example.com`,
    firstname: canary,
    lastname: canary,
    company: canary,
    phone: canary,
  })
  const other = (await portal().pipelines()).find(({ id }) => id !== 'default')
  const deal = await portal().create(
    'deals',
    { dealname: canary, pipeline: other?.id ?? '', dealstage: other?.stages[0]?.id ?? '' },
    { associations: [outside.id] },
  )
  dealOutside = deal.id
  http = await mountRoutes(world.services, await allRoutes())
  admin = await http.as(email, password)
  client = createClient(http.url)
  await client.signIn(email, password)
  await connectPartner(world.services, partner, withLists, { chooseScope: true })
})
afterAll(async () => {
  await http.close()
  await world.stop()
})

describe('an account whose records are chosen before the first import', () => {
  test('is connected, and nothing of it is read', async () => {
    const { status, paused, waitsForScope, pausedBy, summary } = await connection()
    expect({ status, paused, waitsForScope, pausedBy }).toEqual({
      status: 'connected',
      paused: true,
      waitsForScope: true,
      pausedBy: { id: partner.userId.toHexString(), email: partner.email },
    })
    expect(summary).toMatchObject({
      state: 'paused',
      message: expect.stringContaining('Nothing is read'),
    })
    expect((await admin('POST', `${base}/sync`, {})).status).toBe(409)
    await hint(onList[0] ?? '')
    expect(await world.collections.syncRuns.countDocuments()).toBe(0)
    expect(await world.collections.leads.countDocuments()).toBe(0)
    expect(await world.control.calls({ path: '/crm/objects' })).toEqual([])
  })

  test('goes on waiting when it is connected once more, to allow lists for example', async () => {
    await connectPartner(world.services, partner, withLists, { chooseScope: true })
    expect((await connection()).waitsForScope).toBe(true)
    expect(await world.collections.syncRuns.countDocuments()).toBe(0)
  })

  test('is previewed before anything is imported', async () => {
    const { status, body } = await admin<Preview>('POST', `${base}/preview`)
    expect(status).toBe(200)
    expect(body.contacts.inbound.create).toBe(contactCount + 1)
    expect(await world.collections.leads.countDocuments()).toBe(0)
  })

  test('says how many records a scope means, and begins with what is inside once it is saved', async () => {
    const scope = { contacts: { listIds: [listId] }, deals: { pipelineIds: ['default'] } }
    const { body } = await admin<ScopeSaved>('POST', `${base}/scope/preview`, scope)
    expect(body.counts.contacts).toEqual({ inside: 10, outside: contactCount + 1 - 10 })
    expect((await connection()).waitsForScope).toBe(true)
    expect((await put(scope)).status).toBe(200)
    expect(await connection()).toMatchObject({ paused: false, waitsForScope: false })
    await settled()
    expect(await world.collections.syncRuns.findOne({}, { sort: { _id: 1 } })).toMatchObject({
      kind: 'initial',
    })
    const leads = await world.collections.leads.find().toArray()
    expect(leads.map(lead => lead.hubspot_id).sort()).toEqual([...onList].sort())
  })

  test('keeps records that were never inside out of every collection, log, answer and export', async () => {
    const [deal] = await portal().find('deals', 'pipeline', 'default')
    const [person] = await portal().find('contacts', 'firstname', canary)
    // An outsider belongs to a deal that is inside, changes, and is told about.
    await portal().associate(person?.id ?? '', deal?.id ?? '')
    await portal().edit('contacts', person?.id ?? '', { jobtitle: canary })
    await hint(person?.id ?? '')
    await vi.waitFor(async () => {
      const pending = await world.collections.webhookEvents.countDocuments({ status: 'pending' })
      if (pending > 0) throw new Error('An event waits')
    }, patience)
    await admin('POST', `${base}/sync`, { kind: 'reconcile' })
    await runs().ended('succeeded')
    await admin('POST', `${base}/preview`)

    for (const collection of await world.services.database.db.collections())
      expect(
        JSON.stringify(await collection.find({}).toArray()),
        collection.collectionName,
      ).not.toContain(canary)
    expect(world.logged.join('')).not.toContain(canary)

    const pages = (await allRoutes())
      .filter(({ method, path }) => method === 'GET' && !/:|\/(events|callback)$/.test(path))
      .map(({ path }) => path)
    const { items } = (await admin<{ items: { id: string }[] }>('GET', `${base}/runs`)).body
    const asked = [
      ...pages,
      ...items.map(({ id }) => `${base}/runs/${id}/results`),
      `${base}/samples/contacts?properties=firstname,company`,
      `${base}/explain?q=${person?.id}`,
      `${base}/explain?q=${dealOutside}`,
    ]
    expect(pages).toEqual(
      expect.arrayContaining(['/api/v1/leads/export', '/api/v1/deals', '/api/v1/notices']),
    )
    for (const path of asked)
      expect((await client.get(path)).text.toLowerCase(), path).not.toContain(canary)
    const sheet = await client.get('/api/v1/leads/export')
    expect(sheet.status).toBe(200)
    expect(sheet.text).toContain(`,${onList[0]},`)
  })
})

describe('a contact that changes in HubSpot', () => {
  test('stops by itself once it left the list, and comes back with the edits of both sides', async () => {
    const id = onList[1] ?? ''
    const before = await leadOf(id)
    await world.services.connection.updateSettings(
      partner.partnerId,
      { writeBack: true },
      systemActor,
    )
    await portal().editList(listId, { remove: [id] })
    await portal().edit('contacts', id, { company: 'Changed outside' })
    await hint(id)
    await vi.waitFor(async () => {
      expect((await leadOf(id))?.sync).toMatchObject({
        state: 'out_of_scope',
        scope: { rule: 'list', message: "Left the list 'Partners'." },
      })
    }, patience)
    expect((await leadOf(id))?.values).toEqual(before?.values)

    const edited = await admin<Lead>('PATCH', `/api/v1/leads/${before?._id.toHexString()}`, {
      firstName: 'Edited meanwhile',
    })
    expect(edited.body.sync.state).toBe('out_of_scope')
    await portal().editList(listId, { add: [id] })
    await portal().edit('contacts', id, { jobtitle: 'Back again' })
    await hint(id)
    await vi.waitFor(async () => {
      const back = await leadOf(id)
      expect(back?.sync).toMatchObject({ state: 'in_sync', scope: null })
      expect(back?.values).toMatchObject({
        company: 'Changed outside',
        jobTitle: 'Back again',
        firstName: 'Edited meanwhile',
      })
      expect((await portal().get('contacts', id)).properties.firstname).toBe('Edited meanwhile')
    }, patience)
  })
})

describe('another account', () => {
  const otherPortal = '48210002'

  test('that was asked about first is chosen from first as well', async () => {
    const other = { ...partner, portalId: otherPortal }
    await expect(
      connectPartner(world.services, other, withLists, { chooseScope: true }),
    ).rejects.toThrow('portal_changed')
    await connectPartner(world.services, other, withLists, { confirmPortalChange: true })
    expect(await connection()).toMatchObject({ portalId: otherPortal, waitsForScope: true })
  })

  test('is imported whole when an admin resumes instead of choosing', async () => {
    const { body } = await admin<Connection>('PATCH', `${base}/settings`, { paused: false })
    expect(body).toMatchObject({ paused: false, waitsForScope: false })
    await vi.waitFor(async () => {
      const run = await world.collections.syncRuns.findOne({ portal_id: otherPortal })
      expect(run).toMatchObject({ kind: 'initial', status: 'succeeded' })
    }, patience)
  })
})
