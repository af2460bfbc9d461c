import { BSON, ObjectId } from 'mongodb'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type {
  ContactLists,
  Scope,
  ScopeRehearsal,
  ScopeSaved,
  ScopeView,
} from '#shared/contracts/scope'
import { listScope, optionalScopes } from '#shared/hubspot/scopes'
import listsGet from '../../../server/api/v1/integrations/hubspot/lists.get'
import scopeGet from '../../../server/api/v1/integrations/hubspot/scope/index.get'
import scopePut from '../../../server/api/v1/integrations/hubspot/scope/index.put'
import scopeRehearsal from '../../../server/api/v1/integrations/hubspot/scope/rehearsal.post'
import scopePreview from '../../../server/api/v1/integrations/hubspot/scope/preview.post'
import { systemActor } from '../../../server/database/audit'
import { aConnectedPartner, connectPartner, type ConnectedPartner } from '../../support/connected'
import { mountRoutes, type CallAs } from '../../support/mount-routes'
import { aUser } from '../../support/users'
import { patience, runsOf, startWorld, type SyncWorld } from './world'

const base = '/api/v1/integrations/hubspot'
const withLists = [...optionalScopes, listScope]
const whole = { contacts: {}, deals: {} }
const canary = 'canary-outside'
type Problem = { message: string; data: { code: string; issues: { path: string }[] } }

let world: SyncWorld
let partner: ConnectedPartner
let http: Awaited<ReturnType<typeof mountRoutes>>
let admin: CallAs
let member: CallAs
let listId: string
let onList: string[]

const runs = () => runsOf(world.services, partner.partnerId)
const portal = () => world.control.portal()
const leads = () => world.services.leads
const put = (scope: object) => admin<ScopeSaved & Problem>('PUT', `${base}/scope`, scope)
const leadOf = async (hubspotId: string) =>
  await world.collections.leads.findOne({
    partner_id: partner.partnerId,
    portal_id: partner.portalId,
    hubspot_id: hubspotId,
  })
const dealOf = async (hubspotId: string) =>
  await world.collections.deals.findOne({
    partner_id: partner.partnerId,
    hubspot_id: hubspotId,
  })

/** Everything that waits is worked off, and the scope reached every record. */
async function settled(): Promise<void> {
  await vi.waitFor(async () => {
    await runs().ended('succeeded')
    const { body } = await admin<ScopeView>('GET', `${base}/scope`)
    if (body.applying) throw new Error('The scope is still being applied')
  }, patience)
}

async function sync(kind?: 'reconcile'): Promise<void> {
  const { id } = await world.services.sync.requestSync(partner.partnerId, {
    trigger: 'manual',
    ...(kind ? { kind } : {}),
  })
  await vi.waitFor(async () => {
    const run = await world.collections.syncRuns.findOne({ _id: new ObjectId(id) })
    if (run?.status !== 'succeeded') throw new Error(`The run is ${run?.status}`)
  }, patience)
}

beforeAll(async () => {
  world = await startWorld({ contacts: 60, deals: 30, settings: { searchLagMs: 0 } })
  partner = await aConnectedPartner(world.services)
  await runs().ended('succeeded')
  await world.services.connection.updateSettings(
    partner.partnerId,
    { writeBack: true },
    systemActor,
  )
  const found = await world.collections.partners.findOne({ _id: partner.partnerId })
  await aUser(world.collections, {
    partnerName: found?.name ?? '',
    email: 'scope-member@example.test',
    password: partner.password,
    role: 'member',
  })
  http = await mountRoutes(world.services, [
    { method: 'GET', path: `${base}/scope`, handler: scopeGet },
    { method: 'PUT', path: `${base}/scope`, handler: scopePut },
    { method: 'POST', path: `${base}/scope/preview`, handler: scopePreview },
    { method: 'POST', path: `${base}/scope/rehearsal`, handler: scopeRehearsal },
    { method: 'GET', path: `${base}/lists`, handler: listsGet },
  ])
  admin = await http.as(partner.email, partner.password)
  member = await http.as('scope-member@example.test', partner.password)
  const contacts = await portal().list('contacts', 60)
  onList = contacts.slice(0, 10).map(contact => contact.id)
  ;({ listId } = await portal().addList({ name: 'Selected', members: onList }))
})
afterAll(async () => {
  await http.close()
  await world.stop()
})

describe('the routes', () => {
  test('answer a scope that is empty before one is chosen, to members as well', async () => {
    const { status, body } = await member<ScopeView>('GET', `${base}/scope`)
    expect(status).toBe(200)
    expect(body).toEqual({
      contacts: { lifecycleStages: [], ownerIds: [], listIds: [], createdAfter: null },
      deals: { pipelineIds: [], ownerIds: [], createdAfter: null },
      applying: false,
    } satisfies Scope & { applying: boolean })
    expect((await member('PUT', `${base}/scope`, whole)).status).toBe(403)
    expect((await member('POST', `${base}/scope/preview`, whole)).status).toBe(403)
  })

  test('refuse ids that HubSpot does not have, and name them', async () => {
    const answer = await put({
      contacts: { lifecycleStages: ['nope'], ownerIds: ['1'] },
      deals: { pipelineIds: ['gone'] },
    })
    expect(answer.status).toBe(422)
    expect(answer.body.data.issues.map(({ path }) => path)).toEqual([
      'contacts.lifecycleStages',
      'contacts.ownerIds',
      'deals.pipelineIds',
    ])
    expect((await put({ contacts: { createdAfter: 'yesterday' } })).status).toBe(422)
    expect((await put({ contacts: { unknown: [] } })).status).toBe(422)
  })

  test('refuse lists until HubSpot allows to read them', async () => {
    expect((await admin<ContactLists>('GET', `${base}/lists`)).body).toEqual({
      allowed: false,
      lists: [],
    })
    const refused = await put({ contacts: { listIds: [listId] } })
    expect(refused.status).toBe(409)
    expect(refused.body.data.code).toBe('permission_missing')
    expect(refused.body.message).toContain('crm.lists.read')
    await connectPartner(world.services, partner, withLists)
    await runs().ended('succeeded')
    const { body } = await admin<ContactLists>('GET', `${base}/lists`)
    expect(body.allowed).toBe(true)
    expect(body.lists).toContainEqual({ id: listId, name: 'Selected', size: 10 })
    const unknown = await put({ contacts: { listIds: ['99'] } })
    expect(unknown.status).toBe(422)
    expect(unknown.body.data.issues[0]?.path).toBe('contacts.listIds')
  })

  test('count before saving: by two searches a kind, or by the size of the list', async () => {
    await world.control.clearCalls()
    const { body } = await admin<ScopeSaved>('POST', `${base}/scope/preview`, {
      contacts: { lifecycleStages: ['customer'] },
      deals: { pipelineIds: ['default'] },
    })
    const customers = await portal().find('contacts', 'lifecyclestage', 'customer')
    expect(body.counts.contacts).toEqual({
      inside: customers.length,
      outside: 60 - customers.length,
    })
    expect(body.basis).toEqual({ contacts: 'search', deals: 'search' })
    expect((await world.control.calls({ path: '/search' })).length).toBe(4)
    const lists = await admin<ScopeSaved>('POST', `${base}/scope/preview`, {
      contacts: { listIds: [listId] },
      deals: {},
    })
    expect(lists.body.counts.contacts).toEqual({ inside: 10, outside: 50 })
    expect(lists.body.basis).toEqual({ contacts: 'list_size', deals: 'all' })
    const both = await admin<ScopeSaved>('POST', `${base}/scope/preview`, {
      contacts: { listIds: [listId], lifecycleStages: ['customer'] },
    })
    expect(both.body.basis.contacts).toBe('members')
    expect(both.body.counts.contacts.inside).toBe(
      customers.filter(({ id }) => onList.includes(id)).length,
    )
    expect((await admin<ScopeView>('GET', `${base}/scope`)).body.contacts.listIds).toEqual([])
  })
})

describe('a rehearsal', () => {
  const stored = async () =>
    BSON.EJSON.stringify(
      await Promise.all(
        [world.collections.leads, world.collections.deals, world.collections.syncScopes].map(one =>
          one.find({}).sort({ _id: 1 }).toArray(),
        ),
      ),
    )
  const rehearse = async (scope: object) =>
    (await admin<ScopeRehearsal>('POST', `${base}/scope/rehearsal`, scope)).body

  test('names who would leave, of those that are stored, and writes nothing', async () => {
    const before = await stored()
    await world.control.clearCalls()
    const same = await rehearse(whole)
    expect(same).toEqual({ examined: { leads: 60, deals: 30 }, complete: true, sentences: [] })
    const customers = await portal().find('contacts', 'lifecyclestage', 'customer')
    const { sentences } = await rehearse({
      contacts: { lifecycleStages: ['customer'] },
      deals: { pipelineIds: ['default'] },
    })
    const leaving = sentences.find(({ object }) => object === 'lead')
    expect(leaving).toMatchObject({
      effect: 'leaves',
      rule: 'lifecycle_stage',
      count: 60 - customers.length,
      message: `${60 - customers.length} leads would leave the scope: in another lifecycle stage.`,
    })
    expect(leaving?.records).toHaveLength(10)
    expect(leaving).toMatchObject({ recent: 0, byHand: null })
    expect(await world.control.calls({ path: '/crm/' })).toEqual([])
    const listed = await rehearse({ contacts: { listIds: [listId] } })
    expect(listed.sentences).toMatchObject([{ effect: 'leaves', rule: 'list', count: 50 }])
    // The ids on the list, and no record.
    const calls = await world.control.calls({ path: '/crm/' })
    expect(calls.every(({ path }) => path.endsWith('/memberships'))).toBe(true)
    expect(await stored()).toBe(before)
  })

  test('says how many of them changed in the last thirty days, and who changed them by hand', async () => {
    const by = { id: partner.userId, email: partner.email }
    const ids = (await portal().find('contacts', 'lifecyclestage', 'lead')).map(({ id }) => id)
    const edited = await world.collections.leads
      .find({ partner_id: partner.partnerId, hubspot_id: { $in: ids } })
      .limit(2)
      .toArray()
    expect(edited).toHaveLength(2)
    for (const { _id } of edited)
      await leads().patch(partner.partnerId, _id.toHexString(), { jobTitle: 'Edited' }, by)
    // Longer ago than what is played again.
    await world.collections.leads.updateOne(
      { _id: edited[1]?._id },
      { $set: { 'history.$[].at': new Date(Date.now() - 31 * 24 * 60 * 60 * 1000) } },
    )
    const { sentences } = await rehearse({ contacts: { lifecycleStages: ['customer'] } })
    expect(sentences).toMatchObject([
      {
        effect: 'leaves',
        recent: 1,
        message: expect.stringContaining('In the last 30 days 1 of them changed;'),
        byHand: expect.stringMatching(/^Changed here by hand: 1 by .+, last on \w+day \d+ \w+\.$/),
      },
    ])
    await settled()
  })

  test('is for admins, and refuses what is no scope', async () => {
    expect((await member('POST', `${base}/scope/rehearsal`, whole)).status).toBe(403)
    expect((await admin('POST', `${base}/scope/rehearsal`, { contacts: { x: 1 } })).status).toBe(
      422,
    )
  })
})

describe('narrowed to one list', () => {
  const outsider = () => portal().list('contacts', 60)

  test('the others stop, lose nothing and say why', async () => {
    const before = await world.collections.leads.find({ partner_id: partner.partnerId }).toArray()
    const saved = await put({ contacts: { listIds: [listId] } })
    expect(saved.status).toBe(200)
    expect(saved.body).toMatchObject({
      applying: true,
      counts: { contacts: { inside: 10, outside: 50 } },
    })
    await settled()
    const after = await world.collections.leads.find({ partner_id: partner.partnerId }).toArray()
    expect(after.length).toBe(before.length)
    const outside = after.filter(lead => lead.sync.state === 'out_of_scope')
    expect(outside.length).toBe(50)
    for (const lead of outside) {
      expect(lead.values).toEqual(before.find(one => one._id.equals(lead._id))?.values)
      expect(lead.dirty).toBe(false)
    }
    const list = await leads().list(partner.partnerId, {
      syncState: 'out_of_scope',
      limit: 5,
      sort: '-updatedAt',
    })
    expect(list.items[0]?.sync).toMatchObject({
      state: 'out_of_scope',
      outOfScope: { rule: 'list', message: "Is not on the list 'Selected'." },
    })
    expect(list.total ?? 50).toBe(50)
  })

  test('a change in HubSpot stays there, one made here waits and is merged when it comes back', async () => {
    const [contact] = (await outsider()).filter(({ id }) => !onList.includes(id))
    const id = contact?.id ?? ''
    const ours = await leadOf(id)
    await portal().edit('contacts', id, { company: 'Changed outside' })
    const edited = await leads().patch(partner.partnerId, ours?._id.toHexString() ?? '', {
      firstName: 'Edited here',
    })
    expect(edited.sync.state).toBe('out_of_scope')
    const { body } = await admin<ScopeRehearsal>('POST', `${base}/scope/rehearsal`, whole)
    expect(body.sentences).toMatchObject([{ effect: 'enters', count: 50, waiting: 1 }])
    await sync()
    expect((await leadOf(id))?.values.company).toBe(ours?.values.company)
    expect((await portal().get('contacts', id)).properties.firstname).not.toBe('Edited here')
    await portal().editList(listId, { add: [id] })
    await sync()
    await vi.waitFor(async () => {
      const back = await leadOf(id)
      expect(back?.sync.state).toBe('in_sync')
      expect(back?.values).toMatchObject({ company: 'Changed outside', firstName: 'Edited here' })
      expect((await portal().get('contacts', id)).properties.firstname).toBe('Edited here')
    }, patience)
  })

  test('one that is taken from the list says that it left it', async () => {
    const id = onList[0] ?? ''
    await portal().editList(listId, { remove: [id] })
    await sync()
    expect((await leadOf(id))?.sync.scope).toMatchObject({
      rule: 'list',
      message: "Left the list 'Selected'.",
    })
    await portal().editList(listId, { add: [id] })
    await sync()
    expect((await leadOf(id))?.sync).toMatchObject({ state: 'in_sync', scope: null })
  })

  test('a contact that was never inside is stored nowhere', async () => {
    const made = await portal().create('contacts', {
      email: `${canary}@example.com`,
      firstname: canary,
    })
    await sync()
    await sync('reconcile')
    const { db } = world.services.database
    for (const { name } of await db.listCollections().toArray())
      for await (const document of db.collection(name).find())
        expect(JSON.stringify(document), name).not.toContain(canary)
    expect(await leadOf(made.id)).toBeNull()
  })

  test('a lead made here with its address waits, and takes nothing of it', async () => {
    const made = await leads().create(partner.partnerId, { email: `${canary}@example.com` })
    await vi.waitFor(async () => {
      const lead = await leads().get(partner.partnerId, made.id)
      expect(lead.sync.state).toBe('out_of_scope')
      expect(lead).toMatchObject({ firstName: null, hubspotId: null })
    }, patience)
    const [contact] = await portal().find('contacts', 'email', `${canary}@example.com`)
    await portal().editList(listId, { add: [contact?.id ?? ''] })
    // A run that was under way when the list changed may have read it before.
    await vi.waitFor(async () => {
      await sync()
      expect(await leads().get(partner.partnerId, made.id)).toMatchObject({
        firstName: canary,
        hubspotId: contact?.id,
        sync: { state: 'in_sync' },
      })
    }, patience)
  })

  test('a kill in the middle of a change goes on from its page, and nothing is lost', async () => {
    const release = world.hold(url => !/\/crm\/objects\/[^/]+\/deals$/.test(url.pathname))
    await put({ contacts: { listIds: [listId], lifecycleStages: ['customer'] } })
    await vi.waitFor(async () => {
      const run = await world.collections.syncRuns.findOne({
        partner_id: partner.partnerId,
        active: true,
      })
      expect(run?.checkpoint).toMatchObject({ step: 'deals' })
    }, patience)
    const other = await world.another()
    await world.services.sync.worker.stop()
    release()
    await other.sync.worker.start()
    await settled()
    const all = await world.collections.leads.find({ partner_id: partner.partnerId }).toArray()
    const inside = all.filter(lead => lead.sync.state !== 'out_of_scope')
    expect(inside.every(lead => lead.remote?.lifecyclestage === 'customer')).toBe(true)
  })

  test('widened again, everything is back as HubSpot has it', async () => {
    await put(whole)
    await settled()
    const all = await world.collections.leads.find({ partner_id: partner.partnerId }).toArray()
    expect(all.filter(lead => lead.sync.state === 'out_of_scope')).toEqual([])
    expect(all.length).toBe(61)
    for (const lead of all) {
      const contact = await portal().get('contacts', lead.hubspot_id ?? '')
      expect(lead.values.company ?? '').toBe(contact.properties.company ?? '')
    }
  })
})

describe('narrowed to one pipeline', () => {
  test('a deal that is moved to another one stops, and comes back with it', async () => {
    const pipelines = await portal().pipelines()
    const other = pipelines.find(({ id }) => id !== 'default')
    const [deal] = await portal().find('deals', 'pipeline', 'default')
    const id = deal?.id ?? ''
    await put({ deals: { pipelineIds: ['default'] } })
    await settled()
    expect((await dealOf(id))?.sync.state).toBe('in_sync')
    await portal().edit('deals', id, {
      pipeline: other?.id ?? '',
      dealstage: other?.stages[0]?.id ?? '',
      dealname: 'Moved away',
    })
    await sync()
    const moved = await dealOf(id)
    expect(moved?.sync).toMatchObject({ state: 'out_of_scope', scope: { rule: 'pipeline' } })
    expect(moved?.values.name).toBe(deal?.properties.dealname)
    await portal().edit('deals', id, {
      pipeline: 'default',
      dealstage: deal?.properties.dealstage ?? '',
    })
    await sync()
    const back = await dealOf(id)
    expect(back?.sync.state).toBe('in_sync')
    expect(back?.values.name).toBe('Moved away')
  })
})
