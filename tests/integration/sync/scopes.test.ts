import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Quota } from '#shared/contracts/insight'
import type { Deal, Lead } from '#shared/contracts/leads'
import type { Labels, Owner, Samples } from '#shared/contracts/mapping'
import { optionalScopes, requiredScopes } from '#shared/hubspot/scopes'
import labelsGet from '../../../server/api/v1/integrations/hubspot/labels.get'
import ownersGet from '../../../server/api/v1/integrations/hubspot/owners.get'
import quotaGet from '../../../server/api/v1/integrations/hubspot/quota.get'
import samplesGet from '../../../server/api/v1/integrations/hubspot/samples/[object].get'
import { systemActor } from '../../../server/database/audit'
import { aConnectedPartner, type ConnectedPartner } from '../../support/connected'
import { mountRoutes, type CallAs } from '../../support/mount-routes'
import { patience, runsOf, startWorld, type SyncWorld } from './world'
import { aUser } from '../../support/users'

let world: SyncWorld
let partner: ConnectedPartner
let http: Awaited<ReturnType<typeof mountRoutes>>
let call: CallAs
let member: CallAs
const base = '/api/v1/integrations/hubspot'

/** A call that each scope is asked for: HubSpot wants every one to be used. */
const usedBy: Record<
  (typeof requiredScopes | typeof optionalScopes)[number],
  { method: string; path: RegExp }
> = {
  oauth: { method: 'GET', path: /\/account-info\// },
  'crm.objects.contacts.read': { method: 'GET', path: /\/crm\/objects\/[^/]+\/contacts$/ },
  'crm.objects.contacts.write': {
    method: 'POST',
    path: /\/crm\/objects\/[^/]+\/contacts\/batch\/(create|update)$/,
  },
  'crm.objects.deals.read': { method: 'GET', path: /\/crm\/objects\/[^/]+\/deals$/ },
  'crm.objects.deals.write': {
    method: 'POST',
    path: /\/crm\/objects\/[^/]+\/deals\/batch\/(create|update)$/,
  },
  'crm.schemas.contacts.read': { method: 'GET', path: /\/crm\/properties\/[^/]+\/contacts$/ },
  'crm.schemas.deals.read': { method: 'GET', path: /\/crm\/properties\/[^/]+\/deals$/ },
  'crm.objects.owners.read': { method: 'GET', path: /\/crm\/owners\// },
}

beforeAll(async () => {
  world = await startWorld({ contacts: 40, deals: 10, settings: { rateLimits: true } })
  partner = await aConnectedPartner(world.services)
  await runsOf(world.services, partner.partnerId).ended('succeeded')
  const { name } = (await world.collections.partners.findOne({ _id: partner.partnerId })) ?? {
    name: '',
  }
  await aUser(world.services.database.collections, {
    partnerName: name,
    email: 'scopes-member@example.test',
    password: partner.password,
    role: 'member',
  })
  http = await mountRoutes(world.services, [
    { method: 'GET', path: `${base}/labels`, handler: labelsGet },
    { method: 'GET', path: `${base}/owners`, handler: ownersGet },
    { method: 'GET', path: `${base}/quota`, handler: quotaGet },
    { method: 'GET', path: `${base}/samples/:object`, handler: samplesGet },
  ])
  await world.control.portal(Number(partner.portalId)).setOwner('41629780', { archived: true })
  call = await http.as(partner.email, partner.password)
  member = await http.as('scopes-member@example.test', partner.password)
})
afterAll(async () => {
  await http.close()
  await world.stop()
})

describe('owners', () => {
  it('have names, asked for once, and records name theirs', async () => {
    const [first, second] = await Promise.all([
      member<{ owners: Owner[] }>('GET', `${base}/owners`),
      member<{ owners: Owner[] }>('GET', `${base}/owners`),
    ])
    // Deactivated before: records keep such an owner, and its name.
    expect(first.body.owners).toContainEqual({ id: '41629780', name: 'Ingrid Solberg' })
    expect(first.body.owners).toHaveLength(3)
    expect(second.body).toEqual(first.body)
    await call('GET', `${base}/owners`)
    // Two requests: those whose user is active, and those whose user is not any more.
    expect((await world.control.calls({ path: '/crm/owners/' })).length).toBeLessThanOrEqual(4)
    const ids = new Set(first.body.owners.map(owner => owner.id))
    const leads: Lead[] = (
      await world.services.leads.list(partner.partnerId, { limit: 100, sort: '-updatedAt' })
    ).items
    const deals: Deal[] = (
      await world.services.deals.list(partner.partnerId, { sort: '-updatedAt', limit: 100 })
    ).items
    for (const records of [leads, deals]) {
      const owned = records.flatMap(record => record.hubspotOwnerId ?? [])
      expect(owned.length).toBeGreaterThan(0)
      expect(owned.every(id => ids.has(id))).toBe(true)
    }
  })
})

describe("HubSpot's words", () => {
  it('name what is mapped: properties, their options, and the stages of every pipeline', async () => {
    const portal = world.control.portal()
    await portal.setProperty('contacts', {
      name: 'lifecyclestage',
      options: [
        {
          label: 'Ready for sales',
          value: 'salesqualifiedlead',
          description: '',
          hidden: false,
          displayOrder: 0,
        },
        { label: 'Former', value: 'old', description: '', hidden: true, displayOrder: 1 },
      ],
    })
    // What a run has read counts for a minute.
    await world.collections.schemaCache.deleteMany({})
    const { status, body } = await member<Labels>('GET', `${base}/labels`)
    expect(status).toBe(200)
    const { fields } = await world.services.mapping.fieldMapping(partner.partnerId)
    expect(body.fields.map(({ object, field, property }) => [object, field, property])).toEqual(
      fields.map(({ object, field, property }) => [object, field, property]),
    )
    expect(body.fields.find(({ field }) => field === 'phone')).toEqual({
      object: 'lead',
      field: 'phone',
      property: 'phone',
      label: 'Phone Number',
      editable: true,
      paused: null,
      options: [],
    })
    expect(body.fields.find(({ field }) => field === 'lifecycleStage')?.options).toEqual([
      { label: 'Ready for sales', value: 'salesqualifiedlead', hidden: false },
      { label: 'Former', value: 'old', hidden: true },
    ])
    const pipelines = await portal.pipelines()
    expect(body.stages).toEqual(
      pipelines.flatMap(pipeline =>
        pipeline.stages.map(stage => ({
          pipelineId: pipeline.id,
          pipeline: pipeline.label,
          stageId: stage.id,
          label: stage.label,
        })),
      ),
    )
  })
})

describe('sample values', () => {
  it('come from linked records, or from HubSpot where nothing was read yet; admins only', async () => {
    const before = (await world.control.calls({ path: '/contacts/batch/read' })).length
    const { body } = await call<Samples>(
      'GET',
      `${base}/samples/contacts?properties=firstname,email,no_such_property`,
    )
    expect(Object.keys(body.samples).sort()).toEqual(['email', 'firstname'])
    expect(body.samples.firstname?.length).toBe(3)
    expect(new Set(body.samples.email).size).toBe(3)
    expect((await world.control.calls({ path: '/contacts/batch/read' })).length).toBe(before)
    expect(
      (await call<Samples>('GET', `${base}/samples/contacts?properties=createdate`)).body.samples
        .createdate?.length,
    ).toBeGreaterThan(0)
    expect(
      (await call<Samples>('GET', `${base}/samples/deals?properties=dealname`)).body.samples
        .dealname?.length,
    ).toBe(3)
    expect((await member('GET', `${base}/samples/contacts?properties=email`)).status).toBe(403)
    for (const query of [
      '',
      '?properties=',
      '?properties=A',
      '?properties=a,%24ne',
      `?properties=${'a,'.repeat(100)}a`,
    ])
      expect((await call('GET', `${base}/samples/contacts${query}`)).status).toBe(422)
    expect((await call('GET', `${base}/samples/companies?properties=name`)).status).toBe(404)
  })
})

describe('the quota', () => {
  it("says what is left by our count and by HubSpot's last answer", async () => {
    await expect
      .poll(async () => (await call<Quota>('GET', `${base}/quota`)).body.reported?.limit, patience)
      .toBe(110)
    const { body } = await call<Quota>('GET', `${base}/quota`)
    expect(body).toMatchObject({
      tenSeconds: { limit: 1000, pausedUntil: null },
      searches: { limit: 100 },
      daily: null,
    })
    expect(body.reported?.remaining).toBeLessThan(110)
    await world.services.pacing.acquire(partner.portalId, 'general')
    const used = (await call<Quota>('GET', `${base}/quota`)).body
    expect(used.tenSeconds.remaining).toBeLessThan(used.tenSeconds.limit)
    await world.services.pacing.pause(partner.portalId, 'general', 60_000)
    expect((await call<Quota>('GET', `${base}/quota`)).body.tenSeconds.pausedUntil).not.toBeNull()
    await world.collections.pace.deleteMany({})
    expect((await member('GET', `${base}/quota`)).status).toBe(403)
  })

  it('of a day is shown where HubSpot sends one', async () => {
    const headers = new Headers({
      'x-hubspot-ratelimit-max': '190',
      'x-hubspot-ratelimit-remaining': '180',
      'x-hubspot-ratelimit-daily': '250000',
      'x-hubspot-ratelimit-daily-remaining': '249000',
    })
    await world.services.pacing.acquire('777', 'general')
    world.services.quota.report('777', headers)
    await expect
      .poll(async () => (await world.services.quota.read('777')).daily, patience)
      .toMatchObject({ limit: 250_000, remaining: 249_000 })
    world.services.quota.report(
      '778',
      new Headers({ 'x-hubspot-ratelimit-max': 'many', 'x-hubspot-ratelimit-remaining': '-1' }),
    )
    expect((await world.services.quota.read('778')).reported).toBeNull()
  })
})

it('every scope that is asked for is used', async () => {
  await world.services.connection.updateSettings(
    partner.partnerId,
    { writeBack: true },
    systemActor,
  )
  const lead = await world.services.leads.create(partner.partnerId, {
    email: 'scopes@example.test',
  })
  await world.services.deals.create(partner.partnerId, { name: 'Scopes', leadIds: [lead.id] })
  await Promise.all(
    (['contacts', 'deals'] as const).map(type =>
      world.services.mapping.properties(partner.partnerId, type),
    ),
  )
  const unused = async () => {
    const calls = await world.control.calls({ limit: 10_000 })
    return Object.entries(usedBy)
      .filter(
        ([, { method, path }]) =>
          !calls.some(made => made.method === method && path.test(made.path)),
      )
      .map(([scope]) => scope)
  }
  expect(Object.keys(usedBy).sort()).toEqual([...requiredScopes, ...optionalScopes].sort())
  await expect.poll(unused, patience).toEqual([])
})
